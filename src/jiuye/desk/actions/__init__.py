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
from jiuye.desk.actions.employers import (
    approve_employer_decision,
    prepare_employer_decision,
    record_employer_facts,
    send_back_employer_decision,
    submit_employer_case,
    withdraw_employer_case,
)
from jiuye.desk.actions.escalating import escalate_late_cases
from jiuye.desk.actions.rating import finish_task, rate_case
from jiuye.desk.actions.reaching_out import (
    accept_employer_offer,
    accept_offer,
    ask_streets,
    choose_push,
    decline_offer,
    end_outreach,
    reach_out,
    reach_out_to_employers,
    settle_outreach,
    tell_of_endings,
    tell_of_law,
)
from jiuye.desk.actions.street import (
    answer,
    ask_person,
    close_doubt,
    hand_to_district,
    record_evidence,
)
from jiuye.desk.actions.submitting import discard_draft, save_draft, submit_bundle, withdraw_case

__all__ = [
    "accept_employer_offer",
    "accept_offer",
    "answer",
    "appeal",
    "approve_decision",
    "approve_employer_decision",
    "ask_person",
    "ask_streets",
    "choose_push",
    "close_case",
    "close_doubt",
    "decide_case",
    "decline_offer",
    "discard_draft",
    "end_outreach",
    "escalate_late_cases",
    "finish_task",
    "hand_to_district",
    "prepare_decision",
    "prepare_employer_decision",
    "rate_case",
    "reach_out",
    "reach_out_to_employers",
    "record_employer_facts",
    "record_evidence",
    "review_decision",
    "save_draft",
    "send_back",
    "send_back_employer_decision",
    "settle_outreach",
    "submit_bundle",
    "submit_employer_case",
    "take_case",
    "tell_of_endings",
    "tell_of_law",
    "withdraw_case",
    "withdraw_employer_case",
]
