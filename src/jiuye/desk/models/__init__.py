"""Cases and what hangs on them."""

from jiuye.desk.models.case import Case, CaseEvent, Draft, HandOff
from jiuye.desk.models.catalogue import CatalogueRevision, ItemVersion, VersionState
from jiuye.desk.models.decision import Decision
from jiuye.desk.models.doubt import Doubt, Evidence
from jiuye.desk.models.employer_case import EmployerCase, EmployerDecision, EmployerMonth
from jiuye.desk.models.handling import AbsenceCover
from jiuye.desk.models.law import LawVersion, ReplayRun
from jiuye.desk.models.outreach import Outreach, OutreachRun, PushChoice
from jiuye.desk.models.rating import Rating
from jiuye.desk.models.task import Task
from jiuye.desk.models.waiting import Correction, Extension, Suspension

__all__ = [
    "AbsenceCover", "Case", "CaseEvent", "CatalogueRevision", "Correction", "Decision", "Doubt", "Draft",
    "EmployerCase", "EmployerDecision", "EmployerMonth", "Evidence", "Extension", "HandOff", "ItemVersion",
    "LawVersion", "Outreach", "OutreachRun", "PushChoice", "Rating", "ReplayRun", "Suspension", "Task",
    "VersionState",
]  # fmt: skip
