"""Every read that a page needs."""

from jiuye.desk.queries.files import CaseFile, case_file, decision_sheet
from jiuye.desk.queries.lateness import BY, Lateness, lateness
from jiuye.desk.queries.mine import my_case, my_cases, my_decisions
from jiuye.desk.queries.nights import night, nights
from jiuye.desk.queries.outreach import (
    employer_case_of,
    employer_offer,
    employer_offers,
    employer_wants_push,
    last_night,
    my_offer,
    my_offers,
    outreach_list,
    outreach_numbers,
    outreach_of,
    wants_push,
)
from jiuye.desk.queries.queues import FILTERS, SORTS, Page, Row, counts, queue
from jiuye.desk.queries.team import Colleague, Load, colleagues, covers, loads
from jiuye.desk.queries.work import tasks

__all__ = [
    "BY",
    "FILTERS",
    "SORTS",
    "CaseFile",
    "Colleague",
    "Lateness",
    "Load",
    "Page",
    "Row",
    "case_file",
    "colleagues",
    "counts",
    "covers",
    "decision_sheet",
    "employer_case_of",
    "employer_offer",
    "employer_offers",
    "employer_wants_push",
    "last_night",
    "lateness",
    "loads",
    "my_case",
    "my_cases",
    "my_decisions",
    "my_offer",
    "my_offers",
    "night",
    "nights",
    "outreach_list",
    "outreach_numbers",
    "outreach_of",
    "queue",
    "tasks",
    "wants_push",
]
