"""Every write of the registers."""

from jiuye.registry.actions.benefits import record_benefit, stop_benefit_period
from jiuye.registry.actions.duplicates import dismiss_duplicate, merge_people, undo_merge
from jiuye.registry.actions.employment import register_end, register_hire
from jiuye.registry.actions.registrations import close_registration, open_registration
from jiuye.registry.actions.statements import set_payee_account, state_facts
from jiuye.registry.actions.uploads import upload_staff_file

__all__ = [
    "close_registration",
    "dismiss_duplicate",
    "merge_people",
    "open_registration",
    "record_benefit",
    "register_end",
    "register_hire",
    "set_payee_account",
    "state_facts",
    "stop_benefit_period",
    "undo_merge",
    "upload_staff_file",
]
