"""An employer's staff file: good rows are entered, every bad cell is reported, the same file counts once.

Works on the whole file at once: the number of statements doesn't grow with the rows.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from jiuye.foundation import clock, outbox, scope
from jiuye.foundation.action import action
from jiuye.foundation.errors import Conflict, NotFound
from jiuye.foundation.models import Message
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor
from jiuye.policy.values import add_months
from jiuye.registry import people, staff_file
from jiuye.registry.actions.employment import ended_words
from jiuye.registry.models import (
    ContributionSpell,
    Employer,
    EmploymentSpell,
    Person,
    Upload,
    UploadProblem,
)
from jiuye.registry.people import Newcomer
from jiuye.registry.staff_file import Row

Progress = Callable[[str, int, int], None]
_BATCH: Final = 2000
_NO_DAY: Final = date.max


@action("registry.upload_staff_file", roles={Role.EMPLOYER_AGENT})
def upload_staff_file(
    actor: Actor, *, employer_id: UUID, file_name: str, content: bytes, progress: Progress | None = None
) -> Upload:
    """Enter a staff file. UserError at `file` where it can't be read; a bad row never stops the others.

    progress: (what, done, of how many).
    """
    employer = Employer.objects.filter(pk=employer_id).first()
    if employer is None or actor.employer_id != employer_id or actor.user_id is None:
        raise NotFound
    tell = progress or (lambda what, done, total: None)
    sha256 = hashlib.sha256(content).hexdigest()
    _one_at_a_time(employer)
    known = Upload.objects.filter(employer=employer, sha256=sha256).first()
    if known is not None:
        return known
    tell(_("读取文件"), 0, 1)
    rows = staff_file.read(content)
    tell(_("读取文件"), 1, 1)
    good = [row for row in rows if not row.problems]
    entry = _Entry(employer)
    with scope.elevated("what an employer reports goes into the files of its staff"):
        entry.find_people(good)
        tell(_("核对登记"), 1, 2)
        for row in good:
            if not row.problems:
                entry.compare(row)
        tell(_("核对登记"), 2, 2)
        entry.write()
    tell(_("登记"), 1, 1)
    return _result(actor.user_id, employer, file_name, sha256, rows)


def _one_at_a_time(employer: Employer) -> None:
    """A second click waits here until the first one is through, and then finds its upload."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"upload:{employer.pk}"])


def _result(user_id: int, employer: Employer, file_name: str, sha256: str, rows: list[Row]) -> Upload:
    bad = sum(bool(row.problems) for row in rows)
    upload = Upload.objects.create(
        employer=employer,
        kind="staff",
        file_name=file_name[:200],
        sha256=sha256,
        rows=len(rows),
        kept=len(rows) - bad,
        bad=bad,
        uploaded_by_id=user_id,
    )
    UploadProblem.objects.bulk_create(
        [
            UploadProblem(
                upload=upload,
                employer=employer,
                row=problem.row,
                column=problem.column,
                value=problem.value,
                message=problem.message,
            )
            for row in rows
            for problem in row.problems
        ],
        batch_size=_BATCH,
    )
    return upload


@dataclass
class _Entry:
    """Compares a file with the registers and collects what has to be written."""

    employer: Employer
    people: dict[int, Person] = field(default_factory=dict)  # line -> person
    spells: dict[UUID, list[EmploymentSpell]] = field(default_factory=lambda: defaultdict(list))
    paid: dict[UUID, list[ContributionSpell]] = field(default_factory=lambda: defaultdict(list))
    new_spells: list[EmploymentSpell] = field(default_factory=list)
    ended_spells: list[EmploymentSpell] = field(default_factory=list)
    changed_spells: list[EmploymentSpell] = field(default_factory=list)
    new_paid: list[ContributionSpell] = field(default_factory=list)
    changed_paid: list[ContributionSpell] = field(default_factory=list)

    def find_people(self, rows: Iterable[Row]) -> None:
        """The person of every row, with a new file where the register has none; then what it has of them."""
        wanted: dict[bytes, tuple[Row, Newcomer]] = {}
        for row in rows:
            assert row.document is not None
            newcomer = Newcomer(row.document, row.name, row.phone)
            wanted[newcomer.key] = (row, newcomer)
        found = people.find(wanted)
        missing = {key: pair for key, pair in wanted.items() if key not in found}
        for row, newcomer in missing.values():
            if not newcomer.can_be_filed:
                row.wrong(
                    staff_file.NUMBER,
                    newcomer.document.number,
                    _("这个证件号码还没有登记，请本人先到街镇窗口建档"),
                )
        found |= people.file(new for row, new in missing.values() if not row.problems)
        self._take(wanted, found)
        ids = [person.pk for person in self.people.values()]
        # Locked in one order, so that two files with the same people don't block each other.
        list(
            Person.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk", flat=True)
        )
        for spell in EmploymentSpell.objects.filter(person_id__in=ids, employer=self.employer):
            self.spells[spell.person_id].append(spell)
        for paid in ContributionSpell.objects.filter(person_id__in=ids):
            self.paid[paid.person_id].append(paid)

    def _take(self, wanted: dict[bytes, tuple[Row, Newcomer]], found: dict[bytes, Person]) -> None:
        taken: dict[UUID, int] = {}
        for key, (row, _newcomer) in wanted.items():
            person = found.get(key)
            if person is None:
                continue
            if not people.same_name(person, row.name):
                row.wrong(staff_file.NAME, row.name, _("姓名与证件号码登记的姓名不一致，请核对"))
            elif person.died_on is not None and row.start is not None and row.start > person.died_on:
                row.wrong(staff_file.START, row.start.isoformat(), _("合同开始日期有误，请核对"))
            elif person.pk in taken:  # two documents of one person, merged meanwhile
                row.wrong(
                    staff_file.NUMBER,
                    row.document.number if row.document else "",
                    _("与第%(row)s行是同一个人，同一人只填一行") % {"row": taken[person.pk]},
                )
            else:
                taken[person.pk] = row.line
                self.people[row.line] = person

    def compare(self, row: Row) -> None:
        """What one row changes. Nothing of a row with a problem is entered."""
        person = self.people[row.line]
        add_spell = self._spell(row, person)
        add_paid = self._contributions(row, person) if not row.problems else None
        if row.problems:
            return
        if add_spell is not None:
            add_spell()
        if add_paid is not None:
            add_paid()

    def _spell(self, row: Row, person: Person) -> Callable[[], None] | None:
        """How the employment is entered; None where nothing changes or there is a problem."""
        assert row.start is not None
        same = next((s for s in self.spells[person.pk] if s.start == row.start), None)
        if same is not None:
            return self._known_spell(row, same)
        end = row.end or _NO_DAY
        for other in self.spells[person.pk]:
            if other.start <= end and (other.end or _NO_DAY) >= row.start:
                row.wrong(
                    staff_file.START,
                    row.start.isoformat(),
                    _("与已登记的就业时间重叠：%(start)s至%(end)s")
                    % {"start": other.start, "end": other.end or _("今")},
                )
                return None
        today = clock.today()
        spell = EmploymentSpell(
            person=person,
            employer=self.employer,
            unit_code=person.unit_code,
            reported_name=row.name,
            document_tail=row.document.number[-4:] if row.document else "",
            start=row.start,
            end=row.end,
            contract_type=row.contract_type,
            contract_until=row.until,
            occupation=row.occupation,
            separation_reason=row.reason,
            hire_registered_on=today,
            end_registered_on=today if row.end else None,
            source="employer",
        )
        return lambda: self.new_spells.append(spell)

    def _known_spell(self, row: Row, spell: EmploymentSpell) -> Callable[[], None] | None:
        if spell.end is not None and row.end != spell.end:
            row.wrong(
                staff_file.END,
                row.end.isoformat() if row.end else "",
                _("已登记的终止日期是%(end)s，更正请到街镇窗口办理") % {"end": spell.end},
            )
            return None
        if spell.end is not None and row.reason != spell.separation_reason:
            row.wrong(staff_file.REASON, row.reason or "", _("与已登记的终止原因不同，更正请到街镇窗口办理"))
            return None
        changed = {
            "contract_type": row.contract_type or spell.contract_type,
            "contract_until": row.until or spell.contract_until,
            "occupation": row.occupation or spell.occupation,
        }
        ends = spell.end is None and row.end is not None
        if not ends and all(getattr(spell, name) == value for name, value in changed.items()):
            return None

        def enter() -> None:
            for name, value in changed.items():
                setattr(spell, name, value)
            if ends:
                spell.end, spell.separation_reason, spell.end_registered_on = (
                    row.end,
                    row.reason,
                    clock.today(),
                )
                self.ended_spells.append(spell)
            self.changed_spells.append(spell)

        return enter

    def _contributions(self, row: Row, person: Person) -> Callable[[], None] | None:
        """How the months are entered: nothing twice, a longer run extends the one that is there."""
        if row.first_month is None or row.last_month is None:
            return lambda: self._close(person, row.end)
        first, extended = row.first_month, None
        for other in sorted(self.paid[person.pk], key=lambda paid: paid.first_month):
            if other.first_month > row.last_month or other.last_month < first:
                continue
            if other.employer_id != self.employer.pk:
                row.wrong(
                    staff_file.FROM_MONTH,
                    f"{row.first_month:%Y-%m}",
                    _("%(first)s至%(last)s已在别处缴费，同一月份不能重复")
                    % {"first": f"{other.first_month:%Y-%m}", "last": f"{other.last_month:%Y-%m}"},
                )
                return None
            if other.first_month > first:
                row.wrong(
                    staff_file.FROM_MONTH,
                    f"{row.first_month:%Y-%m}",
                    _("与已登记的缴费月份重叠：%(first)s至%(last)s")
                    % {"first": f"{other.first_month:%Y-%m}", "last": f"{other.last_month:%Y-%m}"},
                )
                return None
            first, extended = add_months(other.last_month, 1), other
        return lambda: self._pay(row, person, first, extended)

    def _pay(self, row: Row, person: Person, first: date, before: ContributionSpell | None) -> None:
        assert row.last_month is not None
        if first <= row.last_month:
            if before is not None and before.base_cents == row.base_cents:
                before.last_month = row.last_month
                self.changed_paid.append(before)
            else:
                if before is not None and before.closed_on is None:  # another base from now on
                    before.closed_on = first - timedelta(days=1)
                    self.changed_paid.append(before)
                self.new_paid.append(
                    ContributionSpell(
                        person=person,
                        employer=self.employer,
                        unit_code=person.unit_code,
                        first_month=first,
                        last_month=row.last_month,
                        base_cents=row.base_cents,
                        place_code=self.employer.unit_code[:6].ljust(6, "0"),
                        closed_on=row.end,
                    )
                )
        self._close(person, row.end)

    def _close(self, person: Person, end: date | None) -> None:
        """With the employment ends the enrolment."""
        if end is None:
            return
        for paid in self.paid[person.pk]:
            if paid.employer_id == self.employer.pk and paid.closed_on is None and paid.first_month <= end:
                paid.closed_on = end
                if paid not in self.changed_paid:
                    self.changed_paid.append(paid)

    def write(self) -> None:
        """Everything at once. Conflict where somebody else changed the same lives meanwhile."""
        try:
            with transaction.atomic():
                EmploymentSpell.objects.bulk_create(self.new_spells, batch_size=_BATCH)
                EmploymentSpell.objects.bulk_update(
                    self.changed_spells,
                    [
                        "contract_type",
                        "contract_until",
                        "occupation",
                        "end",
                        "separation_reason",
                        "end_registered_on",
                    ],
                    batch_size=_BATCH,
                )
                ContributionSpell.objects.bulk_update(
                    self.changed_paid, ["last_month", "closed_on"], batch_size=_BATCH
                )
                ContributionSpell.objects.bulk_create(self.new_paid, batch_size=_BATCH)
        except IntegrityError as error:
            raise Conflict from error
        outbox.emit_many("employment_started", [_event(spell) for spell in self.new_spells])
        ended = [*(spell for spell in self.new_spells if spell.end is not None), *self.ended_spells]
        outbox.emit_many("employment_ended", [_event(spell) for spell in ended])
        self._tell(self.ended_spells)

    def _tell(self, ended: Iterable[EmploymentSpell]) -> None:
        """Whoever was on file here as working learns that the employer reported an end."""
        now = clock.now()
        Message.objects.bulk_create(
            [
                Message(
                    person_id=spell.person_id,
                    unit_code=spell.unit_code,
                    kind="employment_ended",
                    title=_("单位登记了您的离职"),
                    body=ended_words(self.employer.name, spell.end),
                    created_at=now,
                )
                for spell in ended
            ],
            batch_size=_BATCH,
        )


def _event(spell: EmploymentSpell) -> tuple[str, dict[str, object]]:
    return str(spell.pk), {"spell": spell.pk, "person": spell.person_id}
