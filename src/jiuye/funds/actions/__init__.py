"""Every write of the money room."""

from jiuye.funds.actions.awards import make_award, stop_award
from jiuye.funds.actions.control import confirm_sample, draw_sample, fill_samples
from jiuye.funds.actions.recovery import (
    agree_plan,
    approve_recovery,
    pay_instalment,
    prepare_recovery,
    send_back_recovery,
)
from jiuye.funds.actions.returns import take_return
from jiuye.funds.actions.runs import (
    approve_run,
    lock_run,
    open_run,
    open_supplementary_run,
    release_run,
    send_back_run,
    send_run,
)
from jiuye.funds.actions.stops import stop_by_rule

__all__ = [
    "agree_plan",
    "approve_recovery",
    "approve_run",
    "confirm_sample",
    "draw_sample",
    "fill_samples",
    "lock_run",
    "make_award",
    "open_run",
    "open_supplementary_run",
    "pay_instalment",
    "prepare_recovery",
    "release_run",
    "send_back_recovery",
    "send_back_run",
    "send_run",
    "stop_award",
    "stop_by_rule",
    "take_return",
]
