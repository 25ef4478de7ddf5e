"""Every write of the desk, by the step of a case's life."""

from jiuye.desk.actions.appeals import appeal, review_decision
from jiuye.desk.actions.cataloguing import (
    confirm_item,
    install_catalogue,
    open_item_draft,
    publish_item,
    remind_of_items,
    save_item_draft,
    send_back_item_draft,
    submit_item_draft,
    withdraw_item_draft,
)
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
from jiuye.desk.actions.pausing import extend_case, resume_case, return_for_correction, suspend_case
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
from jiuye.desk.actions.watching import watch_waits
from jiuye.desk.actions.working import (
    cover_absence,
    end_cover,
    give_back,
    next_case,
    park_case,
    unpark_case,
)

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
    "confirm_item",
    "cover_absence",
    "decide_case",
    "decline_offer",
    "discard_draft",
    "end_cover",
    "end_outreach",
    "escalate_late_cases",
    "extend_case",
    "finish_task",
    "give_back",
    "hand_to_district",
    "install_catalogue",
    "next_case",
    "open_item_draft",
    "park_case",
    "prepare_decision",
    "prepare_employer_decision",
    "publish_item",
    "rate_case",
    "reach_out",
    "reach_out_to_employers",
    "record_employer_facts",
    "record_evidence",
    "remind_of_items",
    "resume_case",
    "return_for_correction",
    "review_decision",
    "save_draft",
    "save_item_draft",
    "send_back",
    "send_back_employer_decision",
    "send_back_item_draft",
    "settle_outreach",
    "submit_bundle",
    "submit_employer_case",
    "submit_item_draft",
    "suspend_case",
    "take_case",
    "tell_of_endings",
    "tell_of_law",
    "unpark_case",
    "watch_waits",
    "withdraw_case",
    "withdraw_employer_case",
    "withdraw_item_draft",
]
