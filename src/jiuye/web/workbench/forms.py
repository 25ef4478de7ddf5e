"""What can be done on a case, as forms: each with the key that opens it, the most frequent first."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from jiuye.desk import handling, incomplete, inputs
from jiuye.desk.queries import CaseFile
from jiuye.web import words
from jiuye.web.errors import Blank, Wrong
from jiuye.web.present import law

Data = dict[str, Any]
Field = tuple[str, str, str, Data]  # name, type of c-field, label, more


def of_case(file: CaseFile, found: Wrong, kept: Blank) -> list[Data]:
    """The forms of what can be done, the most frequent first; each with the key that opens it."""
    made: dict[str, Callable[[], Data]] = {
        "take": lambda: _form(_("由我来办"), _("由我来办"), "t", []),
        "evidence": lambda: _form(
            _("记下证据"), _("记下"), "e", _evidence_fields(file), files=True,
            hint=_("看到或听到了什么。证实了的情况从现在起算数，本人看得到。"),
        ),
        "ask": lambda: _form(
            _("问本人"), _("发给本人"), "a", [("text", "textarea", _("要问什么"), {})],
            hint=_("本人答复以前，时限停下来不算。"),
        ),
        "hand_over": lambda: _form(
            _("交给区里"), _("交给区里"), "h",
            [("note", "textarea", _("核实的情况和您的意见"), {})], kind="main",
        ),
        "grant": lambda: _form(
            _("拟同意"), _("拟好，交另一人签字"), "g",
            [("reason", "textarea", _("说明（可不填）"), {"optional": "1"})], kind="main",
        ),
        "refuse": lambda: _form(
            _("拟不予批准"), _("拟好，交另一人签字"), "r",
            [("reason", "textarea", _("说明（本人会看到）"), {"optional": "1"})], kind="main",
            hint=_("决定书会列出每一条没有满足的条件、依据，和怎么申请复核。"),
        ),
        "close": lambda: _form(
            _("办结复核") if file.case.about_decision_id else _("写明结果，办结"), _("办结"), "c",
            [("words", "textarea", _("复核的结论（本人会看到）") if file.case.about_decision_id
              else _("办理结果（本人会看到）"), {})], kind="main",
        ),
        "correct": lambda: _form(
            _("一次告知缺什么"), _("发给本人"), "o", _correction_fields(file), hint=_correction_hint(file),
        ),
        "suspend": lambda: _form(
            _("中止"), _("中止"), "z",
            [
                ("ground", "select", _("依据"), {"options": _grounds(handling.current().suspend)}),
                ("expected_on", "date", _("预计哪天恢复"), {}),
                ("words", "textarea", _("说明（本人会看到）"), {}),
            ],
            hint=_("两个时限都停下来，恢复以后接着算。到预计的日子会提醒您。"),
        ),
        "resume": lambda: _form(
            _("恢复办理"), _("恢复"), "z", [("words", "textarea", _("为什么可以恢复（本人会看到）"), {})],
            kind="main",
        ),
        "extend": lambda: _form(
            _("延长时限"), _("延长"), "x",
            [
                ("ground", "select", _("依据"), {"options": _grounds(handling.current().extend)}),
                ("days", "number", _("延长几个工作日"), {}),
                ("words", "textarea", _("说明（本人会看到）"), {}),
            ],
            hint=_("只能延长一次，要在法定时限到期以前。"),
        ),
        "park": lambda: _form(
            _("暂放"), _("放到那一天"), "p",
            [("until", "date", _("放到哪一天"), {}), ("reason", "text", _("为什么"), {})],
            hint=_("到那一天它自己回到“我的”里。时限照算，不能放过承诺的日子。"),
        ),
        "unpark": lambda: _form(_("接着办"), _("接着办"), "p", []),
        "give_back": lambda: _form(_("退回给大家"), _("退回给大家"), "b", []),
    }  # fmt: skip
    shown = []
    for act, make in made.items():
        if act not in file.can:
            continue
        form = make()
        form["act"], form["url"] = act, reverse("workbench:case_act", args=[file.case.pk])
        mine = kept["act"] == act
        form["open"] = mine and bool(found)
        for field in form["fields"]:
            field["id"] = f"{act}-{field['name']}"
            field["value"] = kept[field["name"]] if mine else ""
            field["error"] = found.fields[f"{act}-{field['name']}"] if mine else ""
        shown.append(form)
    return shown


def _form(
    title: str,
    button: str,
    key: str,
    fields: list[Field],
    kind: str = "primary",
    files: bool = False,
    hint: str = "",
) -> Data:
    blank: Data = {"hint": "", "options": [], "optional": "", "accept": ""}
    return {
        "title": title,
        "button": button,
        "key": key,
        "kind": kind,
        "files": files,
        "hint": hint,
        "fields": [
            {**blank, "name": name, "type": type_, "label": label, **more}
            for name, type_, label, more in fields
        ],
    }


def _grounds(rows: Iterable[handling.Ground]) -> list[Data]:
    return [{"value": one.code, "label": words.pick(one.words)} for one in rows]


def _correction_fields(file: CaseFile) -> list[Field]:
    """Materials that only people see, to be ticked; what is certain is named without asking."""
    options = [
        {"value": gap.name, "label": incomplete.line(gap.kept())} for gap in file.gaps if not gap.certain
    ]
    fields: list[Field] = []
    if options:
        more = {"options": options, "optional": "1"}
        fields.append(("materials", "checkbox", _("下面这些也缺的，请勾上"), more))
    fields.append(("words", "textarea", _("补充说明（可不填）"), {"optional": "1"}))
    return fields


def _correction_hint(file: CaseFile) -> str:
    certain = [incomplete.line(gap.kept()) for gap in file.gaps if gap.certain]
    once = _("只能告知一次，缺的要一次说全。")
    if not certain:
        return once
    return once + _("系统查到的会自动写上：%(what)s。") % {"what": _("；").join(certain)}


def _evidence_fields(file: CaseFile) -> list[Field]:
    kinds = [
        ("document", _("看了材料")),
        ("statement", _("本人当面说的")),
        ("call", _("电话里问的")),
        ("register", _("查了别的登记")),
    ]
    fields: list[Field] = [
        ("kind", "select", _("怎么知道的"), {"options": [{"value": v, "label": text} for v, text in kinds]}),
        ("note", "textarea", _("看到或听到了什么"), {}),
    ]
    for card in file.doubts:
        fact = law.law().facts.get(card.doubt.about)
        if fact is None or card.doubt.closed_at is not None:
            continue
        options = [{"value": one.value, "label": one.label} for one in inputs.options(fact)]
        kind = {"yes_no": "radio", "choice": "select", "choices": "checkbox"}.get(
            inputs.widget(fact), inputs.widget(fact)
        )
        if kind == "select":
            options = [{"value": "", "label": _("没有证实")}, *options]
        label = _("证实的情况：%s") % words.pick(fact.label)
        fields.append((f"fact-{fact.name}", kind, label, {"options": options, "optional": "1"}))
    fields.append(("file", "file", _("材料"), {"optional": "1", "accept": ".pdf,.jpg,.jpeg,.png"}))
    return fields
