"""The same rules for a whole population, with NumPy; see `Program`."""

from jiuye.policy.columns.layout import (
    BLOCK,
    EPOCH,
    FACT_SCALE,
    NULL_DAY,
    NULL_LIST,
    NULL_NUMBER,
    NULL_WORD,
    ColumnError,
    ColumnResult,
)
from jiuye.policy.columns.program import Program
from jiuye.policy.errors import NotColumnar

__all__ = [
    "BLOCK", "EPOCH", "FACT_SCALE", "NULL_DAY", "NULL_LIST", "NULL_NUMBER", "NULL_WORD", "ColumnError",
    "ColumnResult", "NotColumnar", "Program",
]  # fmt: skip
