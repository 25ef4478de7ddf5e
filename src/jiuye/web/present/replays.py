"""A decision replayed, for a page: two laws side by side, condition by condition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from jiuye.desk.queries.replays import Replayed, Side
from jiuye.web import words
from jiuye.web.present import entitlements, law, rules

Data = dict[str, Any]
ICONS = {"equal": "good", "differs": "stop", "impossible": "attention"}


def present(found: Replayed) -> Data:
    """What the template says."""
    then, now = found.then, found.now
    sources = entitlements.sources(found.decision.facts or {})
    return {
        "verdict": {
            "kind": ICONS[found.replay.verdict],
            "title": _verdict(found),
            "lines": _differences(found),
        },
        "sides": [_side(then, _("当时的规定"), sources), _side(now, _("今天的规定"), sources)],
        "same_law": then.version == now.version,
        "rows": rows(then, now),
    }


def rows(then: Side, now: Side) -> list[Data]:
    """The result, every condition of either law, the parameters and the money, for c-compare."""
    if then.outcome is None or now.outcome is None:
        return []
    found = [_row(_("结果"), _state(then.outcome["state"]), _state(now.outcome["state"]))]
    ours, theirs = (dict(_conditions(side.outcome["conditions"])) for side in (then, now) if side.outcome)
    for path in dict.fromkeys((*ours, *theirs)):
        one, other = ours.get(path), theirs.get(path)
        label = words.pick((one or other or {})["label"])
        deep = "　" * path.count("/")
        found.append(
            _row(deep + label, *(_state(side["state"]) if side else _("没有这一条") for side in (one, other)))
        )
    found += _money(then, now)
    return found + _parameters(then, now)


def _row(label: str, left: str, right: str) -> Data:
    return {"label": label, "left": left, "right": right, "differs": left != right}


def _state(state: str) -> str:
    return {"met": _("符合"), "not_met": _("不符合"), "unknown": _("还不知道")}[state]


def _conditions(items: list[Data], above: str = "") -> Iterator[tuple[str, Data]]:
    """Every condition by the names of those above it."""
    for item in items:
        path = f"{above}/{item['name']}" if above else str(item["name"])
        yield path, item
        yield from _conditions(item.get("children") or [], path)


def _money(then: Side, now: Side) -> list[Data]:
    found = []
    if then.months is not None or now.months is not None:
        found.append(_row(_("月数"), *(_value(side.months) for side in (then, now))))
    if then.amounts is not None or now.amounts is not None:
        found.append(_row(_("金额"), *(_paid(side.amounts) for side in (then, now))))
    return found


def _value(outcome: Data | None) -> str:
    if outcome is None:
        return _("没有这一条")
    return law.text(outcome["rule"], outcome["value"])


def _paid(outcome: Data | None) -> str:
    """A schedule in one line, an amount as it is."""
    if outcome is None:
        return _("没有这一条")
    lines = [line for line in outcome["schedule"] if line["value"] is not None]
    if not lines:
        return _value(outcome)
    first = words.month(words.month_of_text(lines[0]["month"]))
    total = law.total(lines)
    return _("从%(month)s起 %(n)d 个月，共 %(total)s") % {"month": first, "n": len(lines), "total": total}


def _parameters(then: Side, now: Side) -> list[Data]:
    """Those whose value is another one; of several in a schedule each."""
    assert then.outcome is not None
    assert now.outcome is not None
    sides = [
        {
            name: _("、").join(law.text(name, one["value"]) for one in values)
            for outcome in (side.outcome, side.months, side.amounts)
            if outcome is not None
            for name, values in outcome["parameters"].items()
        }
        for side in (then, now)
    ]
    return [
        _row(law.label(name), sides[0].get(name, "–"), sides[1].get(name, "–"))
        for name in {**sides[0], **sides[1]}
        if sides[0].get(name) != sides[1].get(name)
    ]


def _side(side: Side, title: str, sources: Mapping[str, str]) -> Data:
    return {
        "title": title,
        "version": side.version[:12],
        "on": words.day(side.on),
        "reasons": _for_staff(law.reasons(side.outcome, sources)) if side.outcome else [],
        "rule": rules.of_outcome(side.outcome) if side.outcome else None,
        "impossible": _impossible(side.impossible),
    }


def _for_staff(reasons: list[Data]) -> list[Data]:
    """What the person can do is said to the person, not to the clerk."""
    return [one | {"remedy": "", "children": _for_staff(one["children"])} for one in reasons]


def _impossible(why: str) -> str:
    return {
        "": "",
        "former": _("由原系统决定，那时的规定没有存在这里。"),
        "no_rule": _("这套规定里没有这条规则。"),
        "not_kept": _("那时的规则全文没有存档。"),
        "unreadable": _("存档的规则全文读不出来。"),
        "other_facts": _("存下的信息和这套规定要的不是一种。"),
    }[why]


def _verdict(found: Replayed) -> str:
    return {
        "equal": _("重算的结果和当时的决定完全一样。"),
        "differs": _("重算的结果和当时的决定不一样。"),
        "impossible": _("这个决定不能重算。"),
    }[found.replay.verdict]


def _differences(found: Replayed) -> list[str]:
    return [
        _("%(where)s：当时 %(before)s，重算 %(now)s")
        % {"where": one.where, "before": one.before, "now": one.now}
        for one in found.replay.differences[:20]
    ]
