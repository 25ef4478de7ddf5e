"""好差评: five levels, once for every finished case; a bad one is work for somebody, soon."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _

from jiuye.desk import catalogue, city, story
from jiuye.desk.actions import lookup
from jiuye.desk.models import Case, Decision, Rating, Task
from jiuye.desk.models.case import CaseState
from jiuye.desk.models.rating import Score
from jiuye.desk.values import pick
from jiuye.foundation import city as calendars
from jiuye.foundation import clock, outbox, scope, two_person
from jiuye.foundation.action import action
from jiuye.foundation.errors import Conflict, Forbidden, UserError
from jiuye.foundation.roles import CASE_STAFF, PAYMENT_STAFF, Role
from jiuye.foundation.scope import Actor

BAD = (Score.VERY_BAD, Score.BAD)  # 差评: GB/T 39734-2020
LONGEST = 2000  # characters


@action("desk.rate_case", roles={Role.RESIDENT})
def rate_case(actor: Actor, *, case_id: UUID, score: int, comment: str = "") -> Rating:
    """Rate a finished case, once; again is the rating that is there. A bad one is a task for the unit."""
    if score not in Score.values:
        raise UserError(_("请选一个等级"), "score", "required")
    case = lookup.case(case_id)
    if case.ended_at is None or case.state == CaseState.WITHDRAWN or not catalogue.of_case(case).rating:
        raise UserError(_("办结以后才能评价"), "score", "not_ended")
    rating = Rating(
        case=case,
        person_id=case.person_id,
        unit_code=case.unit_code,
        score=score,
        comment=(comment or "").strip()[:LONGEST],
        rated_at=clock.now(),
    )
    with scope.elevated("rating an own case"):
        Rating.objects.bulk_create([rating], ignore_conflicts=True)
        there = Rating.objects.get(case=case)
        if there.pk != rating.pk:
            return there
        story.note(case, actor, "rated")
        if score in BAD:
            _open_task(case, rating)
        outbox.emit("rating_given", f"rating:{rating.pk}", rating=rating.pk)
    return rating


@action("desk.finish_task", roles={*CASE_STAFF, *PAYMENT_STAFF})
def finish_task(actor: Actor, *, task_id: UUID, answer: str) -> Task:
    """Done, with what was found and said. To a bad rating the person reads the answer."""
    answer = (answer or "").strip()
    if not answer:
        raise UserError(_("请写明处理情况"), "answer", "required")
    task = lookup.task(task_id)
    if task.done_at is not None:
        raise Conflict(_("这项工作已经完成"))
    two_person.not_own_file(actor, task.person_id)
    if not (task.handled_by.startswith(actor.prefix) and actor.role.value in _who(task)):
        raise Forbidden(_("这项工作不由您的岗位处理"))
    task.done_at, task.done_by_id, task.answer = clock.now(), actor.user_id, answer
    task.save(update_fields=["done_at", "done_by_id", "answer"])
    if task.kind == "answer_rating" and task.case is not None:
        story.note(task.case, actor, "rating_answered", answer)
        story.tell(task.case, "rating_answered", text=answer)
    return task


def _who(task: Task) -> tuple[str, ...]:
    """The owner's role; at a district its approvers may also do it."""
    if task.owner_role == Role.DISTRICT_CASEWORKER:
        return (Role.DISTRICT_CASEWORKER.value, Role.DISTRICT_APPROVER.value)
    return (task.owner_role,)


def _open_task(case: Case, rating: Rating) -> None:
    today = clock.today()
    days = city.whole("rating_answer_working_days", today)
    unit, owner = deciding_unit(case)
    title = _("答复差评：%(item)s %(number)s")
    Task.objects.bulk_create(
        [
            Task(
                kind="answer_rating",
                key=f"rating:{rating.pk}",
                case=case,
                person_id=case.person_id,
                unit_code=case.unit_code,
                handled_by=unit,
                owner_role=owner.value,
                title=title % {"item": pick(catalogue.title(case.item)), "number": case.number},
                detail={"score": rating.score, "comment": rating.comment, "rating": str(rating.pk)},
                opened_at=clock.now(),
                due_on=calendars.calendar().add_working_days(today, days).date,
            )
        ],
        ignore_conflicts=True,
    )


def deciding_unit(case: Case) -> tuple[str, Role]:
    """Who answers for a case: the street where only it was concerned, else the district that decides."""
    signed = Decision.objects.filter(case=case, decided_at__isnull=False, automatic=False).exists()
    at_street = catalogue.of_case(case).decides == "street" and not signed
    street = story.street_of(case.unit_code)
    if at_street and len(street) == story.STREET_DIGITS:
        return street, Role.STREET_CLERK
    return story.district_of(case.unit_code), Role.DISTRICT_CASEWORKER
