"""Code tables of the city, as the registers use them."""

from __future__ import annotations

from jiuye.registry.facts.text import law


def known(table: str, code: str) -> bool:
    """Whether the code is in the table."""
    return code in law().codes.get(table, {})


def words(table: str) -> dict[str, str]:
    """Chinese words of a table -> code, for files that people write."""
    return {row["zh"]: code for code, row in law().codes.get(table, {}).items()}


def label(table: str, code: str | None) -> str:
    """The Chinese words of a code; the code itself where the table hasn't it; '' without one."""
    if not code:
        return ""
    row = law().codes.get(table, {}).get(code)
    return row["zh"] if row else code
