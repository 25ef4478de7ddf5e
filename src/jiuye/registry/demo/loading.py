"""Rows into tables, many at a time, as the tables' owner.

COPY does not work on a table under row-level security, so rows go into a temporary table of the same form and
from there into the real one, where every constraint sees them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.db import connection
from psycopg import sql

#: Columns in the order in which the generator writes them.
COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "registry_household": ("id", "unit_code"),
    "registry_employer": (
        "id", "credit_code", "credit_code_suspect", "name", "kind", "industry", "unit_code", "created_at",
    ),
    "registry_person": (
        "id", "name", "name_key", "search_words", "document_type", "document_number", "document_index",
        "birth_date", "sex", "nationality", "hukou_code", "residence_code", "unit_code", "phone",
        "phone_index", "address", "education", "retirement_category", "pension_kind", "pension_since",
        "self_employed_since", "household_id", "created_at",
    ),
    "registry_employmentspell": (
        "id", "person_id", "employer_id", "unit_code", "reported_name", "document_tail", "start", "end",
        "contract_type", "contract_until", "occupation", "separation_reason", "hire_registered_on",
        "end_registered_on", "source",
    ),
    "registry_contributionspell": (
        "id", "person_id", "employer_id", "unit_code", "first_month", "last_month", "base_cents",
        "place_code", "flexible", "closed_on",
    ),
    "registry_registration": (
        "id", "person_id", "unit_code", "kind", "opened_on", "open_reason", "expires_on", "closed_on",
        "close_reason", "case_id",
    ),
    "registry_benefitperiod": (
        "id", "person_id", "unit_code", "benefit", "stage", "assessed_on", "first_month", "last_month",
        "stopped_from", "stop_reason", "months_used", "award_id",
    ),
    "registry_payeeaccount": (
        "id", "person_id", "unit_code", "bank_name", "holder_name", "number", "number_index", "created_at",
    ),
}  # fmt: skip


def load(table: str, rows: Iterable[Sequence[Any]]) -> None:
    """Load rows of one table in COLUMNS' order; within the caller's transaction."""
    connection.ensure_connection()
    raw: Any = connection.connection
    names = {
        "table": sql.Identifier(table),
        "waiting": sql.Identifier(f"waiting_{table}"),
        "columns": sql.SQL(", ").join(map(sql.Identifier, COLUMNS[table])),
    }
    with raw.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "CREATE TEMPORARY TABLE IF NOT EXISTS {waiting} ON COMMIT DROP AS"
                " SELECT {columns} FROM {table} WITH NO DATA"
            ).format(**names)
        )
        cursor.execute(sql.SQL("TRUNCATE {waiting}").format(**names))
        with cursor.copy(sql.SQL("COPY {waiting} ({columns}) FROM STDIN").format(**names)) as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(
            sql.SQL("INSERT INTO {table} ({columns}) SELECT {columns} FROM {waiting}").format(**names)
        )


def analyse() -> None:
    """Let the planner know what was loaded."""
    with connection.cursor() as cursor:
        for table in COLUMNS:
            cursor.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table)))
