"""Amounts rounded to the cent: half a cent goes away from zero, one by one and all at once."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from jiuye.policy import Law, LawError

TEXT = """
- rule: share
  title: {zh: 一份, en: One share}
  basis: test
  value: round_cents(amount * 0.1275)
  unit: 元
- rule: shares
  title: {zh: 合计, en: All shares}
  basis: test
  value: share * heads
  unit: 元
- rule: whole
  title: {zh: 整数, en: A whole number}
  basis: test
  value: round_cents(heads) - heads
"""
FACTS = """
amount: {type: money, label: {zh: 金额, en: Amount}}
heads: {type: int, label: {zh: 人数, en: Heads}}
word: {type: text, label: {zh: 词, en: Word}}
"""
ON = date(2026, 11, 25)


def law(tmp_path: Path, text: str = TEXT) -> Law:
    (tmp_path / "units.yaml").write_text("元: yuan\nmoney: yuan\n", encoding="utf-8")
    (tmp_path / "facts.yaml").write_text(FACTS, encoding="utf-8")
    (tmp_path / "rules.yaml").write_text(text, encoding="utf-8")
    return Law.load(tmp_path)


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [
        ("7546", "962.12"),  # 962.115
        ("-7546", "-962.12"),
        ("0.04", "0.01"),  # 0.0051
        ("0.03", "0.00"),
        ("0", "0.00"),
        ("2", "0.26"),  # 0.255
        ("1.99", "0.25"),
    ],
)
def test_half_a_cent_goes_away_from_zero(tmp_path: Path, amount: str, rounded: str) -> None:
    text = law(tmp_path)
    facts = {"amount": Decimal(amount), "heads": 8}
    assert text.explain("share", facts, ON).value == Decimal(rounded)
    assert text.explain("shares", facts, ON).value == 8 * Decimal(rounded)
    assert text.explain("whole", facts, ON).value == 0


def test_columns_round_alike(tmp_path: Path) -> None:
    text = law(tmp_path)
    amounts = [Decimal(cents) / 100 for cents in (*range(-400, 400), 754600, -754600, 10**9)]
    program = text.columns(["share", "shares"], ON)
    columns = {
        "amount": program.encode("amount", [*amounts, None]),
        "heads": program.encode("heads", [3] * (len(amounts) + 1)),
    }
    results = program.run(columns, len(amounts) + 1)
    for name in ("share", "shares"):
        for row, amount in enumerate(amounts):
            expected = text.explain(name, {"amount": amount, "heads": 3}, ON).value
            assert results[name].at(row)[1] == expected, (name, amount)
        assert results[name].at(len(amounts))[1] is None


def test_only_numbers_are_rounded(tmp_path: Path) -> None:
    with pytest.raises(LawError, match="round_cents takes number"):
        law(tmp_path, TEXT.replace("amount * 0.1275", "word"))
