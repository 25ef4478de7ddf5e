"""The three database roles, in the embedded cluster and in an external database alike.

owner  owns the tables: migrates and loads                  jiuye_owner, or whoever DATABASE_URL names
app    the application; row-level security binds it         jiuye_app
audit  reads                                                jiuye_audit
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg import sql

from jiuye.config import env

APPLICATION = ("app", "audit")
Connection = psycopg.Connection[Any]


class RolesMissingError(RuntimeError):
    """The database's owner may not make the roles; `.sql` is what its administrator has to run."""

    def __init__(self, reason: str, statements: str) -> None:
        super().__init__(reason)
        self.sql = statements


def make_owner(connection: Connection, password: str) -> None:
    """As superuser of the embedded cluster: the owner, no superuser itself, and the database."""
    _make_role(connection, "jiuye_owner", password, "CREATEDB")
    if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'jiuye'").fetchone():
        connection.execute("CREATE DATABASE jiuye OWNER jiuye_owner")


def make_application_roles(connection: Connection, passwords: Mapping[str, str], owner: str) -> None:
    """Make app and audit with these passwords; the owner may act as them (SET ROLE)."""
    for role in APPLICATION:
        _make_role(connection, f"jiuye_{role}", passwords[role], "")
        _let_act_as(connection, owner, f"jiuye_{role}")


def make_missing(connection: Connection) -> None:
    """Make the application roles that don't exist yet and let this login act as them; change no password.

    Roles belong to the whole server: another installation may use them with its own password.
    """
    for role in APPLICATION:
        name = f"jiuye_{role}"
        if not _exists(connection, name):
            _make_role(connection, name, env.secret(f"{role}_password"), "")
        _let_act_as(connection, connection.info.user, name)


def ensure_external(url: str) -> None:
    """See to it that app and audit exist in the database of DATABASE_URL and can be used.

    Raises RolesMissingError with the SQL for the administrator when this login may not create roles, and when
    the application role could bypass row-level security.
    """
    with psycopg.connect(url, autocommit=True) as connection:
        try:
            make_missing(connection)
        except psycopg.errors.InsufficientPrivilege as error:
            raise RolesMissingError(str(error).strip(), administrator_sql(connection)) from None
        secrets = {role: env.secret(f"{role}_password") for role in APPLICATION}
        if not all(_works(connection, f"jiuye_{role}", secret) for role, secret in secrets.items()):
            reason = "the roles exist with other passwords than those in JIUYE_HOME/secrets"
            raise RolesMissingError(reason, administrator_sql(connection))
        strong = connection.execute(
            "SELECT rolname FROM pg_roles WHERE rolname IN ('jiuye_app', 'jiuye_audit')"
            " AND (rolsuper OR rolbypassrls)"
        ).fetchall()
    if strong:
        names = ", ".join(row[0] for row in strong)
        statements = "\n".join(f"ALTER ROLE {row[0]} NOSUPERUSER NOBYPASSRLS;" for row in strong)
        raise RolesMissingError(f"{names} could bypass row-level security", statements)


def administrator_sql(connection: Connection) -> str:
    """The statements an administrator runs by hand; passwords appear only as their SCRAM verifiers."""
    lines = []
    for role in APPLICATION:
        name = f"jiuye_{role}"
        made = sql.SQL("{} ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD {};").format(
            sql.SQL("ALTER" if _exists(connection, name) else "CREATE"),
            sql.Identifier(name),
            sql.Literal(_verifier(connection, name, env.secret(f"{role}_password"))),
        )
        given = sql.SQL("GRANT {} TO {};").format(sql.Identifier(name), sql.Identifier(connection.info.user))
        lines += [made.as_string(connection), given.as_string(connection)]
    return "\n".join(lines)


def _exists(connection: Connection, name: str) -> bool:
    return connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone() is not None


def _let_act_as(connection: Connection, login: str, name: str) -> None:
    """Make `login` a member of the role, unless it may already SET ROLE to it (a superuser, for one)."""
    known = connection.execute("SELECT pg_has_role(%s, %s, 'MEMBER')", [login, name]).fetchone()
    if known is None or not known[0]:
        connection.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(name), sql.Identifier(login)))


def _make_role(connection: Connection, name: str, password: str, extra: str) -> None:
    statement = sql.SQL("{} ROLE {} LOGIN {} PASSWORD {}").format(
        sql.SQL("ALTER" if _exists(connection, name) else "CREATE"),
        sql.Identifier(name),
        sql.SQL(extra),
        sql.Literal(_verifier(connection, name, password)),
    )
    connection.execute(statement)


def _verifier(connection: Connection, name: str, password: str) -> str:
    """SCRAM verifier of the password, so that no log of the server ever holds the password itself."""
    made = connection.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256")
    return made.decode()


def _works(connection: Connection, name: str, password: str) -> bool:
    info = connection.info
    try:
        psycopg.connect(
            host=info.host,
            port=info.port,
            dbname=info.dbname,
            user=name,
            password=password,
            connect_timeout=10,
        ).close()
    except psycopg.OperationalError:
        return False
    return True
