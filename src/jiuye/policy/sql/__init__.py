"""The same rules as one SQL statement; see `Statement`."""

from jiuye.policy.errors import NotColumnar
from jiuye.policy.sql.dialects import DIALECTS, Dialect
from jiuye.policy.sql.statement import Statement, Tables

__all__ = ["DIALECTS", "Dialect", "NotColumnar", "Statement", "Tables"]
