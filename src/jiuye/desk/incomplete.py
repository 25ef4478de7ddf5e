"""What a case lacks, all of it: what the law finds unknown or unmet, and materials that nothing proves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from jiuye.desk import city, lacking, settle
from jiuye.desk.catalogue import Item
from jiuye.desk.lacking import Situation
from jiuye.desk.models import Case, Correction, Evidence
from jiuye.desk.settle import Asked
from jiuye.desk.values import pick
from jiuye.foundation import scope
from jiuye.policy import State


@dataclass(frozen=True)
class Gap:
    """kind: condition (not met), fact (not known), material (not proven). `certain`: found by the law or by
    what is on file; a material that proves no fact is only seen by people, who say whether it is missing.
    """

    kind: str
    name: str
    zh: str
    en: str
    basis: str = ""
    certain: bool = True

    def kept(self) -> dict[str, Any]:
        """As it is kept with the correction."""
        return {"kind": self.kind, "name": self.name, "zh": self.zh, "en": self.en, "basis": self.basis}


def gaps(case: Case, asked: Asked | None = None) -> list[Gap]:
    """Everything that is missing today, each once: conditions, facts, materials. `asked`: the law's answer,
    where there is one already.
    """
    item = settle.item_of(case)
    if asked is None and settle.decided_by_rule(case):
        asked = settle.ask(case)
    found = [*_of_the_law(asked)] if asked else []
    return [*{gap.name: gap for gap in [*found, *_materials(case, item, asked)]}.values()]


def listed(correction: Correction) -> str:
    """The list in the reader's language, one line each, then what the clerk wrote."""
    lines = [f"{number}. {line(row)}" for number, row in enumerate(correction.missing, start=1)]
    return "\n".join([_("还缺："), *lines, *([correction.words] if correction.words else [])])


def line(row: dict[str, Any]) -> str:
    """One thing that is missing, in the reader's language."""
    what = pick({"zh": row["zh"], "en": row["en"]})
    kind = {
        "condition": _("还不符合：%(what)s"),
        "fact": _("还不知道：%(what)s"),
        "material": _("还没有交：%(what)s"),
    }[row["kind"]]
    return kind % {"what": what} + (f"（{row['basis']}）" if row["basis"] else "")


def _of_the_law(asked: Asked) -> list[Gap]:
    facts = city.law().facts
    found: list[Gap] = []
    with scope.elevated("the law is asked with all facts of the person"):
        open_ = lacking.missing(asked.finding.outcome, Situation.of(asked.known))
    for one in open_:
        if one.state is State.NOT_MET:
            found.append(Gap("condition", one.name, one.label["zh"], one.label["en"], one.basis))
        for name in one.ask:
            if name in facts and asked.known.values.get(name) is None:
                label = facts[name].label
                found.append(Gap("fact", name, label["zh"], label["en"], one.basis))
        if one.state is State.UNKNOWN and not one.ask:
            found.append(Gap("fact", one.name, one.label["zh"], one.label["en"], one.basis))
    return found


def _materials(case: Case, item: Item, asked: Asked | None) -> list[Gap]:
    """What has to be brought and isn't proven. One whose condition isn't met isn't needed."""
    proven = {
        name for facts in Evidence.objects.filter(case=case).values_list("facts", flat=True) for name in facts
    }
    found = []
    for material in item.materials:
        if not material.to_bring or not _needed(material.when, asked):
            continue
        if material.proves and set(material.proves) <= proven:
            continue
        known = asked.known.values if asked else {}
        # what a register or the person has told already is not asked for again
        certain = bool(material.proves) and any(known.get(name) is None for name in material.proves)
        name = material.name["zh"]
        found.append(Gap("material", name, name, material.name.get("en", name), certain=certain))
    return found


def _needed(when: str | None, asked: Asked | None) -> bool:
    if when is None or asked is None:
        return True
    law = city.law()
    if when in law.facts:
        return asked.known.values.get(when) is not False
    if when in law.rules:
        return Situation.of(asked.known).outcome(when, asked.on).state is not State.NOT_MET
    return True
