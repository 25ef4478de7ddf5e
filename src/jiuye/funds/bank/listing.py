"""An order as CSV, for banks without ISO 20022 and for people who check. UTF-8 with byte order mark
(Excel).
"""

from __future__ import annotations

import csv
import io

from jiuye.funds.bank.order import Order
from jiuye.funds.money import yuan

HEADINGS = ("批次号", "流水号", "收款人", "开户银行", "账号", "金额", "附言")
TOTAL = "合计"


def render(order: Order) -> bytes:
    """One line a transfer; the last line carries count and total."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADINGS)
    for item in order.transfers:
        writer.writerow(
            [
                order.number,
                item.reference,
                _plain(item.payee_name),
                _plain(item.bank_name),
                item.account,
                yuan(item.amount_cents),
                _plain(item.text),
            ]
        )
    writer.writerow([TOTAL, len(order.transfers), "", "", "", yuan(order.total_cents), ""])
    return out.getvalue().encode("utf-8-sig")


def _plain(value: str) -> str:
    """A spreadsheet must not take a name for a formula."""
    return f"'{value}" if value[:1] in "=+-@\t\r" else value
