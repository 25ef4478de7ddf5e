"""Row-level security for a table, as migration operations.

A row is there for
- the system,
- staff whose role is in `staff`, when `unit` lies below their unit,
- the person, employer or user it belongs to (`person`, `employer`, `user`: columns),
- whoever sees the row of the parent table it belongs to (`through`),
- the table's owner (migrations, bulk loads) and, for reading, the database role jiuye_audit.
Writing needs the system, or a role in `write`: staff within their unit; RESIDENT and EMPLOYER_AGENT their own
rows. Without `write`, staff who may see may write, except auditors and leads; nobody else may.

Settings are read in sub-selects, so once a statement. LIKE, trigram and full-text operators are not
leakproof: under a policy PostgreSQL doesn't use their index. A search over many people therefore is a
SECURITY DEFINER function that repeats the scope and returns ids, which are read through the policies again
(registry_search_people).
"""

from __future__ import annotations

from typing import Final

from django.db.migrations.operations import RunSQL

from jiuye.foundation import history as trail
from jiuye.foundation.roles import Role

_NEVER_WRITE: Final = (Role.AUDITOR, Role.CITY_LEAD)
_OWN: Final = (Role.RESIDENT, Role.EMPLOYER_AGENT)
_COMMANDS: Final = ("INSERT", "UPDATE", "DELETE")


def protect(
    table: str,
    *,
    person: str | None = "person_id",
    unit: str | None = "unit_code",
    employer: str | None = None,
    user: str | None = None,
    through: tuple[str, str] | None = None,
    staff: tuple[Role, ...] = (),
    write: tuple[Role, ...] | None = None,
    history: bool = True,
    exclude: tuple[str, ...] = (),
    pk: str = "id",
) -> list[RunSQL]:
    """Policies and history of `table`. `person`, `unit`, `employer`, `user` are its columns, None where
    absent.

    Without `unit`, roles in `staff` see all its rows. `through`: (parent table, column that points to its
    id). `exclude`: columns that history leaves out.
    """
    writers = tuple(r for r in staff if r not in _NEVER_WRITE) if write is None else write
    see = _rule(table, person, unit, employer, user, through, staff, own=True)
    change = _rule(
        table,
        person if Role.RESIDENT in writers else None,
        unit,
        employer if Role.EMPLOYER_AGENT in writers else None,
        user if writers else None,
        through if writers else None,
        tuple(r for r in writers if r not in _OWN),
        own=any(r in writers for r in _OWN),
        parent_roles=writers,
    )
    statements = [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY owner_all ON {table} TO CURRENT_USER USING (true) WITH CHECK (true)",
        f"CREATE POLICY audit_read ON {table} FOR SELECT TO jiuye_audit USING (true)",
        f"CREATE POLICY app_select ON {table} FOR SELECT TO jiuye_app USING ({see})",
        f"CREATE POLICY app_insert ON {table} FOR INSERT TO jiuye_app WITH CHECK ({change})",
        f"CREATE POLICY app_update ON {table} FOR UPDATE TO jiuye_app USING ({change}) WITH CHECK ({change})",
        f"CREATE POLICY app_delete ON {table} FOR DELETE TO jiuye_app USING ({change})",
    ]
    names = ("owner_all", "audit_read", "app_select", *(f"app_{c.lower()}" for c in _COMMANDS))
    undo = [
        *(f"DROP POLICY IF EXISTS {name} ON {table}" for name in names),
        f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
    ]
    operations = [RunSQL(";\n".join(statements), ";\n".join(undo))]
    if history:
        operations.append(trail.track(table, person, unit, pk, exclude))
    return operations


def setting(name: str) -> str:
    """SQL for a setting of the scope, read once a statement."""
    return f"(SELECT current_setting('jiuye.{name}', true))"


def in_scope(unit: str) -> str:
    """SQL: the unit code in this column lies below the actor's unit."""
    return f"{unit} >= {setting('prefix')} AND {unit} < {setting('prefix_end')}"


def role_in(roles: tuple[Role, ...]) -> str:
    """SQL: the actor has one of these roles."""
    return f"{setting('role')} IN ({', '.join(repr(r.value) for r in roles)})"


def _rule(
    table: str,
    person: str | None,
    unit: str | None,
    employer: str | None,
    user: str | None,
    through: tuple[str, str] | None,
    staff: tuple[Role, ...],
    own: bool,
    parent_roles: tuple[Role, ...] | None = None,
) -> str:
    ways = [f"{setting('role')} = 'system'"]
    if staff and not through:
        ways.append(role_in(staff) + (f" AND {in_scope(unit)}" if unit else ""))
    if own or user:
        ways += [
            f"{column} = (SELECT nullif(current_setting('jiuye.{name}', true), '')::{kind})"
            for column, name, kind in (
                (person, "person", "uuid"),
                (employer, "employer", "uuid"),
                (user, "user", "bigint"),
            )
            if column
        ]
    if through:
        parent, column = through
        seen = f"EXISTS (SELECT FROM {parent} parent WHERE parent.id = {table}.{column})"
        ways.append(seen if parent_roles is None else f"{role_in(parent_roles)} AND {seen}")
    return f"{setting('purpose')} <> '' AND (" + " OR ".join(f"({way})" for way in ways) + ")"
