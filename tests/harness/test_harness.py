"""The rules of this house of tests hold: no network, the application's role, migrations complete."""

from __future__ import annotations

import socket

import pytest
from django.core.management import call_command
from django.db import connection
from django.template import engines
from pytest_socket import SocketConnectBlockedError


def who() -> tuple[str, bool]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, rolbypassrls OR rolsuper FROM pg_roles WHERE rolname = current_user"
        )
        row: tuple[str, bool] = cursor.fetchone()
    return row


def test_no_network() -> None:
    with pytest.raises(SocketConnectBlockedError):
        socket.create_connection(("192.0.2.1", 80), timeout=1)


@pytest.mark.django_db
def test_tests_are_the_application() -> None:
    assert who() == ("jiuye_app", False)


@pytest.mark.django_db(transaction=True)
def test_tests_with_real_transactions_are_the_application() -> None:
    assert who() == ("jiuye_app", False)
    connection.close()
    assert who() == ("jiuye_app", False)


@pytest.mark.owner
@pytest.mark.django_db
def test_owner_mark() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_userbyid(relowner) FROM pg_class WHERE relname = 'django_migrations'")
        assert cursor.fetchone() == (who()[0],)


@pytest.mark.owner
@pytest.mark.django_db
def test_migrations_are_complete() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=1)


def test_undefined_template_variable_fails() -> None:
    template = engines["django"].from_string("{{ nothing }}")
    with pytest.raises(BaseException, match="nothing"):
        template.render({})
