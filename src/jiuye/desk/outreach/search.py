"""Who may have what: every benefit of the menu asked of everybody at once, with the column reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from jiuye.desk import catalogue, city, menu_data
from jiuye.desk.menu_data import EMPLOYER, HOUSEHOLD, Entry
from jiuye.desk.models import EmployerCase, EmployerMonth
from jiuye.desk.outreach.firms import Firm
from jiuye.desk.outreach.practice import Practice
from jiuye.policy import Law
from jiuye.policy.columns import EPOCH, Program
from jiuye.policy.errors import NotColumnar
from jiuye.policy.values import add_months
from jiuye.registry import facts as registers
from jiuye.registry.facts import Batch

Array = NDArray[Any]
_UNKNOWN: Final = 1
_MET: Final = 2
BIRTH: Final = "birth"


@dataclass
class Search:
    """Rows are those of `batch`, or for an employer's benefit of `batch.employers`.

    entitled: benefit -> rows that may have it and haven't; held: rows that have it already. found: whom to
    tell, ascending; of a household's benefit one of each household. workers: of a benefit about workers those
    it is for, sorted by employer. left_out: benefit -> why it can't be asked of all.
    """

    batch: Batch
    month: date  # first day
    entries: dict[str, Entry] = field(default_factory=dict)
    found: dict[str, Array] = field(default_factory=dict)
    entitled: dict[str, Array] = field(default_factory=dict)
    held: dict[str, Array] = field(default_factory=dict)
    workers: dict[str, Array] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)

    @property
    def employers(self) -> Batch:
        assert self.batch.employers is not None, "a batch of people"
        return self.batch.employers

    def people(self, benefit: str) -> list[UUID]:
        """Whom to tell of it, in the order of their keys."""
        return [self.batch.id(int(row)) for row in self.found[benefit]]

    def firms(self, benefit: str) -> list[Firm]:
        """Which employers to tell of it, in the order of their keys."""
        rows = self.found[benefit]
        if not self.entries[benefit].about_worker:
            return [Firm(self.employers.id(int(row))) for row in rows]
        assert self.batch.employer is not None, "a batch of people"
        workers = self.workers[benefit]
        whose = self.batch.employer[workers]
        first = np.searchsorted(whose, rows)
        count = np.searchsorted(whose, rows, side="right") - first
        return [
            Firm(self.employers.id(int(row)), self.batch.id(int(workers[at])), int(many))
            for row, at, many in zip(rows, first, count, strict=True)
        ]

    def rows_of(self, benefit: str, keys: list[UUID]) -> Array:
        """Row of each person or employer; -1 for who isn't on file."""
        return _rows_in(self.employers if self.entries[benefit].audience == EMPLOYER else self.batch, keys)


def search(on: date, practice: Practice) -> Search:
    """Ask for everybody, as the system."""
    law = city.law()
    entries = {
        entry.code: entry for entry in menu_data.current().entries if entry.code not in practice.silent
    }
    programs, left_out = _programs(law, entries, on)
    names = {BIRTH} & set(law.facts)
    employer_names: set[str] = set()
    for code, program in programs.items():
        mine = {name for name in (entries[code].held_when,) if name}
        if entries[code].entity == EMPLOYER:
            employer_names |= program.facts | mine
        else:
            names |= program.facts | mine
            employer_names |= program.employer_facts
    batch = registers.batch(on, names=sorted(names), employer_names=sorted(employer_names))
    named = {code: entries[code] for code in programs}
    out = Search(batch, on.replace(day=1), named, left_out=left_out)
    kept: dict[str, Array] = {}
    for code in programs:
        entry = entries[code]
        if entry.entity == EMPLOYER:
            _of_employers(out, law, entry, programs[code], practice)
            continue
        states = _states(law, entry, programs, batch, on, code in practice.confirm, kept)
        held = _is(batch, entry.held_when)
        rows = np.flatnonzero((states == _MET) & ~held)
        if entry.about_worker:
            _through_workers(out, code, rows, np.flatnonzero(held))
            continue
        out.entitled[code] = rows
        out.found[code] = _addressees(batch, rows, on, practice) if entry.audience == HOUSEHOLD else rows
        out.held[code] = np.flatnonzero(held)
    return out


def _of_employers(out: Search, law: Law, entry: Entry, program: Program, practice: Practice) -> None:
    """What an employer may have by rules about itself."""
    employers = out.employers
    columns = {name: employers.columns[name] for name in program.facts}
    if entry.code in practice.confirm:
        columns |= _confirmed(law, columns)
    states = program.run(columns, len(employers))[entry.rule].state
    held = _is(employers, entry.held_when)
    out.found[entry.code] = out.entitled[entry.code] = np.flatnonzero((states == _MET) & ~held)
    out.held[entry.code] = np.flatnonzero(held)


def _through_workers(out: Search, benefit: str, rows: Array, held: Array) -> None:
    """What an employer may have for some of the people who work there now."""
    whose = out.batch.employer
    assert whose is not None, "a batch of people"
    rows = np.setdiff1d(rows[whose[rows] >= 0], _claimed(out, benefit))
    out.workers[benefit] = rows[np.argsort(whose[rows], kind="stable")]
    out.found[benefit] = out.entitled[benefit] = np.unique(whose[rows])
    had = np.unique(whose[held])
    out.held[benefit] = np.setdiff1d(had[had >= 0], out.entitled[benefit])


def _claimed(out: Search, benefit: str) -> Array:
    """Rows of workers for whom it was applied for, or is granted from this month on."""
    item = out.entries[benefit].item
    if not item:
        return np.empty(0, dtype=np.int64)
    cases = EmployerCase.objects.filter(item=item, worker__isnull=False)
    open_ = cases.filter(ended_at=None).values_list("worker_id", flat=True)
    months = EmployerMonth.objects.filter(case__item=item, worker__isnull=False, month__gte=out.month)
    people = {*open_, *months.values_list("worker_id", flat=True)}
    return _rows_in(out.batch, [one for one in people if one])


def _rows_in(batch: Batch, keys: list[UUID]) -> Array:
    """Row of each key; -1 for who isn't on file."""
    wanted = np.frombuffer(b"".join(one.bytes for one in keys), dtype="S16")
    there = np.ascontiguousarray(batch.ids).view("S16").ravel()
    if not len(there) or not len(wanted):
        return np.full(len(wanted), -1)
    at = np.searchsorted(there, wanted).clip(max=len(there) - 1)
    return np.where(there[at] == wanted, at, -1)


def _programs(law: Law, entries: Mapping[str, Entry], on: date) -> tuple[dict[str, Program], dict[str, str]]:
    programs: dict[str, Program] = {}
    left_out: dict[str, str] = {}
    for code, entry in entries.items():
        if law.rule_at(entry.rule, on) is None:
            continue  # not in force: nobody can have it
        try:
            programs[code] = _program(law.version, entry.rule, on)
        except NotColumnar as problem:
            left_out[code] = str(problem)
    return programs, left_out


@lru_cache(maxsize=256)
def _program(version: str, rule: str, on: date) -> Program:
    """Prepared once a day and law."""
    return city.law().columns([rule], on)


def _states(
    law: Law,
    entry: Entry,
    programs: Mapping[str, Program],
    batch: Batch,
    on: date,
    confirm: bool,
    kept: dict[str, Array],
) -> Array:
    """uint8 0 not met, 1 unknown, 2 met; a grant that has to come before is supposed."""
    program = programs[entry.code]
    columns = {name: batch.columns[name] for name in program.facts if name in batch.columns}
    if confirm:
        columns |= _confirmed(law, columns)
    item = catalogue.find(entry.item)
    before = catalogue.find(item.after) if item else None
    if before is None:
        return _run(program, entry.rule, columns, batch)
    have = _is(batch, before.held_when)
    made = {name: value for name, value in before.made(on).items() if name in columns}
    supposed = dict(columns)
    for name, value in made.items():
        one = program.encode(name, [value])[0]
        supposed[name] = np.where(have, columns[name], one).astype(columns[name].dtype)
    states = _run(program, entry.rule, supposed, batch)
    if before.rule is None:
        return states
    key = f"{before.rule}{confirm}"
    if key not in kept:
        kept[key] = _first(law, before.rule, batch, on, confirm)
    return np.where(have, states, np.minimum(states, kept[key]))


def _first(law: Law, rule: str, batch: Batch, on: date, confirm: bool) -> Array:
    """The rule of what has to be granted before, whose facts need not be in the batch."""
    program = _program(law.version, rule, on)
    lacking = sorted(name for name in program.facts if name not in batch.columns)
    more = registers.batch(on, names=lacking).columns if lacking else {}
    columns = {name: batch.columns[name] if name in batch.columns else more[name] for name in program.facts}
    if confirm:
        columns |= _confirmed(law, columns)
    return _run(program, rule, columns, batch)


def _confirmed(law: Law, columns: Mapping[str, Array]) -> dict[str, Array]:
    """What only the person can say, supposing their yes."""
    own = [n for n in columns if law.facts[n].supplier == "person" and law.facts[n].type.kind == "bool"]
    return {name: np.where(columns[name] == _UNKNOWN, _MET, columns[name]).astype(np.uint8) for name in own}


def _run(program: Program, rule: str, columns: Mapping[str, Array], batch: Batch) -> Array:
    employers = batch.employers.columns if batch.employers is not None else {}
    own = {name: employers[name] for name in program.employer_facts if name in employers}
    answers = program.run(
        columns,
        len(batch),
        household=batch.household,
        employer=batch.employer if own else None,
        employers=own or None,
    )
    found: Array = answers[rule].state
    return found


def _is(batch: Batch, fact: str | None) -> Array:
    if fact is None:
        return np.zeros(len(batch), dtype=bool)
    found: Array = batch.columns[fact] == _MET
    return found


def _addressees(batch: Batch, rows: Array, on: date, practice: Practice) -> Array:
    """Of each household the oldest adult; who lives in none speaks for themselves."""
    born = batch.columns[BIRTH][rows]
    adult = born <= (add_months(on, -12 * practice.addressee_age) - EPOCH).days
    rows, born = rows[adult], born[adult]
    assert batch.household is not None, "a batch of people"
    homes = batch.household[rows]
    alone = rows[homes < 0]
    rows, born, homes = rows[homes >= 0], born[homes >= 0], homes[homes >= 0]
    order = np.lexsort((rows, born, homes))
    _homes, first = np.unique(homes[order], return_index=True)
    return np.sort(np.concatenate([alone, rows[order][first]]))
