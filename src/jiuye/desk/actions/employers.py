"""An employer's application from its submission to the second signature. Nothing about it is automatic."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext as _

from jiuye.desk import assess, catalogue, city, employers, inputs, letters
from jiuye.desk.catalogue import ONCE, Item
from jiuye.desk.employers import Asked
from jiuye.desk.models import EmployerCase, EmployerDecision, EmployerMonth
from jiuye.desk.models.employer_case import EmployerCaseState as State
from jiuye.desk.values import day, pick, to_json
from jiuye.foundation import clock, deadlines, messages, readlog, scope, two_person
from jiuye.foundation.action import action
from jiuye.foundation.errors import Conflict, Forbidden, NotFound, UserError, UserErrors
from jiuye.foundation.models import User
from jiuye.foundation.numbering import next_number
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor
from jiuye.policy import State as Truth
from jiuye.registry.models import Employer, EmploymentSpell

OFFICERS = {Role.DISTRICT_CASEWORKER, Role.DISTRICT_APPROVER}
SIGNERS = {Role.DISTRICT_APPROVER, Role.CITY_LEAD}
DUTY = "employer_award"  # kind of cities/<city>/duties.yaml
GRANT, REFUSAL = "grant", "refusal"


@action("desk.submit_employer_case", roles={Role.EMPLOYER_AGENT})
def submit_employer_case(
    actor: Actor, *, item: str, answers: Mapping[str, Any], request_key: UUID, spell_id: UUID | None = None
) -> EmployerCase:
    """Apply for the employer itself, or for the person of one of its running employments (`spell_id`).

    The same `request_key` again, or what is being handled already, gives the case that is there. UserErrors.
    """
    entry = employers.item(item)
    if actor.employer_id is None or actor.user_id is None:
        raise Forbidden
    spell = _spell(actor, spell_id) if employers.about_worker(entry) else None
    worker_id = spell.person_id if spell else None
    asked = employers.ask(entry, actor.employer_id, worker_id, clock.today())
    said = _answers(asked, answers)
    with scope.elevated("an employer's application"):
        employer = Employer.objects.get(pk=actor.employer_id)
        if done := _there(employer.pk, item, worker_id, request_key):
            return done
        case = EmployerCase(
            number=next_number("case", employer.unit_code),
            employer=employer,
            unit_code=employer.unit_code,
            item=entry.code,
            item_version=entry.version,
            worker_id=worker_id,
            worker_name=spell.reported_name if spell else "",
            request_key=request_key,
            said=said,
            submitted_by_id=actor.user_id,
            submitted_at=clock.now(),
        )
        _start(case, entry)
        EmployerCase.objects.bulk_create([case], ignore_conflicts=True)
        there = _there(employer.pk, item, worker_id, request_key)
        if there is None:
            raise Conflict
        if there.pk == case.pk:
            _tell(case, *SUBMITTED_WORDS)
        return there


@action("desk.withdraw_employer_case", roles={Role.EMPLOYER_AGENT})
def withdraw_employer_case(actor: Actor, *, case_id: UUID) -> EmployerCase:
    """The employer no longer wants it. What is being prepared falls away."""
    seen = EmployerCase.objects.filter(pk=case_id).first()
    if seen is None or seen.employer_id != actor.employer_id:
        raise NotFound
    with scope.elevated("withdrawing an own application"):
        case = _locked(case_id)
        _open(case)
        EmployerDecision.objects.filter(case=case, decided_at__isnull=True, withdrawn_at__isnull=True).update(
            withdrawn_at=clock.now(), withdrawn_reason=_("单位撤回申请")
        )
        _end(case, State.WITHDRAWN, "")
    return case


@action("desk.record_employer_facts", roles=OFFICERS)
def record_employer_facts(actor: Actor, *, case_id: UUID, facts: Mapping[str, Any]) -> EmployerCase:
    """What was seen in documents or asked of other offices, typed as in the form; counts before all else."""
    case = _mine(actor, case_id)
    if case.state != State.SUBMITTED:
        raise Conflict(_("这件申请已经拟定，请先退回"))
    behind = assess.facts_behind(employers.item(case.item).rules, clock.today())
    known = {name: city.law().facts[name] for name in behind}
    errors: list[UserError] = []
    found: dict[str, Any] = {}
    for name, raw in facts.items():
        if name not in known or not raw:
            continue
        try:
            found[name] = to_json(inputs.parse(known[name], raw, name))
        except UserError as error:
            errors.append(error)
    if errors:
        raise UserErrors(errors)
    if not found:
        raise UserError(_("请至少填一项核实到的情况"), "facts", "required")
    case.recorded = {**case.recorded, **found}
    case.save(update_fields=["recorded"])
    return case


@action("desk.prepare_employer_decision", roles=OFFICERS)
def prepare_employer_decision(actor: Actor, *, case_id: UUID, kind: str, reason: str) -> EmployerDecision:
    """Draw up a grant or a refusal and sign it as the first of two. A grant needs every condition met."""
    if kind not in (GRANT, REFUSAL):
        raise UserError(_("这里只能拟定同意或不予"), "kind")
    if not (reason := (reason or "").strip()):
        raise UserError(_("请写明理由"), "reason", "required")
    case = _mine(actor, case_id)
    if case.state != State.SUBMITTED:
        raise Conflict
    asked = employers.of_case(case, clock.today())
    _allowed(asked, kind)
    effects = assess.effects(asked.finding, asked.on, {}) if kind == GRANT else {}
    decision = EmployerDecision.objects.create(
        case=case,
        unit_code=case.unit_code,
        kind=kind,
        rule=asked.finding.outcome.rule,
        law_version=asked.finding.outcome.version,
        on=asked.on,
        outcome=asked.finding.to_json(),
        facts=asked.to_json(),
        effects=effects,
        amount_cents=effects.get("total_cents", 0),
        reason=reason,
        created_at=clock.now(),
    )
    if case.worker_id is not None:
        readlog.record_use(actor, case.worker_id, "employer_case", case.number)
    two_person.prepare(decision, actor, DUTY)
    case.state = State.PREPARED
    case.save(update_fields=["state"])
    return decision


@action("desk.approve_employer_decision", roles=SIGNERS)
def approve_employer_decision(actor: Actor, *, decision_id: UUID) -> EmployerDecision:
    """Sign as the next person; with the last signature months, letter and message follow.

    Conflict when it was decided or sent back meanwhile, or the law gives another answer now.
    """
    _seen(decision_id)
    with scope.elevated("a decision on an employer's application takes effect"):
        decision, case = _waiting(actor, decision_id)
        asked = employers.of_case(case, clock.today())
        if (asked.finding.state is Truth.MET) != (decision.kind == GRANT):
            raise Conflict(_("拟定以后情况变了，结论也变了，请退回重新拟定"))
        if decision.kind == GRANT:
            _allowed(asked, GRANT)  # what excludes it may have been granted since
            effects = assess.effects(asked.finding, asked.on, {})
            decision.outcome, decision.effects, decision.on = asked.finding.to_json(), effects, asked.on
            decision.law_version, decision.facts = asked.finding.outcome.version, asked.to_json()
            decision.amount_cents = effects.get("total_cents", 0)
            decision.save()
        if two_person.approve(decision, actor, decision.amount_cents, DUTY):
            if decision.kind == GRANT and decision.effects.get("benefit"):
                _give(case, decision)
            _finish(case, decision, asked)
    return decision


@action("desk.send_back_employer_decision", roles=SIGNERS)
def send_back_employer_decision(actor: Actor, *, decision_id: UUID, reason: str) -> EmployerDecision:
    """The second person doesn't sign: back to who prepared it, with the reason."""
    if not (reason := (reason or "").strip()):
        raise UserError(_("请写明为什么退回"), "reason", "required")
    _seen(decision_id)
    with scope.elevated("a prepared decision is sent back"):
        decision, case = _waiting(actor, decision_id)
        decision.withdrawn_at, decision.withdrawn_reason = clock.now(), reason
        decision.save(update_fields=["withdrawn_at", "withdrawn_reason"])
        case.state = State.SUBMITTED
        case.save(update_fields=["state"])
    return decision


def _spell(actor: Actor, spell_id: UUID | None) -> EmploymentSpell:
    """One of the employer's own running employments."""
    if spell_id is None or actor.employer_id is None:
        raise UserError(_("请从在职人员里选一位"), "spell", "required")
    rows = EmploymentSpell.objects.filter(pk=spell_id, employer_id=actor.employer_id, end__isnull=True)
    found = rows.first()
    if found is None:
        raise UserError(_("请从在职人员里选一位"), "spell", "required")
    return found


def _answers(asked: Asked, answers: Mapping[str, Any]) -> dict[str, Any]:
    """What the form asked, as JSON; UserErrors name every field."""
    said: dict[str, Any] = {}
    errors: list[UserError] = []
    for fact in employers.questions(asked):
        try:
            said[fact.name] = to_json(inputs.parse(fact, answers.get(fact.name)))
        except UserError as error:
            errors.append(error)
    if errors:
        raise UserErrors(errors)
    return said


def _there(employer_id: UUID, item: str, worker_id: UUID | None, key: UUID) -> EmployerCase | None:
    """The case of this request, or the open one about the same."""
    rows = EmployerCase.objects.filter(employer_id=employer_id, item=item)
    about = rows.filter(worker_id=worker_id, ended_at__isnull=True)
    return rows.filter(request_key=key).first() or about.first()


def _start(case: EmployerCase, entry: Item) -> None:
    today = clock.today()
    assert entry.promised_days, f"{entry.code} has no time limit"
    assert entry.statutory_days, f"{entry.code} has no time limit"
    promised = city.whole(entry.promised_days, today)
    limited = entry.statutory_days != catalogue.NO_LIMIT
    statutory = city.whole(entry.statutory_days, today) if limited else promised
    deadlines.start(case, today, promised, statutory)


def _locked(case_id: UUID) -> EmployerCase:
    found = EmployerCase.objects.select_for_update(of=("self",)).filter(pk=case_id).first()
    if found is None:
        raise NotFound
    return found


def _open(case: EmployerCase) -> None:
    if case.ended_at is not None:
        raise Conflict(_("这件申请已经办结"))


def _mine(actor: Actor, case_id: UUID) -> EmployerCase:
    """An open case in the actor's scope that isn't about themselves."""
    case = _locked(case_id)
    _open(case)
    two_person.not_own_file(actor, case.worker_id)
    return case


def _seen(decision_id: UUID) -> None:
    """NotFound outside the actor's scope."""
    if not EmployerDecision.objects.filter(pk=decision_id).exists():
        raise NotFound


def _waiting(actor: Actor, decision_id: UUID) -> tuple[EmployerDecision, EmployerCase]:
    """A decision that waits for a signature, and its case, both locked."""
    decision = EmployerDecision.objects.select_for_update(of=("self",)).get(pk=decision_id)
    if decision.decided_at is not None or decision.withdrawn_at is not None:
        raise Conflict(_("这项决定已经处理过了"))
    return decision, _mine(actor, decision.case_id)


def _allowed(asked: Asked, kind: str) -> None:
    state = asked.finding.state
    if kind == REFUSAL:
        if state is Truth.MET:
            raise UserError(_("所有条件都满足，不能不予批准"), "kind", "met")
        return
    if state is Truth.UNKNOWN:
        raise UserError(_("还有情况没有核实，不能同意"), "kind", "unknown")
    if state is not Truth.MET:
        raise UserError(_("有条件没有满足，不能同意"), "kind", "not_met")
    if other := employers.beside(asked):
        words = {"other": pick(other.title)}
        raise UserError(_("这名劳动者正在享受不能同时享受的%(other)s") % words, "kind", "excluded")


def _give(case: EmployerCase, decision: EmployerDecision) -> None:
    """The months; the database refuses one that was given before."""
    rows = [
        EmployerMonth(
            case=case,
            employer_id=case.employer_id,
            worker_id=case.worker_id,
            unit_code=case.unit_code,
            benefit=decision.effects["benefit"],
            month=date.fromisoformat(f"{line['month']}-01"),
            amount_cents=line["amount_cents"],
        )
        for line in decision.effects["schedule"]
    ]
    once = decision.effects["per"] == ONCE and employers.item(case.item).held_when is not None
    if once and employers.had(case.employer_id, case.worker_id, decision.effects["benefit"]):
        raise UserError(_("这一项只能享受一次，已经核定过"), code="held")
    try:
        with transaction.atomic():
            EmployerMonth.objects.bulk_create(rows)
    except IntegrityError as error:
        raise UserError(_("这些月份已有核定，不能重复发放"), code="months_taken") from error


def _finish(case: EmployerCase, decision: EmployerDecision, asked: Asked) -> None:
    now = clock.now()
    case.letter = letters.employer_letter(case, decision, asked.finding)
    case.save(update_fields=["letter"])
    EmployerDecision.objects.filter(pk=decision.pk).update(decided_at=now)
    decision.decided_at = now
    granted = decision.kind == GRANT
    _end(case, State.GRANTED if granted else State.REFUSED, "" if granted else decision.reason)
    _tell(case, *(GRANTED_WORDS if granted else REFUSED_WORDS))


def _end(case: EmployerCase, state: State, words: str) -> None:
    deadlines.close(case, clock.today())
    case.state, case.words, case.ended_at = state, words, clock.now()
    case.save()


SUBMITTED_WORDS = (
    gettext_noop("我们收到了申请：%(item)s"),
    gettext_noop("编号 %(number)s。最晚 %(due)s 告诉您结果。"),
)
GRANTED_WORDS = (
    gettext_noop("已同意：%(item)s"),
    gettext_noop("编号 %(number)s 已同意，每个月多少写在申请的页面上。"),
)
REFUSED_WORDS = (
    gettext_noop("没有同意：%(item)s"),
    gettext_noop("编号 %(number)s 没有同意，原因和怎样申请复核写在决定书里。"),
)


def _tell(case: EmployerCase, title: str, body: str) -> None:
    """In the language of who applied."""
    language = User.objects.filter(pk=case.submitted_by_id).values_list("language", flat=True).first()
    with translation.override(language or "zh-hans"):
        due = day(case.promised_due) if case.promised_due else gettext("未定")
        known = {"item": pick(catalogue.title(case.item)), "number": case.number, "due": due}
        messages.notify(
            employer_id=case.employer_id,
            unit_code=case.unit_code,
            kind="employer_case",
            title=gettext(title) % known,
            body=gettext(body) % known,
            link=f"/employer/claims/{case.pk}/",
        )
