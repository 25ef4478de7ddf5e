"""Money: what was awarded, what is paid in a run, how it is booked, what comes back."""

from jiuye.funds.models.award import Award, AwardMonth
from jiuye.funds.models.control import ControlSample, ControlSeed
from jiuye.funds.models.ledger import LedgerEntry, LedgerTransaction
from jiuye.funds.models.recovery import Instalment, Overpayment, RepaymentPlan
from jiuye.funds.models.run import BankReturn, LeftOut, Payment, PaymentRun

__all__ = [
    "Award",
    "AwardMonth",
    "BankReturn",
    "ControlSample",
    "ControlSeed",
    "Instalment",
    "LedgerEntry",
    "LedgerTransaction",
    "LeftOut",
    "Overpayment",
    "Payment",
    "PaymentRun",
    "RepaymentPlan",
]
