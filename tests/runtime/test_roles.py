"""The roles in a database that somebody else runs."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg
import pytest

from jiuye.runtime import roles
from jiuye.runtime.postgres import Cluster


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A server of an administrator: no role of ours, a login that owns the database `city`."""
    home = tmp_path_factory.mktemp("external")
    for folder in (home, home.parent):
        folder.chmod(0o711)
    cluster = Cluster(home)
    cluster.start()
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
        connection.execute("CREATE ROLE keeper LOGIN CREATEROLE PASSWORD 'k'")
        connection.execute("CREATE ROLE guest LOGIN PASSWORD 'g'")
        connection.execute("CREATE DATABASE city OWNER keeper")
    yield cluster
    cluster.stop()


def url(server: Cluster, user: str, password: str) -> str:
    parts = urlsplit(server.url("postgres"))
    return parts._replace(netloc=f"{user}:{password}@127.0.0.1:{parts.port}", path="/city").geturl()


def test_roles_are_made_once(server: Cluster) -> None:
    address = url(server, "keeper", "k")
    roles.ensure_external(address)
    roles.ensure_external(address)
    with psycopg.connect(address) as connection:
        found = connection.execute(
            "SELECT rolname, rolsuper OR rolbypassrls, rolcanlogin FROM pg_roles"
            " WHERE rolname LIKE 'jiuye%' ORDER BY 1"
        ).fetchall()
    assert found == [("jiuye_app", False, True), ("jiuye_audit", False, True)]


def test_login_without_the_right_gets_the_statements(server: Cluster) -> None:
    """The administrator runs them; after that the login may go on."""
    with pytest.raises(roles.RolesMissingError) as error:
        roles.ensure_external(url(server, "guest", "g"))
    assert "CREATE ROLE" in error.value.sql
    assert "SCRAM-SHA-256$" in error.value.sql
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(error.value.sql)  # type: ignore[call-overload]
    roles.ensure_external(url(server, "guest", "g"))


def test_role_that_bypasses_row_level_security_is_refused(server: Cluster) -> None:
    address = url(server, "keeper", "k")
    roles.ensure_external(address)
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute("ALTER ROLE jiuye_app BYPASSRLS")
    with pytest.raises(roles.RolesMissingError, match="jiuye_app could bypass row-level security"):
        roles.ensure_external(address)


def test_roles_with_other_passwords_are_refused(server: Cluster) -> None:
    address = url(server, "keeper", "k")
    roles.ensure_external(address)
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute("ALTER ROLE jiuye_app PASSWORD 'other'")
    with pytest.raises(roles.RolesMissingError, match="other passwords"):
        roles.ensure_external(address)
