"""The history of every row: who changed what, when and why. Written by a trigger that no code path can skip.

A change without a declared context (`jiuye.action`) is refused with SQLSTATE JY001; a change of something
frozen (`immutable`) with JY002. The owner of the tables may switch both off for a bulk load (`maintenance`);
for the application's role that switch does nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from django.db import connection
from django.db.migrations.operations import RunSQL

from jiuye.foundation import session

UNDECLARED: Final = "JY001"
FROZEN: Final = "JY002"

_ON_DUTY: Final = (
    "coalesce(current_setting(''jiuye.maintenance'', true), '''') <> ''on'' OR current_user <> %1$L"
)


_declared: ContextVar[tuple[str, str]] = ContextVar("jiuye_declared", default=("", ""))


@contextmanager
def context(action: str, reason: str = "") -> Iterator[None]:
    """Declare what is being done; needs an open transaction. Nested: the inner one counts while it lasts."""
    if not connection.in_atomic_block:
        raise RuntimeError("a history context needs a transaction")
    before = _declared.get()
    token = _declared.set((action, reason))
    try:
        session.tell({"action": action, "reason": reason})
        yield
    finally:
        _declared.reset(token)
        if session.usable():
            session.tell({"action": before[0], "reason": before[1]})


@contextmanager
def context_or(action: str) -> Iterator[None]:
    """Whatever is declared already, else `action`: for helpers that are part of somebody's use case."""
    if _declared.get()[0]:
        yield
        return
    with context(action):
        yield


@contextmanager
def maintenance() -> Iterator[None]:
    """As the owner: no history and no freezing until the end of the block, for loading and re-sealing."""
    if not connection.in_atomic_block:
        raise RuntimeError("maintenance needs a transaction")
    session.tell({"maintenance": "on"})
    try:
        yield
    finally:
        if session.usable():
            session.tell({"maintenance": ""})


def track(
    table: str,
    person: str | None = None,
    unit: str | None = None,
    pk: str = "id",
    exclude: tuple[str, ...] = (),
) -> RunSQL:
    """Keep the history of a table. Columns in `exclude` (large contents) are left out."""
    arguments = ", ".join(f"''{value}''" for value in (pk, person or "", unit or "", *exclude))
    return RunSQL(
        _as_owner(
            f"CREATE TRIGGER keep_history AFTER INSERT OR UPDATE OR DELETE ON {table} FOR EACH ROW"
            f" WHEN ({_ON_DUTY}) EXECUTE FUNCTION foundation_keep_history({arguments})"
        ),
        f"DROP TRIGGER IF EXISTS keep_history ON {table}",
    )


def immutable(table: str, except_columns: tuple[str, ...] = (), once: str | None = None) -> RunSQL:
    """Refuse DELETE, and UPDATE of anything but `except_columns` (column names, e.g. letter_id).

    `once`: only from the moment on when that column is filled, e.g. decided_at.
    """
    arguments = ", ".join(f"''{name}''" for name in except_columns)
    when = f"({_ON_DUTY})" + (f" AND OLD.{once} IS NOT NULL" if once else "")
    return RunSQL(
        _as_owner(
            f"CREATE TRIGGER keep_frozen BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW"
            f" WHEN ({when}) EXECUTE FUNCTION foundation_keep_frozen({arguments})"
        ),
        f"DROP TRIGGER IF EXISTS keep_frozen ON {table}",
    )


def _as_owner(statement: str) -> str:
    """Run a statement with the name of the tables' owner in it: WHEN is checked as the role that writes."""
    return f"DO $jiuye$ BEGIN EXECUTE format('{statement}', current_user); END $jiuye$"


#: The trigger functions. The first is the owner's (SECURITY DEFINER): the application may not write history.
FUNCTIONS: Final = """
CREATE FUNCTION foundation_keep_history() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    was jsonb; now_is jsonb; b jsonb; a jsonb; one jsonb;
    declared text := current_setting('jiuye.action', true);
BEGIN
    IF coalesce(declared, '') = '' THEN
        RAISE EXCEPTION 'change of % without a declared action', TG_TABLE_NAME USING ERRCODE = 'JY001';
    END IF;
    IF TG_OP <> 'INSERT' THEN was := to_jsonb(OLD) - TG_ARGV[3:]; END IF;
    IF TG_OP <> 'DELETE' THEN now_is := to_jsonb(NEW) - TG_ARGV[3:]; END IF;
    one := coalesce(now_is, was);
    IF TG_OP = 'UPDATE' THEN
        IF was = now_is THEN RETURN NULL; END IF;
        SELECT jsonb_object_agg(key, value), jsonb_object_agg(key, now_is -> key) INTO b, a
            FROM jsonb_each(was) WHERE now_is -> key IS DISTINCT FROM value;
    ELSE
        b := jsonb_strip_nulls(was);
        a := jsonb_strip_nulls(now_is);
    END IF;
    INSERT INTO foundation_history
        (at, table_name, row_id, person_id, unit_code, operation, user_id, role, action, reason, before,
        after)
    VALUES (clock_timestamp(), TG_TABLE_NAME, one ->> TG_ARGV[0],
        CASE WHEN TG_ARGV[1] <> '' THEN (one ->> TG_ARGV[1])::uuid END,
        CASE WHEN TG_ARGV[2] <> '' THEN one ->> TG_ARGV[2] END,
        lower(TG_OP), nullif(current_setting('jiuye.user', true), '')::bigint,
        coalesce(nullif(current_setting('jiuye.role', true), ''), session_user), declared,
        coalesce(current_setting('jiuye.reason', true), ''), b, a);
    RETURN NULL;
END $$;
CREATE FUNCTION foundation_keep_frozen() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - coalesce(TG_ARGV, '{}') = to_jsonb(NEW) - coalesce(TG_ARGV, '{}')
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% of % is not allowed: it is frozen', TG_OP, TG_TABLE_NAME USING ERRCODE = 'JY002';
END $$;
"""
DROP_FUNCTIONS: Final = "DROP FUNCTION foundation_keep_history(); DROP FUNCTION foundation_keep_frozen();"
