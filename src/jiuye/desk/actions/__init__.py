"""Every write of the desk, by the step of a case's life."""

from jiuye.desk.actions.appeals import appeal, review_decision
from jiuye.desk.actions.deciding import decide_case
from jiuye.desk.actions.district import (
    approve_decision,
    close_case,
    prepare_decision,
    send_back,
    take_case,
)
from jiuye.desk.actions.escalating import escalate_late_cases
from jiuye.desk.actions.rating import finish_task, rate_case
from jiuye.desk.actions.street import (
    answer,
    ask_person,
    close_doubt,
    hand_to_district,
    record_evidence,
)
from jiuye.desk.actions.submitting import discard_draft, save_draft, submit_bundle, withdraw_case

__all__ = [
    "answer",
    "appeal",
    "approve_decision",
    "ask_person",
    "close_case",
    "close_doubt",
    "decide_case",
    "discard_draft",
    "escalate_late_cases",
    "finish_task",
    "hand_to_district",
    "prepare_decision",
    "rate_case",
    "record_evidence",
    "review_decision",
    "save_draft",
    "send_back",
    "submit_bundle",
    "take_case",
    "withdraw_case",
]
