"""What a person may have by the registers, for staff who advise them, whether they want to be told or not."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from jiuye.desk import assess, casefacts, menu, menu_data, queries
from jiuye.desk.lacking import Situation
from jiuye.desk.menu import Group, Line
from jiuye.web import words
from jiuye.web.present import law


def page(person_id: UUID, on: date) -> dict[str, Any]:
    """Lines for workbench/person.html. Nobody else of the household is looked at."""
    known = casefacts.of_person(person_id, on)
    entries = [
        entry
        for entry in menu_data.current().of(menu_data.PERSON)
        if not assess.looks_at_household(entry.rules, on)
    ]
    found = menu.reckon(entries, Situation.of(known), on, known=known)
    shown = [line for line in found.lines if line.group is Group.ENTITLED or line.supposes]
    return {
        "may_have": [{"title": words.pick(line.entry.title), "sub": _sub(line)} for line in shown],
        "wants_push": queries.wants_push(person_id),
    }


def _sub(line: Line) -> str:
    if line.supposes:
        said = _("、").join(law.label(name) for name in line.supposes)
        return _("要本人说一声：%(said)s") % {"said": said}
    return _("登记的情况都符合")
