"""Proposals of other law: what is written differently, and what came out when it was tried."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import Q

from jiuye.desk.models import LawVersion
from jiuye.foundation import clock
from jiuye.foundation.ids import new_id
from jiuye.foundation.models import User
from jiuye.foundation.two_person import TwoPerson

FORGOTTEN = timedelta(minutes=45)


class ProposalState(models.TextChoices):
    DRAFT = "draft", "起草中"
    SUBMITTED = "submitted", "等复核"
    APPROVED = "approved", "可以发布"
    WITHDRAWN = "withdrawn", "已撤回"


class Proposal(TwoPerson):
    """Another text for some files of the law `base`. Nothing here is in force: it leaves as a patch.

    `edition` grows with each change of title or reason, `returned` is why it last came back from review.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    unit_code = models.CharField(max_length=12)
    title = models.CharField(max_length=200)
    reason = models.TextField()
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    base = models.ForeignKey(LawVersion, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=ProposalState, default=ProposalState.DRAFT)
    edition = models.PositiveIntegerField(default=1)
    returned = models.TextField(blank=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)  # approved or withdrawn: frozen from then on

    class Meta(TwoPerson.Meta):
        ordering = ["-changed_at", "-id"]
        constraints = [
            *TwoPerson.Meta.constraints,
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(prepared_by__isnull=False, approved_by__isnull=False),
                name="proposal_approved_by_two",
            ),
            models.CheckConstraint(
                condition=~Q(state="submitted") | Q(prepared_by__isnull=False), name="proposal_submitted_by"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["approved", "withdrawn"], closed_at__isnull=False)
                | Q(state__in=["draft", "submitted"], closed_at__isnull=True),
                name="proposal_closed_when",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class ProposalFile(models.Model):
    """The whole new text of one file, named as in the folder of law. `edition` grows with each save."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="files")
    path = models.CharField(max_length=100)
    text = models.TextField()
    digest = models.CharField(max_length=64)  # SHA-256 of the text: history keeps this instead of it
    edition = models.PositiveIntegerField()
    changed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["path"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "path"], name="proposal_file_once"),
        ]

    def __str__(self) -> str:
        return self.path


class TrialKind(models.TextChoices):
    EXAMPLES = "examples", "算例"
    CITY = "city", "全市"


class TrialState(models.TextChoices):
    WAITING = "waiting", "排队中"
    RUNNING = "running", "正在跑"
    DONE = "done", "跑完了"
    FAILED = "failed", "没跑成"


class Trial(models.Model):
    """A proposal tried, one row for each text of it. `key` is the hash of that text, base included.

    step, done, total: what it is doing and how far it is. problem: a word for why it failed.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="trials")
    kind = models.CharField(max_length=10, choices=TrialKind)
    key = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=TrialState, default=TrialState.WAITING)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    step = models.CharField(max_length=20, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=20, blank=True)  # time, memory, changed, broken, law
    details = models.TextField(blank=True)
    result = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["proposal", "kind", "key"], name="trial_once_a_text"),
            models.CheckConstraint(
                condition=Q(state__in=["done", "failed"], finished_at__isnull=False)
                | Q(state__in=["waiting", "running"], finished_at__isnull=True),
                name="trial_finished_when",
            ),
        ]

    @property
    def over(self) -> bool:
        return self.state in (TrialState.DONE, TrialState.FAILED)

    @property
    def lost(self) -> bool:
        """Not heard of for longer than any run takes: its job is gone, it may be asked for again."""
        return not self.over and clock.now() - (self.started_at or self.asked_at) > FORGOTTEN
