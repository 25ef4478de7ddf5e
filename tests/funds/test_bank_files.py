"""The files to and from the bank, without a database."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiuye.funds.bank import answer, listing, pain001
from jiuye.funds.bank.order import Debtor, Order, Transfer
from jiuye.funds.money import cents, words, yuan

DEBTOR = Debtor("上海市就业促进中心", "1001", "演示银行", "000000000000", "CNY")
NS = {"p": pain001.NAMESPACE}


def order(*amounts: int, name: str = "买买提·艾力", bank: str = "演示银行") -> Order:
    transfers = [
        Transfer(f"{index:032x}", amount, name, bank, f"62220200{index:08d}", "失业保险金 2026-12")
        for index, amount in enumerate(amounts)
    ]
    return Order(
        "310000-26-0000001-5", datetime(2026, 12, 10, 9, tzinfo=UTC), date(2026, 12, 15), DEBTOR, transfers
    )


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=30))
def test_sums_of_pain_001(amounts: list[int]) -> None:
    root = ElementTree.fromstring(pain001.render(order(*amounts)))
    for place in ("p:GrpHdr", "p:PmtInf"):
        block = root.find(f"p:CstmrCdtTrfInitn/{place}", NS)
        assert block is not None
        assert block.findtext("p:NbOfTxs", namespaces=NS) == str(len(amounts))
        assert cents(block.findtext("p:CtrlSum", namespaces=NS) or "") == sum(amounts)
    found = root.findall(".//p:InstdAmt", NS)
    assert [cents(item.text or "") for item in found] == amounts
    assert {item.get("Ccy") for item in found} == {"CNY"}


def test_elements_of_pain_001_stand_in_the_order_of_the_schema() -> None:
    root = ElementTree.fromstring(pain001.render(order(234000)))

    def children(path: str) -> list[str]:
        found = root.find(path, NS)
        assert found is not None
        return [item.tag.split("}")[1] for item in found]

    body = "p:CstmrCdtTrfInitn"
    assert children(f"{body}/p:GrpHdr") == ["MsgId", "CreDtTm", "NbOfTxs", "CtrlSum", "InitgPty"]
    assert children(f"{body}/p:PmtInf") == [
        "PmtInfId", "PmtMtd", "BtchBookg", "NbOfTxs", "CtrlSum", "ReqdExctnDt", "Dbtr", "DbtrAcct", "DbtrAgt",
        "ChrgBr", "CdtTrfTxInf",
    ]  # fmt: skip
    assert children(f"{body}/p:PmtInf/p:CdtTrfTxInf") == [
        "PmtId",
        "Amt",
        "CdtrAgt",
        "Cdtr",
        "CdtrAcct",
        "RmtInf",
    ]
    assert root.findtext(f"{body}/p:PmtInf/p:ReqdExctnDt/p:Dt", namespaces=NS) == "2026-12-15"


def test_names_are_escaped_and_nothing_is_cut() -> None:
    root = ElementTree.fromstring(pain001.render(order(1, name="A<&>B 𠮷\x07")))
    assert root.findtext(".//p:Cdtr/p:Nm", namespaces=NS) == "A<&>B 𠮷"
    with pytest.raises(ValueError, match="1 to 140"):
        pain001.render(order(1, name="长" * 141))
    with pytest.raises(ValueError, match="without a transfer"):
        pain001.render(order())


def test_csv_adds_up_and_no_name_is_a_formula() -> None:
    rows = list(csv.reader(io.StringIO(listing.render(order(100, 250, name="=1+1")).decode("utf-8-sig"))))
    assert rows[0] == list(listing.HEADINGS)
    assert [row[5] for row in rows[1:3]] == ["1.00", "2.50"]
    assert rows[1][2] == "'=1+1"
    assert rows[3][:2] == ["合计", "2"]
    assert rows[3][5] == "3.50"


@given(st.integers(-(10**12), 10**12))
def test_yuan_and_back(amount: int) -> None:
    assert cents(yuan(amount)) == amount


@pytest.mark.parametrize("text", ["1.005", "", "abc", "NaN", "Infinity"])
def test_no_amounts(text: str) -> None:
    with pytest.raises(ValueError, match="not"):
        cents(text)


def test_words() -> None:
    assert words(123456789) == "1,234,567.89"
    assert words(-5) == "-0.05"


def reply(*rows: str, heading: str = ",".join(answer.HEADINGS)) -> bytes:
    return "\r\n".join([heading, *rows]).encode()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_answer(encoding: str) -> None:
    content = (
        reply("R1,aa,2340.00,成功,,2026-12-15", 'R1,bb,"1,872.00",失败,AC04,', "").decode().encode(encoding)
    )
    found = answer.read(content)
    assert found.order == "R1"
    assert [(line.reference, line.paid, line.amount_cents, line.reason) for line in found.lines] == [
        ("aa", True, 234000, ""),
        ("bb", False, 187200, "AC04"),
    ]
    assert found.lines[0].settled_on == date(2026, 12, 15)


def test_bad_lines_are_told_and_the_others_count() -> None:
    found = answer.read(reply("R1,aa,x,也许,,2026-13-01", "R1,,1.00,成功,,", "R1,cc,1.00,成功,,"))
    assert [line.reference for line in found.lines] == ["cc"]
    assert [(item.number, item.reference) for item in found.problems] == [(2, "aa"), (3, "")]
    assert all(word in found.problems[0].message for word in ("结果", "金额", "日期"))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00",
        b"\r\x01",
        "批次号,流水号\n".encode(),
        b"<html/>",
        b"<Document>",
        b'<!DOCTYPE x [<!ENTITY a "b">]><Document>&a;</Document>',
        reply("R1,aa,1.00,成功,,", "R2,bb,1.00,成功,,"),
    ],
)
def test_what_is_no_answer(content: bytes) -> None:
    with pytest.raises(answer.UnreadableError):
        answer.read(content)


@given(st.binary(max_size=300))
def test_any_bytes_are_an_answer_or_unreadable(content: bytes) -> None:
    try:
        found = answer.read(content)
    except answer.UnreadableError:
        return
    assert isinstance(found, answer.Answer)


PAIN_002 = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>
<GrpHdr><MsgId>B1</MsgId><CreDtTm>2026-12-16T08:00:00Z</CreDtTm></GrpHdr>
<OrgnlGrpInfAndSts><OrgnlMsgId>R1</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>{group}</OrgnlGrpInfAndSts>
<OrgnlPmtInfAndSts><OrgnlPmtInfId>R1</OrgnlPmtInfId>{lines}</OrgnlPmtInfAndSts>
</CstmrPmtStsRpt></Document>"""


def status(reference: str, code: str, extra: str = "") -> str:
    known = f"<OrgnlEndToEndId>{reference}</OrgnlEndToEndId><TxSts>{code}</TxSts>"
    return f"<TxInfAndSts>{known}{extra}</TxInfAndSts>"


def test_pain_002() -> None:
    amount = "<OrgnlTxRef><Amt><InstdAmt Ccy='CNY'>2340.00</InstdAmt></Amt></OrgnlTxRef>"
    lines = (
        status("aa", "ACSC", f"<AccptncDtTm>2026-12-15T10:00:00Z</AccptncDtTm>{amount}")
        + status("bb", "RJCT", "<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn></StsRsnInf>")
        + status("cc", "PDNG")
        + status("dd", "XXXX")
    )
    found = answer.read(PAIN_002.format(group="", lines=lines).encode())
    assert found.order == "R1"
    assert [(line.reference, line.paid, line.amount_cents, line.reason) for line in found.lines] == [
        ("aa", True, 234000, ""),
        ("bb", False, None, "AC04"),
    ]
    assert [item.reference for item in found.problems] == ["dd"]
    assert found.lines[0].settled_on == date(2026, 12, 15)
    assert found.lines[1].settled_on == date(2026, 12, 16)


def test_pain_002_for_the_whole_file() -> None:
    group = "<GrpSts>RJCT</GrpSts><StsRsnInf><Rsn><Cd>TM01</Cd></Rsn></StsRsnInf>"
    found = answer.read(PAIN_002.format(group=group, lines="").encode())
    assert (found.whole, found.whole_reason) == (False, "TM01")
