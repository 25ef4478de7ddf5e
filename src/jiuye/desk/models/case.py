"""A case (办件): one application of one person for one item. A bundle makes several with one submission."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from jiuye.foundation.deadlines import Clocked
from jiuye.foundation.ids import new_id
from jiuye.foundation.models import StoredFile
from jiuye.foundation.sealed import SealedField
from jiuye.registry.models import Person


class CaseState(models.TextChoices):
    """Which moves are allowed stands in desk/transitions.py."""

    SUBMITTED = "submitted", "已提交"
    STREET = "street", "街镇核实中"
    ASKED = "asked", "等您补充"
    SUSPENDED = "suspended", "中止办理"
    DISTRICT = "district", "区级审核中"
    PREPARED = "prepared", "待复核"
    GRANTED = "granted", "已办结：同意"
    REFUSED = "refused", "已办结：不予"
    WITHDRAWN = "withdrawn", "已撤回"
    CLOSED = "closed", "已办结"  # an appeal or other case without grant or refusal


OPEN_STATES = (
    CaseState.SUBMITTED,
    CaseState.STREET,
    CaseState.ASKED,
    CaseState.SUSPENDED,
    CaseState.DISTRICT,
    CaseState.PREPARED,
)


class Case(Clocked):
    """`unit_code`: the person's; `handled_by`: the unit whose queue it is in, None once it ended."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(max_length=30, unique=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="cases")
    unit_code = models.CharField(max_length=12)
    item = models.CharField(max_length=40)  # code of cities/<city>/items
    item_version = models.CharField(max_length=16)
    bundle = models.CharField(max_length=40, blank=True)
    request_key = models.UUIDField()  # made with the form: a repeated submission is the same case
    channel = models.CharField(max_length=10)  # web, counter, system
    state = models.CharField(max_length=10, choices=CaseState, default=CaseState.SUBMITTED)
    handled_by = models.CharField(max_length=12, null=True)
    assigned_to_id = models.BigIntegerField(null=True)  # user
    parked_until = models.DateField(null=True)  # put aside; it comes back on that day by itself
    parked_reason = models.CharField(max_length=200, blank=True, default="", db_default="")
    about = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="appeals")
    about_decision = models.ForeignKey(
        "desk.Decision", null=True, on_delete=models.PROTECT, related_name="appeals"
    )
    receipt = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")
    # of a case that people ended with words: the answer, the certificate, what was done
    letter = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")
    words = models.TextField(blank=True)  # what the person wrote, e.g. why they appeal
    submitted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            # the queue of a unit: newest due first, without touching other units
            models.Index(
                fields=["handled_by", "promised_due"], condition=Q(ended_at__isnull=True), name="case_queue"
            ),
            models.Index(fields=["person", "-submitted_at"]),
            models.Index(fields=["unit_code", "submitted_at"]),
        ]
        constraints = [
            models.UniqueConstraint(fields=["person", "item", "request_key"], name="case_once_per_request"),
            models.UniqueConstraint(
                fields=["person", "item"],
                condition=Q(ended_at__isnull=True, about_decision__isnull=True),
                name="case_one_open_per_item",
            ),
            models.UniqueConstraint(
                fields=["about_decision"],
                condition=Q(ended_at__isnull=True, about_decision__isnull=False),
                name="case_one_open_appeal",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, state__in=OPEN_STATES)
                | (Q(ended_at__isnull=False) & ~Q(state__in=OPEN_STATES)),
                name="case_ended_has_end_state",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class CaseEvent(models.Model):
    """One line of a case's story, in words for the person; who is a role for the person, a name for staff."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="events")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    unit_code = models.CharField(max_length=12)
    at = models.DateTimeField()
    kind = models.CharField(max_length=30)
    from_state = models.CharField(max_length=10, blank=True)
    to_state = models.CharField(max_length=10, blank=True)
    text = models.TextField(blank=True)
    user_id = models.BigIntegerField(null=True)
    user_name = models.CharField(max_length=100, blank=True)
    role = models.CharField(max_length=20)

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["case", "at"])]


class Draft(models.Model):
    """An unfinished form, kept for the person on every device. `answers` is JSON text, sealed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="drafts")
    unit_code = models.CharField(max_length=12)
    bundle = models.CharField(max_length=40)
    request_key = models.UUIDField(default=new_id)
    answers = SealedField("desk_draft.answers")
    step = models.CharField(max_length=40, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "bundle"], name="draft_one_per_bundle")]


class HandOff(models.Model):
    """A case given from one unit to another, with the note that goes along."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="handoffs")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    unit_code = models.CharField(max_length=12)
    from_unit = models.CharField(max_length=12)
    to_unit = models.CharField(max_length=12)
    note = models.TextField()
    by_id = models.BigIntegerField()
    at = models.DateTimeField()
