"""A guide (办事指南) in words, generated from the entry of the item, its rule and the registers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from jiuye.cities.book import Book, book
from jiuye.desk import assess, catalogue, city
from jiuye.desk.catalogue import Catalogue, Item, Material, Step
from jiuye.foundation import clock
from jiuye.foundation.roles import describe
from jiuye.web import words
from jiuye.web.present import rule_tree, rules
from jiuye.web.present.rules import Reading

Data = dict[str, Any]
REGISTER = "register"
FEW = 8  # facts of registers that are named at once


@dataclass(frozen=True)
class Query:
    """What is looked for: `words`, a life event, who applies; "" for any."""

    words: str
    event: str
    applicant: str

    @property
    def any(self) -> bool:
        return bool(self.words or self.event or self.applicant)


def applicants() -> dict[str, str]:
    return {"person": _("个人办"), "employer": _("单位办")}


def levels() -> dict[str, str]:
    return {"community": _("居村"), "street": _("街镇"), "district": _("区"), "city": _("市")}


def results() -> dict[str, str]:
    return {
        "money": _("发放待遇"),
        "registration": _("登记"),
        "certificate": _("证明或证书"),
        "service": _("服务"),
        "answer": _("答复"),
    }


def steps() -> dict[str, str]:
    return {"accept": _("受理"), "check": _("审查"), "decide": _("决定"), "deliver": _("送达")}


def sources() -> dict[str, str]:
    return {"own": _("您自己准备"), "issued": _("政府部门发的"), "shared": _("我们从登记里查，您不用交")}


# -- the list ----------------------------------------------------------------------------------------------


def index(known: Catalogue, query: Query) -> Data:
    """Rows that fit, filters with counts, and without any filter groups by life event."""
    found = [item for item in known.items.values() if _fits(known, item, query)]
    found.sort(key=lambda item: (item.applicant != "person", words.pick(item.title)))
    rows = [row(known, item) for item in found]
    return {
        "rows": rows,
        "count": len(rows),
        "groups": [] if query.any else _groups(known, found),
        "events": [_filter(known, query, event=code) for code in known.events],
        "whom": [_filter(known, query, applicant=code) for code in ("", *applicants())],
        "event_title": words.pick(known.events[query.event]) if query.event else "",
        "clear_url": reverse("guides:index"),
    }


def row(known: Catalogue, item: Item) -> Data:
    return {
        "code": item.code,
        "title": words.pick(item.title),
        "plain": words.pick(item.plain),
        "url": reverse("guides:guide", args=[item.code]),
        "whom": applicants()[item.applicant],
        "limit": limit(item.promised_days),
        "visits": visits(item),
        "events": [words.pick(known.events[code]) for code in item.events if code in known.events],
    }


def _fits(known: Catalogue, item: Item, query: Query) -> bool:
    if query.event and query.event not in item.events:
        return False
    if query.applicant and query.applicant != item.applicant:
        return False
    every = [*item.title.values(), *item.plain.values(), *item.basis, item.code]
    every += [words.pick(item.title), words.pick(item.plain), *(code or "" for code in item.codes.values())]
    every += [text for code in item.events if code in known.events for text in known.events[code].values()]
    text = " ".join(every).casefold()
    return all(part in text for part in query.words.casefold().split())


def _groups(known: Catalogue, found: Iterable[Item]) -> list[Data]:
    """By the first life event of each; what belongs to none comes last."""
    inside: dict[str, list[Item]] = {}
    for item in found:
        event = next((code for code in item.events if code in known.events), "")
        inside.setdefault(event, []).append(item)
    named = [(code, words.pick(title)) for code, title in known.events.items()] + [("", _("其他"))]
    return [
        {"code": code or "other", "title": title, "rows": [row(known, item) for item in inside[code]]}
        for code, title in named
        if code in inside
    ]


def _filter(known: Catalogue, query: Query, event: str | None = None, applicant: str | None = None) -> Data:
    """A link to the same search with this filter, and how many it would show. The chosen one takes it off."""
    if event is not None:
        label, current = words.pick(known.events[event]), event == query.event
        other = Query(query.words, "" if current else event, query.applicant)
        counted = Query(query.words, event, query.applicant)
    else:
        chosen = applicant or ""
        label, current = applicants().get(chosen, _("全部")), chosen == query.applicant
        other = counted = Query(query.words, query.event, chosen)
    given = {"q": other.words, "event": other.event, "for": other.applicant}
    address = urlencode({name: value for name, value in given.items() if value})
    return {
        "label": label,
        "current": current,
        "count": sum(_fits(known, item, counted) for item in known.items.values()),
        "url": f"?{address}" if address else reverse("guides:index"),
    }


# -- one guide ---------------------------------------------------------------------------------------------


def guide(known: Catalogue, item: Item, full: bool) -> Data:
    today = clock.today()
    reading = Reading(_book(), today, today)
    return {
        "item": item,
        "title": words.pick(item.title),
        "plain": words.pick(item.plain),
        "whom": applicants()[item.applicant],
        "apply": apply(item),
        "facts": _at_a_glance(item),
        "conditions": _conditions(reading, item, full),
        "bring": [material(one) for one in item.to_bring],
        "shared": [material(one) for one in item.materials if not one.to_bring],
        "looked_up": looked_up(item),
        "steps": [step(one, item) for one in item.flow],
        "result": words.pick(item.result.words) if item.result else "",
        "amounts": [reading.link(name) for name in (item.benefit.rules if item.benefit else ())],
        "advice": _place(item.advice),
        "supervision": _place(item.supervision),
        "faq": [{"q": words.pick(one.q), "a": words.pick(one.a)} for one in item.faq],
        "events": [
            {"title": words.pick(known.events[code]), "url": f"{reverse('guides:index')}?event={code}"}
            for code in item.events
            if code in known.events
        ],
        "after": _link(known.items.get(item.after or "")),
        "elements": elements(item) if full else [],
        "checks": [words.pick(one.words) for one in item.checks] if full else [],
        "remedies": item.appeal,
        "printed_on": words.day(today),
    }


def apply(item: Item) -> Data | None:
    """Where it is applied for: a page here, or whom to go to."""
    if item.applicant == "employer":
        if item.rule:
            return {
                "url": reverse("employer:claim_new", args=[item.code]),
                "label": _("用单位账号申请"),
                "text": "",
            }
        return {"url": reverse("employer:home"), "label": _("用单位账号办理"), "text": ""}
    if item.about is not None:
        return {
            "url": reverse("resident:cases"),
            "label": "",
            "text": _("打开“我的办件”，在那份决定下面提出。"),
        }
    bundle = catalogue.bundle_of(item.code)
    if bundle is None:
        return None
    return {"url": reverse("resident:form", args=[bundle.code]), "label": _("现在申请"), "text": ""}


def limit(name: str | None) -> str:
    """A time limit of the law in words, "" without one."""
    if not name or name == catalogue.NO_LIMIT:
        return ""
    law, today = city.law(), clock.today()
    value = law.parameter(name, today)
    return rules.short(_book(), law.parameters[name], value) if value is not None else ""


def visits(item: Item) -> str:
    if item.visits is None:
        return ""
    return _("不用跑") if item.visits == 0 else _("最多跑 %(times)s 次") % {"times": item.visits}


def fee(item: Item) -> str:
    return _("不收费") if item.fee is None else limit(item.fee)


def _at_a_glance(item: Item) -> list[Data]:
    found = [
        (_("多久办好"), limit(item.promised_days)),
        (_("跑几次"), visits(item)),
        (_("收费"), fee(item)),
        (_("办好以后"), words.pick(item.result.words) if item.result else ""),
    ]
    return [{"label": label, "value": value} for label, value in found if value]


def _conditions(reading: Reading, item: Item, full: bool) -> Data:
    """From the rule that decides, else as the entry says. Plain: heads only; full: the tree with clauses."""
    if item.rule is None:
        rows = [{"label": words.pick(one.words), "clause": words.said(one.basis)} for one in item.conditions]
        return {"rows": rows, "tree": None, "rule": None, "any": False}
    rule = reading.book.law.rule_at(item.rule, reading.on)
    text = rule.condition if rule is not None else None
    tree = rule_tree.tree(reading, text)
    heads = [{"label": words.pick(part.label), "clause": ""} for part in (text.parts if text else ())]
    if not heads and rule is not None:
        heads = [{"label": words.pick(rule.title), "clause": ""}]
    return {
        "rows": [] if full and tree and tree["parts"] else heads,
        "tree": tree if full and tree and tree["parts"] else None,
        "rule": reading.link(item.rule),
        "any": text is not None and text.when is None and text.quantifier == "any",
    }


def material(one: Material) -> Data:
    law = city.law()
    counted = []
    if one.original:
        counted.append(_("原件 %(n)s 份") % {"n": one.original})
    if one.copies:
        counted.append(_("复印件 %(n)s 份") % {"n": one.copies})
    when = ""
    if one.when and one.when in law.rules:
        when = words.pick(law.rules[one.when][0].title)
    elif one.when and one.when in law.facts:
        when = words.pick(law.facts[one.when].label)
    return {
        "name": words.pick(one.name),
        "source": sources()[one.source],
        "counted": _("，").join(counted),
        "when": when,
        "proves": [words.pick(law.facts[name].label) for name in one.proves if name in law.facts],
        "licence": one.licence or "",
    }


def looked_up(item: Item) -> Data:
    """What registers supply of everything the rules look at: nobody is asked to prove it."""
    law = city.law()
    names = assess.facts_behind(item.rules, clock.today()) if item.rules else []
    labels = [words.pick(law.facts[name].label) for name in names if law.facts[name].supplier == REGISTER]
    labels = list(dict.fromkeys(labels))
    return {"first": labels[:FEW], "more": labels[FEW:]}


def step(one: Step, item: Item) -> Data:
    handled = one.step == "decide" and item.rule is None  # nothing is decided: people do it
    return {
        "step": _("办理") if handled else steps()[one.step],
        "who": str(describe(one.role).name),
        "level": levels()[one.level],
        "limit": limit(one.days) or _("当场"),
    }


def elements(item: Item) -> list[Data]:
    """The national elements that the rest of the guide doesn't say."""
    named = {
        "basic": _("基本编码"), "implementation": _("实施编码"), "one_net": _("一网通办编码"),
        "kiosk": _("自助终端编码"),
    }  # fmt: skip
    handling = {"immediate": _("即办件"), "promised": _("承诺件")}
    rows = [(named[name], value or _("还没有赋码")) for name, value in item.codes.items()]
    rows += [
        (_("设定依据"), _("；").join(words.said(one) for one in item.basis)),
        (_("服务对象"), applicants()[item.applicant]),
        (_("办件类型"), handling[item.handling]),
        (_("受理层级"), levels()[item.accepts]),
        (_("行使层级"), levels()[item.decides]),
        (
            _("法定办结时限"),
            _("法律没有规定") if item.statutory_days == catalogue.NO_LIMIT else limit(item.statutory_days),
        ),
        (_("承诺办结时限"), limit(item.promised_days)),
        (_("结果类型"), results()[item.result.kind] if item.result else ""),
        (_("责任部门"), words.pick(item.owner)),
        (_("指南复核日期"), words.day(item.review_by)),
        (_("指南版本"), item.version),
    ]
    return [{"label": label, "value": value} for label, value in rows if value]


def _place(of: Any) -> Data | None:
    return {"phone": of.phone, "place": words.pick(of.place)} if of else None


def _link(item: Item | None) -> Data | None:
    if item is None:
        return None
    return {"title": words.pick(item.title), "url": reverse("guides:guide", args=[item.code])}


def _book() -> Book:
    return book(city.law(), city.folder())
