"""An order as ISO 20022 CustomerCreditTransferInitiation, pain.001.001.09.

Chinese accounts have no IBAN: Id/Othr/Id; the payer's bank is named by its CNAPS number, the payee's by name.
"""

from __future__ import annotations

import io
from datetime import UTC
from xml.sax.saxutils import escape

from jiuye.funds.bank.order import Order, Transfer
from jiuye.funds.money import yuan

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"


def render(order: Order) -> bytes:
    """The XML of an order with at least one transfer (ValueError otherwise: the standard has no empty
    file).
    """
    if not order.transfers:
        raise ValueError("an order without a transfer makes no file")
    count, total = len(order.transfers), yuan(order.total_cents)
    debtor = order.debtor
    made = order.made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    out = io.StringIO()
    out.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    out.write(f'<Document xmlns="{NAMESPACE}">\n<CstmrCdtTrfInitn>\n')
    out.write(
        f"<GrpHdr><MsgId>{_text(order.number, 35)}</MsgId><CreDtTm>{made}</CreDtTm><NbOfTxs>{count}</NbOfTxs>"
        f"<CtrlSum>{total}</CtrlSum><InitgPty><Nm>{_text(debtor.name, 140)}</Nm></InitgPty></GrpHdr>\n"
    )
    out.write(
        f"<PmtInf><PmtInfId>{_text(order.number, 35)}</PmtInfId><PmtMtd>TRF</PmtMtd>"
        "<BtchBookg>true</BtchBookg>"
        f"<NbOfTxs>{count}</NbOfTxs><CtrlSum>{total}</CtrlSum>"
        f"<ReqdExctnDt><Dt>{order.value_date.isoformat()}</Dt></ReqdExctnDt>"
        f"<Dbtr><Nm>{_text(debtor.name, 140)}</Nm></Dbtr>"
        f"<DbtrAcct><Id><Othr><Id>{_text(debtor.account, 34)}</Id></Othr></Id>"
        f"<Ccy>{debtor.currency}</Ccy></DbtrAcct>"
        f"<DbtrAgt><FinInstnId><ClrSysMmbId><ClrSysId><Cd>CNAPS</Cd></ClrSysId>"
        f"<MmbId>{_text(debtor.clearing_code, 35)}</MmbId></ClrSysMmbId>"
        f"<Nm>{_text(debtor.bank_name, 140)}</Nm></FinInstnId></DbtrAgt><ChrgBr>DEBT</ChrgBr>\n"
    )
    for item in order.transfers:
        _transfer(out, item, debtor.currency)
    out.write("</PmtInf>\n</CstmrCdtTrfInitn>\n</Document>\n")
    return out.getvalue().encode()


def _transfer(out: io.StringIO, item: Transfer, currency: str) -> None:
    out.write(
        f"<CdtTrfTxInf><PmtId><EndToEndId>{_text(item.reference, 35)}</EndToEndId></PmtId>"
        f'<Amt><InstdAmt Ccy="{currency}">{yuan(item.amount_cents)}</InstdAmt></Amt>'
        f"<CdtrAgt><FinInstnId><Nm>{_text(item.bank_name, 140)}</Nm></FinInstnId></CdtrAgt>"
        f"<Cdtr><Nm>{_text(item.payee_name, 140)}</Nm></Cdtr>"
        f"<CdtrAcct><Id><Othr><Id>{_text(item.account, 34)}</Id></Othr></Id></CdtrAcct>"
        f"<RmtInf><Ustrd>{_text(item.text, 140)}</Ustrd></RmtInf></CdtTrfTxInf>\n"
    )


def _text(value: str, limit: int) -> str:
    """Escaped, without control characters. ValueError when longer than the field: nothing is cut silently."""
    clean = "".join(character for character in value if character >= " ").strip()
    if not clean or len(clean) > limit:
        raise ValueError(f"1 to {limit} characters wanted, {len(clean)} given")
    return escape(clean)
