"""How PostgreSQL, DuckDB and Spark write what they write differently, and the settings they want.

* PostgreSQL: its JIT compiles such a wide statement for longer than it runs: `jit = off`. Stages are kept
  apart by OFFSET 0, or the planner would put each into the next and work shared columns out again and again.
* Spark: one generated method of more than 8 KB is never compiled by the JVM: with
  `spark.sql.codegen.hugeMethodLimit` 8000 it takes its other path (3.3 times faster). ANSI mode raises on
  overflow as the others do; without it numbers would wrap around silently.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

EPOCH = "DATE '1970-01-01'"


def _double(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _backslash(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


@dataclass(frozen=True)
class Dialect:
    """integer: the division sign of whole numbers (towards zero). fence: ends a stage that must stay apart.

    days, day: a date as days since 1970 and back. overlap: whether a list holds one of these words.
    numbers: a list of numbers; element: one of them, the first is 1.
    by_window: what a household comes to is a window over its members, else grouped once and joined, which
    takes two thirds of the time but reads the stage before it twice. settings: what to set before running.
    """

    name: str
    quote: str
    integer: str
    text: Callable[[str], str]
    days: Callable[[str], str]
    day: Callable[[str], str]
    overlap: Callable[[str, Sequence[str]], str]
    numbers: Callable[[Sequence[int]], str]
    element: Callable[[str, str], str]
    text_type: str = "VARCHAR"
    list_type: str = "VARCHAR[]"
    fence: str = ""
    by_window: bool = False
    longest_name: int = 255
    settings: Mapping[str, str] = field(default_factory=dict)

    def name_of(self, name: str) -> str:
        return self.quote + name.replace(self.quote, 2 * self.quote) + self.quote

    def number(self, value: int) -> str:
        """A literal of 64 bits: engines would take a small number for a narrower type."""
        return f"CAST({int(value)} AS BIGINT)"  # int: a Month would print itself as one

    def month(self, day: str) -> str:
        """The month of a date, counted from year 0."""
        year, month = (f"CAST(EXTRACT({part} FROM {day}) AS BIGINT)" for part in ("YEAR", "MONTH"))
        return f"({year} * 12 + {month} - 1)"

    def day_of_month(self, day: str) -> str:
        return f"CAST(EXTRACT(DAY FROM {day}) AS BIGINT)"

    def first_of(self, month: str) -> str:
        """The date of the first of a month."""
        year, rest = f"CAST({month} {self.integer} 12 AS INTEGER)", f"CAST({month} % 12 AS INTEGER)"
        return f"make_date({year}, {rest} + 1, 1)"


def _list(dialect_words: Sequence[str], text: Callable[[str], str]) -> str:
    return ", ".join(text(word) for word in dialect_words)


POSTGRESQL = Dialect(
    "postgresql", '"', "/", _double,
    days=lambda day: f"CAST({day} - {EPOCH} AS BIGINT)",
    day=lambda days: f"({EPOCH} + CAST({days} AS INTEGER))",
    overlap=lambda of, words: f"(CAST({of} AS text[]) && CAST(ARRAY[{_list(words, _double)}] AS text[]))",
    numbers=lambda of: f"CAST('{{{', '.join(map(str, of))}}}' AS bigint[])",
    element=lambda of, place: f"({of})[CAST({place} AS INTEGER)]",
    text_type="text", list_type="text[]", fence=" OFFSET 0", longest_name=63, settings={"jit": "off"},
)  # fmt: skip
DUCKDB = Dialect(
    "duckdb", '"', "//", _double,
    days=lambda day: f"CAST({day} - {EPOCH} AS BIGINT)",
    day=lambda days: f"({EPOCH} + CAST({days} AS INTEGER))",
    overlap=lambda of, words: f"list_has_any({of}, [{_list(words, _double)}])",
    numbers=lambda of: f"CAST([{', '.join(map(str, of))}] AS BIGINT[])",
    element=lambda of, place: f"list_extract({of}, {place})",
)  # fmt: skip
SPARK = Dialect(
    "spark", "`", "div", _backslash,
    days=lambda day: f"CAST(datediff({day}, {EPOCH}) AS BIGINT)",
    day=lambda days: f"date_add({EPOCH}, CAST({days} AS INT))",
    overlap=lambda of, words: f"arrays_overlap({of}, array({_list(words, _backslash)}))",
    numbers=lambda of: f"CAST(array({', '.join(map(str, of))}) AS ARRAY<BIGINT>)",
    element=lambda of, place: f"get({of}, CAST({place} AS INT) - 1)",
    text_type="STRING", list_type="ARRAY<STRING>", by_window=True,
    settings={"spark.sql.codegen.hugeMethodLimit": "8000", "spark.sql.ansi.enabled": "true"},
)  # fmt: skip
DIALECTS = {dialect.name: dialect for dialect in (POSTGRESQL, DUCKDB, SPARK)}
