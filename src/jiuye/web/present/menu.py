"""The menu in words: groups of lines, choices between benefits, the order, what is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiuye.desk import catalogue, menu_data
from jiuye.desk import menu as desk
from jiuye.desk.casefacts import Known
from jiuye.desk.catalogue import Item
from jiuye.desk.lacking import Missing
from jiuye.desk.menu import Choice, Group, Line, Menu, Money
from jiuye.policy import State
from jiuye.web import words
from jiuye.web.present import entitlements, law, rules

Data = dict[str, Any]
TITLES = {
    Group.ENTITLED: gettext_lazy("现在可以办"),
    Group.NEARLY: gettext_lazy("还差一点"),
    Group.HAD: gettext_lazy("已经有了"),
    Group.NOT: gettext_lazy("现在不行"),
}
LEADS = {
    Group.ENTITLED: gettext_lazy("按登记的情况，这些条件都符合。"),
    Group.NEARLY: gettext_lazy("再说清一件事、再等些日子，或先办一件别的，就可能符合。"),
    Group.HAD: gettext_lazy("这些不用再办。"),
    Group.NOT: gettext_lazy("每一条不符合的原因和依据都写在下面。情况变了再来看。"),
}
FEW = 3  # reasons or questions that can be taken in at a glance


def page(menu: Menu, known: Known | None = None) -> Data:
    """Context for menu/groups.html."""
    origins = known.origins if known is not None else {}
    sources = {name: entitlements.source_words(origin.to_json()) for name, origin in origins.items()}
    groups = []
    main = True
    for group in (Group.ENTITLED, Group.NEARLY, Group.HAD, Group.NOT):
        lines = menu.of(group)
        cards = [card(line, menu, sources) for line in lines]
        for entry in cards:  # one main action a page
            entry["main"] = "1" if main and entry["url"] and group is Group.ENTITLED else ""
            main = main and not entry["main"]
        if cards:
            groups.append(
                {
                    "code": group.value,
                    "title": str(TITLES[group]),
                    "lead": str(LEADS[group]),
                    "count": len(cards),
                    "cards": cards,
                    "quiet": group in (Group.NOT, Group.HAD),
                }
            )
    return {
        "groups": groups,
        "first": decisive(menu),
        "choices": [choice(entry) for entry in menu.choices],
        "order": order() if len(menu.lines) > 1 else "",
    }


def near(line: Line) -> bool:
    """Worth a card of its own: to be had now, or with little missing. The others are a line to unfold."""
    if line.group is Group.ENTITLED or line.open_case is not None or by_worker(line):
        return True
    return line.group is Group.NEARLY and (line.money is not None or len(lacking(line)) <= FEW)


def by_worker(line: Line) -> bool:
    """Applied for here for one of the employer's people: who that is decides, not what isn't known yet."""
    return line.entry.about_worker and line.entry.item is not None and line.group is Group.NEARLY


def decisive(menu: Menu) -> list[Data]:
    """The questions whose answers settle most of what is near, with how many; only those asked of people."""
    known = law.law().facts
    settles: Counter[str] = Counter()
    for line in menu.of(Group.NEARLY):
        if line.entry.about_worker:
            continue  # about somebody who isn't known yet
        settles.update(
            {
                name
                for one in line.missing
                for name in one.ask
                if name in known and _asks(known[name]) and known[name].supplier != "staff"
            }
        )
    return [
        {"text": words.pick(known[name].question), "count": count}
        for name, count in settles.most_common(FEW)
        if count > 1
    ]


def order() -> str:
    """How the lines are sorted, in words."""
    return _("顺序：快到最后期限的在最前，然后按一年里能拿到的钱从多到少，不发钱的服务在后。")


def lead(menu: Menu) -> str:
    """How it stands, in one sentence."""
    met, near = len(menu.of(Group.ENTITLED)), len(menu.of(Group.NEARLY))
    if met and near:
        return _("现在有 %(met)s 项可以办，另有 %(near)s 项还差一点。") % {"met": met, "near": near}
    if met:
        return _("现在有 %(met)s 项可以办。") % {"met": met}
    if near:
        return _("有 %(near)s 项还差一点：多半再答几个问题就能知道。") % {"near": near}
    return _("现在还没有符合的；下面写着每一项差什么。")


def card(line: Line, menu: Menu, sources: Mapping[str, str]) -> Data:
    entry: Data = {
        "code": line.entry.code,
        "title": words.pick(line.entry.title),
        "state": entitlements.STATES[line.state],
        "word": state_word(line),
        "sign": sign(line),
        "summary": words.pick(line.entry.plain),
        "effort": effort(line),
        "urgent": urgent(line),
        "missing": steps(line, menu),
        "reasons": [] if not line.in_force else reasons(line, sources),
        "rule": rules.of_rule(line.entry.rule, line.on),
        "open": "1" if line.state is State.NOT_MET else "",
        "url": "",
        "action": "",
        "main": "",
        "where": "",
        "quiet": "" if near(line) else "1",
        **figures(line.money),
    }
    if line.group is not Group.HAD and line.outcome.recalled and line.money:
        entry["expected"] = _("用到的标准还没有核对原文，金额以核定为准。")
    if line.entry.audience == menu_data.EMPLOYER:
        entry |= employers_way(line)
    elif line.open_case is not None:
        entry["url"], entry["action"] = reverse("resident:case", args=[line.open_case.pk]), _("看办到哪一步")
    elif (
        line.group is not Group.HAD
        and line.beside is None
        and line.bundle is not None
        and not offered_later(line, menu)
    ):
        entry["url"] = reverse("resident:form", args=[line.bundle.code])
        entry["action"] = action(line)
    elif line.beside is not None or (line.group is not Group.HAD and line.bundle is None):
        entry["where"] = where(line)
    return entry


def steps(line: Line, menu: Menu) -> list[Data]:
    """What is lacking; where another item of the menu gives it, with the way to that."""
    if by_worker(line):
        return []
    rows = [{"text": text} for text in lacking(line)]
    for one in line.missing if rows else ():
        first = next(iter(missing(one, line.entry.about_worker)), "")
        other = gives(one, line, menu)
        for row in rows:
            if other is not None and other.bundle is not None and row["text"] == first:
                case = other.open_case
                row["url"] = (
                    reverse("resident:case", args=[case.pk])
                    if case is not None
                    else reverse("resident:form", args=[other.bundle.code])
                )
                told = _("看%(item)s办到哪一步") if case is not None else _("先办%(item)s")
                row["action"] = told % {"item": words.pick(other.entry.title)}
    return rows


def gives(one: Missing, line: Line, menu: Menu) -> Line | None:
    """The line whose grant makes this condition true, if it may be had."""
    names = set(one.condition.inputs)
    for other in menu.lines if one.state is State.NOT_MET else ():
        item = catalogue.item(other.entry.item) if other.entry.item else None
        if other is line or item is None or other.group not in (Group.ENTITLED, Group.NEARLY):
            continue
        if names & {item.held_when, *item.makes}:
            return other
    return None


def employers_way(line: Line) -> Data:
    """What an employer can click: apply, for one of its people as often as it has some, or look."""
    if line.entry.item is None:
        return {"where": where(line)} if line.group is not Group.HAD else {}
    if line.open_case is not None and not line.entry.about_worker:
        return {"url": reverse("employer:claim", args=[line.open_case.pk]), "action": _("看办到哪一步")}
    if line.group is Group.HAD or not line.in_force:
        return {}
    told = _("给录用的一位申请") if line.entry.about_worker else action(line)
    return {"url": reverse("employer:claim_new", args=[line.entry.item]), "action": told}


def figures(money: Money | None) -> Data:
    """Amounts for c-entitlement: how much, how often, how long, when, all of it."""
    if money is None:
        nothing = ("money", "money_label", "money_note", "months", "when", "total", "expected")
        return {"schedule": [], **dict.fromkeys(nothing, "")}
    labels = {"month": _("每月多少"), "once": _("一次给多少"), "year": _("每年多少")}
    lines = [
        {
            "label": words.month(line.month.first_day),
            "amount": line.cents,
            "text": (_("预计 %(amount)s") if line.provisional else "%(amount)s")
            % {"amount": words.money(line.cents)},
            "note": _("从这个月起每月 %(amount)s") % {"amount": words.money(line.cents)}
            if place and line.cents != money.lines[place - 1].cents
            else "",
        }
        for place, line in enumerate(money.lines)
    ]
    later = next((line for line in money.lines if line.cents != money.cents), None)
    note = ""
    if later is not None:
        note = _("前 %(n)s 个月；以后 %(money)s") % {
            "n": money.lines.index(later),
            "money": words.money(later.cents),
        }
    return {
        "money": words.money(money.cents),
        "money_label": labels[money.per],
        "money_note": note,
        "months": money.months or "",
        "when": words.month(money.lines[0].month.first_day) if money.lines else "",
        "schedule": lines,
        "total": words.money(money.total_cents),
        "expected": _("标准每年可能调整，还没公布的月份按现在的标准估。")
        if any(line.provisional for line in money.lines)
        else "",
    }


def state_word(line: Line) -> str:
    if line.open_case is not None:
        return _("正在办")
    if line.group is Group.HAD:
        return _("已经有了")
    if by_worker(line):
        return _("选人申请")
    if line.beside is not None:
        return _("不能和%(other)s同时享受") % {"other": had(line.beside)}
    if line.state is State.MET:
        return _("您可以领") if line.money else _("可以办")
    if not line.in_force:
        return _("政策已到期")
    if line.state is State.UNKNOWN and not lacking(line):
        return _("要由工作人员核定")
    return ""


def sign(line: Line) -> str:
    if line.open_case is not None:
        return "waiting"
    if line.group is Group.HAD:
        return "good"
    return "" if line.in_force and line.beside is None else "not_met"


def had(item: Item) -> str:
    """What is drawn, by the name it has on the menu."""
    entries = menu_data.current().entries
    title = next((entry.title for entry in entries if entry.item == item.code), item.title)
    return words.pick(title)


def action(line: Line) -> str:
    if line.state is State.MET:
        return _("和登记一次办好") if line.after else _("现在就办")
    if line.state is State.UNKNOWN:
        known = law.law().facts
        asked = [known[name] for one in line.missing for name in one.ask if name in known]
        if not any(_asks(fact) and fact.supplier != "staff" for fact in asked):
            return _("申请，由工作人员核实")
        return _("回答几个问题，接着办")
    return _("仍要申请，要一份书面决定")


def where(line: Line) -> str:
    """How to get what has no form here, or how to change over to it."""
    if line.beside is not None:
        return _("想换成这一项的，先请街镇受理中心把%(other)s停下来，从下一个月起再申请。") % {
            "other": had(line.beside)
        }
    return _("怎么办：%(how)s") % {"how": words.pick(line.entry.instead)}


def offered_later(line: Line, menu: Menu) -> bool:
    """An item of the same form that builds on this one is no worse off: it carries the action."""
    return any(
        other.after is not None
        and other.after.code == line.entry.item
        and other.bundle is line.bundle
        and other.open_case is None
        and other.state >= line.state
        for other in menu.lines
    )


def effort(line: Line) -> str:
    """Minutes and the documents that registers don't spare the person."""
    if line.group is Group.HAD or not line.in_force:
        return ""
    known = law.law().facts
    papers = [words.pick(known[name].evidence) or words.pick(known[name].label) for name in line.documents]
    if papers:
        text = _("要带：%(papers)s。") % {"papers": _("、").join(dict.fromkeys(papers))}
    else:
        text = _("不用交材料。")
    if line.entry.minutes:
        text = _("大约 %(minutes)s 分钟，") % {"minutes": line.entry.minutes} + text
    return text


def urgent(line: Line) -> str:
    """A last day that is near, with what it is."""
    if line.group is Group.HAD or line.urgent_by is None:
        return ""
    day = words.day(line.urgent_by, weekday=True)
    if line.urgent_by == line.deadline:
        return _("最晚 %(day)s 申请") % {"day": day}
    return _("这项政策到 %(day)s 为止，之后的规定还没有出来") % {"day": day}


def lacking(line: Line) -> list[str]:
    """Each line once: two conditions may hang on the same question."""
    if line.group is Group.HAD:
        return []
    if not line.in_force:
        last = desk.ended_on(line)
        if last is None:
            return [_("这项规定还没有开始实行。")]
        return [_("这项政策已在 %(day)s 到期，还没有新的规定。") % {"day": words.day(last)}]
    return list(dict.fromkeys(text for one in line.missing for text in missing(one, line.entry.about_worker)))


def missing(one: Missing, about_worker: bool = False) -> list[str]:
    """What stands in the way, what can be done, from when; other people's facts are theirs to say.

    about_worker: the questions are about somebody who is to be hired, so they aren't put as to the reader.
    """
    if one.state is not State.UNKNOWN:
        return entitlements.missing(one)
    known = law.law().facts
    texts = []
    for name in one.ask:
        if name.startswith(law.OTHERS):
            texts.append(
                _("%(what)s：同住的家人里有人登记不全，要由他们本人说明") % {"what": words.pick(one.label)}
            )
            continue
        fact = known.get(name.rpartition(".")[2])
        if fact is None:
            continue
        if about_worker and name in known:
            texts.append(_("录用的人：%(what)s") % {"what": words.pick(fact.label)})
        elif fact.supplier == "staff" and not _asks(fact):
            texts.append(_("要由工作人员核实：%(what)s") % {"what": words.pick(fact.label)})
        else:
            texts.append(
                words.pick(fact.question)
                if _asks(fact)
                else _("登记里还没有：%(what)s") % {"what": words.pick(fact.label)}
            )
    return texts or [_("要由工作人员认定：%(what)s") % {"what": words.pick(one.label)}]


def _asks(fact: Any) -> bool:
    """Whether the law has words for the question, not only a label."""
    return bool(fact.question.get("zh")) and fact.question["zh"] != fact.label["zh"]


def reasons(line: Line, sources: Mapping[str, str]) -> list[Data]:
    return law.reasons(law.without_others(line.outcome.to_json()), sources)


def choice(entry: Choice) -> Data:
    """Two benefits side by side: amounts, which is better, and why."""
    better = entry.better
    columns = [
        {
            "title": words.pick(line.entry.title),
            "better": line is better,
            "had": line.group is Group.HAD,
            **figures(line.money),
            "year": words.money(line.worth) if line.money else _("不发钱"),
        }
        for line in entry.lines
    ]
    why = words.pick(entry.prefer)
    if better is not None:
        more = better.worth - min(line.worth for line in entry.lines)
        reckoned = _("按您的情况，一年里%(title)s多 %(more)s。") % {
            "title": words.pick(better.entry.title),
            "more": words.money(more),
        }
        why = reckoned + (f" {why}" if why else "")
    return {"columns": columns, "why": why or _("两项金额一样，您自己选。")}
