"""Two files of one person: proposed by name and birth date, merged by a person, and the merge can be undone.

A merge moves every row that points to the absorbed person, in whatever room, and lists what it moved. What
the kept file has already (the same month, the same spell) and what is frozen (trails, decided things) stays
with the absorbed file, which goes on to exist and points to the kept one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

from django.apps import apps
from django.db import DatabaseError, connection, models, transaction
from django.utils.translation import gettext as _
from psycopg import sql

from jiuye.foundation import clock, history, scope
from jiuye.foundation.action import action
from jiuye.foundation.errors import Conflict, Forbidden, NotFound, UserError
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor
from jiuye.registry.models import DuplicateProposal, Merge, Person

_ROLES: Final = (Role.DISTRICT_CASEWORKER, Role.DISTRICT_APPROVER)
_NOT_MOVED: Final = (Merge, DuplicateProposal, Person)
#: unique, exclusion, frozen row, no right to change it (a trail)
_STAYS: Final = ("23505", "23P01", history.FROZEN, "42501")
#: Columns of the person that the kept file takes over where it has nothing.
_FILLS: Final = (
    "hukou_code",
    "residence_code",
    "education",
    "retirement_category",
    "pension_kind",
    "pension_since",
    "self_employed_since",
    "incapacitated_on",
    "died_on",
    "household_id",
)


@action("registry.merge_people", roles=_ROLES)
def merge_people(actor: Actor, *, kept_id: UUID, absorbed_id: UUID, reason: str) -> Merge:
    """Make one file of two. Both must lie in the actor's scope; the same merge again returns the first."""
    if not reason.strip():
        raise UserError(_("请写明合并的理由"), field="reason", code="required")
    kept, absorbed = _two(kept_id, absorbed_id)
    if absorbed.merged_into_id == kept.pk:
        return Merge.objects.get(kept=kept, absorbed=absorbed, undone_at__isnull=True)
    if kept.merged_into_id is not None or absorbed.merged_into_id is not None:
        raise Conflict(_("其中一份档案已经并入别的档案"))
    with scope.elevated("a merge moves rows of every room"):
        moved: list[list[Any]] = []
        for model, column in references():
            moved += _move(model, column, absorbed.pk, kept.pk)
        filled = _fill(kept, absorbed)
        absorbed.merged_into = kept
        absorbed.save(update_fields=["merged_into"])
    merge = Merge.objects.create(
        kept=kept,
        absorbed=absorbed,
        unit_code=kept.unit_code,
        moved={"rows": moved, "filled": filled},
        reason=reason.strip(),
        merged_by_id=_user(actor),
    )
    _decide(actor, kept.pk, absorbed.pk, "merged")
    return merge


@action("registry.undo_merge", roles=_ROLES)
def undo_merge(actor: Actor, *, merge_id: UUID, reason: str) -> Merge:
    """Take a merge back: what it moved and still belongs to the kept file returns. Twice is once."""
    if not reason.strip():
        raise UserError(_("请写明撤销合并的理由"), field="reason", code="required")
    merge = Merge.objects.select_for_update().filter(pk=merge_id).first()
    if merge is None:
        raise NotFound
    if merge.undone_at is not None:
        return merge
    kept, absorbed = _two(merge.kept_id, merge.absorbed_id)
    if kept.merged_into_id is not None:
        raise Conflict(_("这份档案后来又并入了别的档案，请先撤销那一次合并"))
    with scope.elevated("undoing a merge moves rows of every room"):
        for label, column, key in merge.moved["rows"]:
            model = apps.get_model(label)
            _rewrite(model, column, kept.pk, absorbed.pk, key)
        for name in merge.moved["filled"]:
            setattr(kept, name, None)
        kept.save(update_fields=merge.moved["filled"] or ["name"])
        absorbed.merged_into = None
        absorbed.save(update_fields=["merged_into"])
    merge.undone_at, merge.undone_by_id = clock.now(), actor.user_id
    merge.save(update_fields=["undone_at", "undone_by_id"])
    _decide(actor, kept.pk, absorbed.pk, "open")
    return merge


@action("registry.dismiss_duplicate", roles=(Role.STREET_CLERK, *_ROLES))
def dismiss_duplicate(actor: Actor, *, proposal_id: UUID, reason: str) -> DuplicateProposal:
    """Two people who only look like one. The pair is not proposed again."""
    if not reason.strip():
        raise UserError(_("请写明为什么不是同一个人"), field="reason", code="required")
    proposal = DuplicateProposal.objects.select_for_update().filter(pk=proposal_id).first()
    if proposal is None:
        raise NotFound
    if proposal.state == "merged":
        raise Conflict
    proposal.state, proposal.decided_by_id, proposal.decided_at = "different", actor.user_id, clock.now()
    proposal.save(update_fields=["state", "decided_by_id", "decided_at"])
    return proposal


def references() -> Iterator[tuple[type[models.Model], str]]:
    """Every column of every room that holds a person: (model, column)."""
    for model in sorted(apps.get_models(), key=lambda m: m._meta.label):
        if model in _NOT_MOVED or model._meta.proxy or not model._meta.managed:
            continue
        for found in model._meta.concrete_fields:
            to_person = found.is_relation and found.related_model is Person
            if to_person or (isinstance(found, models.UUIDField) and found.column == "person_id"):
                yield model, str(found.column)


def _user(actor: Actor) -> int:
    """A merge has somebody who answers for it."""
    if actor.user_id is None:
        raise Forbidden
    return actor.user_id


def _two(kept_id: UUID, absorbed_id: UUID) -> tuple[Person, Person]:
    """Both, locked in one order."""
    if kept_id == absorbed_id:
        raise UserError(_("这是同一份档案"), field="absorbed")
    found = Person.objects.select_for_update(of=("self",)).filter(pk__in=[kept_id, absorbed_id])
    both = {person.pk: person for person in found.order_by("pk")}
    if len(both) < 2:
        raise NotFound
    return both[kept_id], both[absorbed_id]


def _move(model: type[models.Model], column: str, old: UUID, new: UUID) -> list[list[Any]]:
    """Move all rows; where one can't be moved, each on its own. What moved: [model, column, key]."""
    label = model._meta.label
    try:
        with transaction.atomic():
            return [[label, column, str(key)] for key in _rewrite(model, column, old, new)]
    except DatabaseError as error:
        _stays_or_raise(error)
    moved = []
    for key in _keys(model, column, old):
        try:
            with transaction.atomic():
                moved += [[label, column, str(k)] for k in _rewrite(model, column, old, new, key)]
        except DatabaseError as error:
            _stays_or_raise(error)
    return moved


def _stays_or_raise(error: DatabaseError) -> None:
    if getattr(error.__cause__, "sqlstate", "") not in _STAYS:
        raise error


def _rewrite(model: type[models.Model], column: str, old: UUID, new: UUID, key: Any = None) -> list[Any]:
    """Set the column of the old person's rows (or of one row) to the new person; their keys."""
    only = sql.SQL("") if key is None else sql.SQL(" AND {pk} = {key}").format(**_names(model), key=key)
    query = sql.SQL("UPDATE {table} SET {column} = {new} WHERE {column} = {old}{only} RETURNING {pk}").format(
        **_names(model), column=sql.Identifier(column), new=new, old=old, only=only
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [row[0] for row in cursor.fetchall()]


def _keys(model: type[models.Model], column: str, old: UUID) -> list[Any]:
    query = sql.SQL("SELECT {pk} FROM {table} WHERE {column} = {old} ORDER BY {pk}").format(
        **_names(model), column=sql.Identifier(column), old=old
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [row[0] for row in cursor.fetchall()]


def _names(model: type[models.Model]) -> dict[str, sql.Identifier]:
    return {
        "table": sql.Identifier(model._meta.db_table),
        "pk": sql.Identifier(str(model._meta.pk.column)),
    }


def _fill(kept: Person, absorbed: Person) -> list[str]:
    """What only the absorbed file knew; the names of the columns."""
    filled = [n for n in _FILLS if getattr(kept, n) is None and getattr(absorbed, n) is not None]
    for name in filled:
        setattr(kept, name, getattr(absorbed, name))
    if filled:
        kept.save(update_fields=filled)
    return filled


def _decide(actor: Actor, one: UUID, other: UUID, state: str) -> None:
    done = state == "merged"
    with scope.elevated("the proposal is settled with the merge"):
        DuplicateProposal.objects.filter(person_id__in=[one, other], other_id__in=[one, other]).update(
            state=state,
            decided_by_id=actor.user_id if done else None,
            decided_at=clock.now() if done else None,
        )
