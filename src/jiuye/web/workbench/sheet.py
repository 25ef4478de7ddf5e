"""The file of a case in words: what the middle and the right column of the page show."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from jiuye.desk import handling, incomplete
from jiuye.desk.models import Decision
from jiuye.desk.models.case import CaseState
from jiuye.desk.queries import CaseFile
from jiuye.desk.queries.files import DoubtCard
from jiuye.foundation import clock
from jiuye.foundation.errors import UserError, UserErrors
from jiuye.foundation.models import OrgUnit
from jiuye.policy import State
from jiuye.web import words
from jiuye.web.access import ActingRequest
from jiuye.web.dues import due
from jiuye.web.errors import Blank, Wrong
from jiuye.web.present import cases as present
from jiuye.web.present import law, life, rules
from jiuye.web.workbench import forms

Data = dict[str, Any]


def whys() -> dict[str, str]:
    """Why a whole number may be seen: what is recorded and shown to the person."""
    return {
        "identity": _("当面核对身份"),
        "account": _("核对收款账户户名"),
        "other_office": _("向其他部门核实"),
    }


def placed(error: Exception, form: str) -> Wrong:
    """The errors of one of the page's forms, at the fields of that form."""
    found = Wrong()
    for one in error.errors if isinstance(error, UserErrors) else [error]:
        field = one.field if isinstance(one, UserError) and one.field else ""
        found.add(str(one))
        found.summary[-1]["id"] = _field_id(form, field) if field else ""
        found.fields.setdefault(f"{form}-{field}", str(one))
    found.fields["form"] = form
    return found


def _field_id(form: str, field: str) -> str:
    return f"f-{field}" if form == "sign" else f"{form}-{field}"  # the approval sheet is a component


def context(request: ActingRequest, file: CaseFile, found: Wrong, kept: Blank) -> Data:
    case, person = file.case, file.person
    promised = case.promised_due or case.statutory_due
    return {
        "case": case,
        "title": file.title,
        "shown": {
            "state": present.ICONS.get(CaseState(case.state), "waiting"),
            "word": present.staff_word(case.state),
        },
        "person": {
            "id": person.pk,
            "name": person.name,
            "masked": file.document,
            "facts": [
                _("%(sex)s，%(age)s 岁") % {"sex": law.code("sex", person.sex), "age": file.age},
                place(case.unit_code),
                *([file.phone] if file.phone else []),
            ],
        },
        "unmask_url": reverse("workbench:unmask", args=[case.pk]),
        "whys": [{"value": key, "label": text} for key, text in whys().items()],
        "submitted": words.moment(case.submitted_at),
        "promised": due(promised, file.clock == "paused") if promised else {"text": "", "days": None},
        "ended": words.short_day(case.closed_on),
        "paused": words.short_day(case.paused_on),
        "statutory": due(case.statutory_due, file.clock == "paused") if case.statutory_due else {},
        "pauses": _pauses(file),
        "about": _about(file),
        "parked": _("放到%(day)s：%(why)s") % {"day": words.day(case.parked_until), "why": case.parked_reason}
        if case.parked_until is not None and case.parked_until > clock.today()
        else "",
        "words": case.words,
        "compare": _compare(file),
        **_outcome(file),
        "evidence": [
            {
                "note": row.note,
                "facts": _("，").join(
                    _("%(label)s：%(value)s") % {"label": law.label(name), "value": law.text(name, value)}
                    for name, value in row.facts.items()
                ),
                "who": row.recorded_by_name,
                "at": words.moment(row.recorded_at),
                "file_url": reverse("document", args=[row.file_id]) if row.file_id else "",
                "file_name": row.file.name if row.file else "",
            }
            for row in file.evidence
        ],
        "life": life.timeline(
            [life.spell(row, row.employer.name) for row in file.spells]
            + [life.registration(row) for row in file.registrations]
            + [life.benefit(row) for row in file.benefits]
        ),
        "story": _story(file),
        "decisions": _decisions(request, file, found),
        "doubts": _doubts(file, found, kept),
        "forms": forms.of_case(file, found, kept),
        "nothing": nothing(file),
        "errors": found.summary,
    }


def place(unit_code: str) -> str:
    """District and street of a unit."""
    return places([unit_code])[unit_code]


def places(unit_codes: Iterable[str]) -> dict[str, str]:
    """District and street of each unit of a list, in one query."""
    above = {unit: [unit[:n] for n in (6, 9) if len(unit) >= n] for unit in unit_codes}
    codes = {code for listed in above.values() for code in listed}
    names = dict(OrgUnit.objects.filter(code__in=codes).values_list("code", "name"))
    return {unit: " ".join(names[code] for code in listed if code in names) for unit, listed in above.items()}


def nothing(file: CaseFile) -> str:
    if file.can or file.doubts or file.decisions:
        return ""
    return _("现在不用您做什么。")


def _about(file: CaseFile) -> Data | None:
    decision = file.case.about_decision
    if decision is None:
        return None
    url = reverse("workbench:case", args=[decision.case_id]) if decision.case_id else ""
    return {"url": url, "text": f"{present.decision_title(decision)} {decision.number}"}


def _compare(file: CaseFile) -> list[Data]:
    """Contradictions side by side: what the register says, what the person says."""
    return [
        {
            "label": card.subject,
            "left": card.sides.get("register", "–"),
            "right": card.sides.get("person", "–"),
            "differs": card.doubt.closed_at is None,
        }
        for card in file.doubts
        if card.sides
    ]


def _outcome(file: CaseFile) -> Data:
    """What the law says now, or said when the last decision was drawn up."""
    if file.asked is not None:
        outcome = file.asked.finding.outcome.to_json()
        state = file.asked.finding.state
        lines = outcome.get("schedule", [])
        sources = {line.name: line.source for line in file.facts}
    elif file.decisions:
        outcome, sources = file.decisions[-1].outcome, {}
        state = State[str(outcome["state"]).upper()]
        lines = outcome.get("schedule", [])
    else:
        return {"reasons": [], "months": []}
    kind, word = {
        State.MET: ("good", _("全部符合")),
        State.NOT_MET: ("stop", _("有不符合的")),
        State.UNKNOWN: ("attention", _("还有不知道的")),
    }[state]
    return {
        "reasons": _without_remedies(law.reasons(outcome, sources)),
        "rule": rules.of_outcome(outcome, decided=file.asked is None),
        "outcome_title": words.pick(outcome["title"]),
        "outcome_kind": kind,
        "outcome_word": word,
        "months": law.schedule(lines),
        "months_total": law.total(lines),
        "months_word": _("每月金额，共 %d 个月") % len(lines),
    }


def _without_remedies(reasons: list[Data]) -> list[Data]:
    """What the person can do is said to the person, not to the clerk."""
    return [reason | {"remedy": "", "children": _without_remedies(reason["children"])} for reason in reasons]


def _story(file: CaseFile) -> list[Data]:
    handoffs = {row.at.replace(microsecond=0): row.note for row in file.handoffs}
    shown = present.story(file.events)
    for line, event in zip(shown, reversed(file.events), strict=True):
        line["source"] = event.user_name or line["source"]
        if event.kind == "sent_to_district":
            line["detail"] = line["detail"] or handoffs.get(event.at.replace(microsecond=0), "")
    return shown


def _decisions(request: ActingRequest, file: CaseFile, found: Wrong) -> list[Data]:
    shown = []
    for decision in reversed(file.decisions):
        lines = _lines(decision)
        title = present.decision_title(decision)
        at = words.moment(decision.prepared_at)
        by = decision.prepared_by.display_name if decision.prepared_by else ""
        if decision.withdrawn_at is not None:
            shown.append(
                {
                    "state": "returned",
                    "title": title,
                    "lines": lines,
                    "prepared_by": by,
                    "prepared_at": at,
                    "returned": decision.withdrawn_reason,
                }
            )
        elif decision.decided_at is None:
            sheet = file.sheet
            may = "approve" in file.can or "send_back" in file.can
            shown.append(
                {
                    "state": "waiting",
                    "title": title,
                    "lines": lines,
                    "prepared_by": by,
                    "prepared_at": at,
                    "url": reverse("workbench:sign", args=[decision.pk]) if may else "",
                    "own": "1" if sheet is not None and sheet.why_not == "self" else "",
                    "error": found.fields["sign-reason"],
                    "reason": decision.reason,
                    "action": _("签字同意") if decision.kind == "grant" else _("签字，不予批准"),
                }
            )
        else:
            shown.append(
                {
                    "state": "decided",
                    "title": title,
                    "kind": "good" if decision.kind == "grant" else "stop",
                    "number": decision.number,
                    "signed": signed(decision),
                    "letter_url": reverse("document", args=[decision.letter_id])
                    if decision.letter_id
                    else "",
                    "replay_url": reverse("workbench:replay", args=[decision.pk]) if decision.rule else "",
                }
            )
    return shown


def signed(decision: Decision) -> str:
    """Who signed, by name: staff may know."""
    names = [
        user.display_name
        for user in (decision.prepared_by, decision.approved_by, decision.second_approved_by)
        if user is not None
    ]
    if not names:
        return present.signed(decision)
    return _("%(date)s，%(names)s 签字。") % {
        "date": words.day(decision.decided_at),
        "names": _("、").join(names),
    }


def _pauses(file: CaseFile) -> list[Data]:
    """What stopped or moved the clocks: told what is missing, stood still, extended."""
    rows = []
    if file.correction is not None:
        one = file.correction
        rows.append(
            {
                "title": _("%(day)s 一次告知，请在 %(due)s 前补齐")
                % {"day": words.day(one.at.date()), "due": words.day(one.due_on)},
                "text": _("；").join([*map(incomplete.line, one.missing), *filter(None, [one.words])]),
            }
        )
    for pause in file.suspensions:
        until = pause.ended_on or pause.expected_on
        word = (
            _("中止：%(first)s 到 %(last)s") if pause.ended_on else _("中止：从 %(first)s，预计到 %(last)s")
        )
        rows.append(
            {
                "title": word % {"first": words.day(pause.since), "last": words.day(until)},
                "text": handling.ground_words(pause.ground) + _("：") + pause.words,
            }
        )
    if file.extension is not None:
        more = file.extension
        rows.append(
            {
                "title": _("延长了 %(days)d 个工作日") % {"days": more.days},
                "text": handling.ground_words(more.ground) + _("：") + more.words,
            }
        )
    return rows


def _lines(decision: Decision) -> list[Data]:
    effects = decision.effects or {}
    lines = [{"label": _("决定"), "value": present.kind_word(decision.kind)}]
    if effects.get("months"):
        schedule = effects.get("schedule") or []
        lines += [
            {"label": _("月数"), "value": _("%s 个月") % effects["months"]},
            {
                "label": _("从"),
                "value": words.month(words.month_of_text(str(effects["first_month"]))),
            },
            {
                "label": _("每月"),
                "value": words.money(schedule[0]["amount_cents"]) if schedule else "–",
            },
        ]
    if decision.amount_cents:
        lines.append({"label": _("总额"), "value": words.money(decision.amount_cents)})
    return lines


def _doubts(file: CaseFile, found: Wrong, kept: Blank) -> list[Data]:
    """All of them; the first that can be closed has a key."""
    shown = [_doubt(file, card, found, kept) for card in file.doubts]
    for doubt in shown:
        if doubt["url"]:
            doubt["key"] = "d"
            break
    return shown


def _doubt(file: CaseFile, card: DoubtCard, found: Wrong, kept: Blank) -> Data:
    doubt = card.doubt
    sides = card.sides
    why = card.subject
    if sides:
        why = _("%(what)s：登记的是“%(register)s”，本人说“%(person)s”。") % {
            "what": card.subject,
            "register": sides.get("register", "–"),
            "person": sides.get("person", "–"),
        }
    elif note := law.note(doubt.about) if doubt.kind in ("law_gap", "recalled_parameter") else "":
        why = f"{card.subject} — {note}"
    name = str(doubt.pk)
    mine = kept["doubt"] == name
    return {
        "id": name,
        "title": card.label,
        "why": why,
        "owner": present.roles().get(doubt.owner_role, ""),
        "due": due(doubt.due_on),
        "closes": card.todo,
        "resolved": f"{words.day(doubt.closed_at)}：{doubt.resolution}" if doubt.closed_at else "",
        "url": reverse("workbench:case_act", args=[file.case.pk])
        if card.closable and "close_doubt" in file.can
        else "",
        "typed": kept["resolution"] if mine else "",
        "error": found.fields[f"{name}-resolution"] if mine else "",
        "key": "",
    }
