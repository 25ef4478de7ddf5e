"""Everything a page needs to know about money."""

from jiuye.funds.ledger import Balance, balances
from jiuye.funds.queries.payments import MyMonth, my_payments
from jiuye.funds.queries.recoveries import Claim, my_claims, recoveries
from jiuye.funds.queries.runs import Change, Difference, RunDetail, RunLine, run_detail, runs
from jiuye.funds.queries.samples import SampleLine, samples

ledger_balance = balances

__all__ = [
    "Balance",
    "Change",
    "Claim",
    "Difference",
    "MyMonth",
    "RunDetail",
    "RunLine",
    "SampleLine",
    "ledger_balance",
    "my_claims",
    "my_payments",
    "recoveries",
    "run_detail",
    "runs",
    "samples",
]
