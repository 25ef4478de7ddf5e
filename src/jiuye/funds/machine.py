"""The moves of runs and payments as tables; the database refuses every other one (migration 0002)."""

from __future__ import annotations

from typing import Final

from jiuye.foundation.errors import Conflict
from jiuye.funds.models.run import PaymentState as P
from jiuye.funds.models.run import RunState as R

RUN_MOVES: Final[dict[str, tuple[str, ...]]] = {
    R.OPEN: (R.LOCKED,),
    R.LOCKED: (R.APPROVED, R.DISCARDED),
    R.APPROVED: (R.RELEASED,),
    R.RELEASED: (R.SENT,),
    R.SENT: (R.RECONCILED,),
    R.RECONCILED: (),
    R.DISCARDED: (),
}
PAYMENT_MOVES: Final[dict[str, tuple[str, ...]]] = {
    P.FROZEN: (P.SENT, P.VOID),
    P.SENT: (P.PAID, P.FAILED),
    P.PAID: (P.FAILED,),  # the bank sends money back after it said paid
    P.FAILED: (),
    P.VOID: (),
}
RUN_ORDER: Final[tuple[str, ...]] = (R.OPEN, R.LOCKED, R.APPROVED, R.RELEASED, R.SENT, R.RECONCILED)


def reached(state: str, wanted: str) -> bool:
    """A run in `state` has already been through `wanted`; one that was sent back has been nowhere."""
    return state in RUN_ORDER and RUN_ORDER.index(state) >= RUN_ORDER.index(wanted)


def check_move(state: str, target: str, moves: dict[str, tuple[str, ...]] = RUN_MOVES) -> None:
    """Conflict, naming both states, when the move isn't in the table."""
    if target not in moves[state]:
        raise Conflict(f"{state} → {target}")
