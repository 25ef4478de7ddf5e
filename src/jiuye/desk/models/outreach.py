"""Policy finds people (政策找人): who was told of what, why, and what became of it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from jiuye.desk.models.case import Case
from jiuye.desk.models.task import Task
from jiuye.foundation.ids import new_id
from jiuye.registry.models import Employer, Household, Person


class OutreachKind(models.TextChoices):
    NEW = "new", "新符合"
    ENDING = "ending", "快到期"
    UNCLAIMED = "unclaimed", "一直没有办"


class OutreachWay(models.TextChoices):
    MESSAGE = "message", "发了消息"
    TASK = "task", "请街镇联系"
    PREPARED = "prepared", "备好了，等本人同意"
    DIRECT = "direct", "直接办理"


class OutreachEnd(models.TextChoices):
    CLAIMED = "claimed", "办了"
    LAPSED = "lapsed", "情况变了，不再符合"
    INSTEAD = "instead", "选了只能享受其一的另一项"
    DECLINED = "declined", "本人不要"
    FOLLOWED = "followed", "已请街镇联系"
    PASSED = "passed", "已过期"


_OPEN = Q(ended_on__isnull=True)
_HOME = Q(household__isnull=False)
_FIRM = Q(employer__isnull=False)
_ONE = Q(person__isnull=False, employer__isnull=True) | Q(
    person__isnull=True, household__isnull=True, employer__isnull=False
)


class Outreach(models.Model):
    """One contact of one person or employer about one benefit; of a household's one for all its members.

    `period`: what makes it the same thing: the day it was first found, or the day something ends. `outcome`
    and `facts` are the JSON of policy.Outcome and of the facts with their sources, as when it was found. Of a
    benefit about an employer's workers they say nothing of any worker, but how many (`outcome.workers`).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    household = models.ForeignKey(Household, null=True, on_delete=models.PROTECT, related_name="+")
    employer = models.ForeignKey(Employer, null=True, on_delete=models.PROTECT, related_name="+")
    unit_code = models.CharField(max_length=12)
    benefit = models.CharField(max_length=60)  # entry of cities/<city>/menu.yaml
    kind = models.CharField(max_length=10, choices=OutreachKind)
    period = models.DateField()
    found_on = models.DateField()
    way = models.CharField(max_length=10, choices=OutreachWay)
    law_version = models.CharField(max_length=64)  # content hash of the law that found it
    outcome = models.JSONField(default=dict)
    facts = models.JSONField(default=dict)
    supposes = models.JSONField(default=list)  # facts only the person can confirm
    choice = models.JSONField(default=dict)  # others that can't be had beside it, and why this one
    amount_cents = models.BigIntegerField(null=True)
    per = models.CharField(max_length=5, blank=True)  # month, once, year; "" = the sum of all months
    request_key = models.UUIDField(default=new_id)  # of the application that follows from it
    task = models.ForeignKey(Task, null=True, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="+")
    ended_on = models.DateField(null=True)
    end = models.CharField(max_length=10, choices=OutreachEnd, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["person", "-found_on"]),
            models.Index(fields=["benefit", "unit_code"]),
            models.Index(fields=["unit_code", "-id"], name="outreach_unit"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "benefit", "kind", "period"], condition=~_HOME, name="outreach_once"
            ),
            models.UniqueConstraint(
                fields=["household", "benefit", "kind", "period"],
                condition=_HOME,
                name="outreach_once_a_home",
            ),
            models.UniqueConstraint(
                fields=["person", "benefit", "kind"], condition=_OPEN & ~_HOME, name="outreach_one_open"
            ),
            models.UniqueConstraint(
                fields=["household", "benefit", "kind"],
                condition=_OPEN & _HOME,
                name="outreach_one_open_a_home",
            ),
            models.UniqueConstraint(
                fields=["employer", "benefit", "kind", "period"],
                condition=_FIRM,
                name="outreach_once_an_employer",
            ),
            models.UniqueConstraint(
                fields=["employer", "benefit", "kind"],
                condition=_OPEN & _FIRM,
                name="outreach_one_open_an_employer",
            ),
            models.CheckConstraint(condition=_ONE, name="outreach_one_subject"),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True, end="") | (Q(ended_on__isnull=False) & ~Q(end="")),
                name="outreach_end_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("found_on")), name="outreach_order"
            ),
        ]


class PushChoice(models.Model):
    """Whether a person, or an employer, wants to be told unasked what they may have. No row: yes.

    Of a person: 个人信息保护法 24条.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.OneToOneField(Person, null=True, on_delete=models.PROTECT, related_name="+")
    employer = models.OneToOneField(Employer, null=True, on_delete=models.PROTECT, related_name="+")
    unit_code = models.CharField(max_length=12)
    wanted = models.BooleanField()
    chosen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False, employer__isnull=True)
                | Q(person__isnull=True, employer__isnull=False),
                name="choice_one_subject",
            )
        ]


class OutreachRun(models.Model):
    """One night. `numbers`: benefit -> {found, told, opted_out, later, instead, failed, and each way};
    `left_out`: benefit -> why it couldn't be asked of all.

    failures: of whom the law couldn't be asked, or what of them couldn't be read: [{benefit or fact, id,
    error}], no more than the first hundred of each.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    on = models.DateField(unique=True)
    law_version = models.CharField(max_length=64)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    looked_at = models.PositiveIntegerField(default=0)  # people
    employers_looked_at = models.PositiveIntegerField(default=0)
    contacted = models.PositiveIntegerField(default=0)
    numbers = models.JSONField(default=dict)
    left_out = models.JSONField(default=dict)
    failures = models.JSONField(default=list)
