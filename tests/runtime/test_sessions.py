"""Database sessions of each kind of process, and what the log says of a request."""

from __future__ import annotations

import io
import json
import logging
import os
import subprocess
import sys
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import connection
from django.test import Client

from jiuye.config import env, logs

# Eight threads on a pool of five: every transaction sees its own actor, what comes after it sees nobody.
POOLED = """
import threading
import django
django.setup()
from django.db import connection
from jiuye.foundation import scope
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor

wrong, pids = [], set()

def told():
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('jiuye.prefix', true), ''), pg_backend_pid()")
        return cursor.fetchone()

def work(number):
    mine = f"31010{number}"
    for _ in range(40):
        with scope.acting(Actor(number, Role.DISTRICT_CASEWORKER, mine)):
            seen, pid = told()
            pids.add(pid)
            if seen != mine:
                wrong.append((mine, seen))
        connection.close()
        if told()[0]:
            wrong.append(("nobody", told()[0]))
        connection.close()

threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
connection.close_pool()
print(len(wrong), len(pids))
"""


@pytest.mark.parametrize("process", sorted(env.PROCESSES))
def test_limits_of_a_session(process: str) -> None:
    options = dict(env.session(process)["OPTIONS"])  # type: ignore[call-overload]
    assert bool(options.pop("pool", None)) is (process == "web")
    wanted = env.PROCESSES[process]
    with psycopg.connect(os.environ["DATABASE_URL"], **options) as session:
        found = [session.execute(f"SHOW {name}").fetchone() for name in env.LIMITS]
        name = session.execute("SHOW application_name").fetchone()
    assert found == [(value,) for value in wanted]
    assert name == (f"jiuye {process}",)


@pytest.mark.django_db(transaction=True)
def test_a_pooled_connection_forgets_who_acted() -> None:
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path="/" + connection.settings_dict["NAME"])
    done = subprocess.run(
        [sys.executable, "-c", POOLED],
        env={**os.environ, "DATABASE_URL": url.geturl(), "JIUYE_PROCESS": "web"},
        capture_output=True,
        text=True,
        check=True,
    )
    wrong, sessions = map(int, done.stdout.split())
    assert wrong == 0
    assert sessions <= env.WEB_THREADS + 1


@pytest.mark.django_db
def test_a_request_is_one_json_line_without_its_query(client: Client) -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logs.formatter())
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        client.get("/healthz?number=310101198505010011")
    finally:
        root.removeHandler(handler)
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    (line,) = [one for one in lines if one["event"] == "request_finished"]
    assert (line["request"], line["code"], line["level"]) == ("GET /healthz", 200, "info")
    assert len(line["request_id"]) == 36
    assert "310101198505010011" not in written.getvalue()
