"""The supervisor of the embedded cluster, with real processes."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from jiuye.runtime.postgres import Cluster, ClusterError, process_state, reachable

HOLD = """
import sys, time
from pathlib import Path
from jiuye.runtime.postgres import Cluster
cluster = Cluster(Path(sys.argv[1]))
cluster.start()
cluster.ensure_roles()
print(cluster.process.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="jiuye-pg-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o711)
        yield Path(name)


@pytest.fixture
def cluster(home: Path) -> Iterator[Cluster]:
    cluster = Cluster(home)
    yield cluster
    cluster.stop()


def scalar(url: str, query: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(query).fetchone()  # type: ignore[arg-type]
    return row and row[0]


def held(home: Path) -> tuple[subprocess.Popen[bytes], int]:
    """A supervisor in a process of its own, and the process id of its server."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(home)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    return process, int(process.stdout.readline())


def test_keeps_data_port_and_secrets_over_restarts(cluster: Cluster) -> None:
    cluster.start()
    cluster.ensure_roles()
    first = cluster.url("owner")
    with psycopg.connect(first, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT '买买提·艾力' AS name")
    cluster.stop()
    cluster.start()
    cluster.ensure_roles()
    assert cluster.url("owner") == first
    assert scalar(first, "SELECT name FROM kept") == "买买提·艾力"


def test_application_role_is_bound(cluster: Cluster) -> None:
    cluster.start()
    cluster.ensure_roles()
    query = "SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = "
    assert scalar(cluster.url("app"), query + "current_user") is False
    assert scalar(cluster.url("owner"), query + "'jiuye_audit'") is False
    with (
        psycopg.connect(cluster.url("app")) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("CREATE TABLE public.mine (a int)")


def test_no_entry_without_password(cluster: Cluster) -> None:
    cluster.start()
    cluster.ensure_roles()
    for host in ("127.0.0.1", str(cluster.sockets)):
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(
                host=host, port=cluster.port, user="postgres", dbname="postgres", password="guess"
            )
    files = [*(cluster.home / "secrets").iterdir(), cluster.folder / "log"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_chinese_text_has_trigrams(cluster: Cluster) -> None:
    cluster.start()
    cluster.ensure_roles()
    with psycopg.connect(cluster.url("owner"), autocommit=True) as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
    assert scalar(cluster.url("owner"), "SELECT similarity('上海浦东', '上海浦东新区') > 0.3") is True


def test_one_supervisor_at_a_time(cluster: Cluster) -> None:
    cluster.start()
    with pytest.raises(ClusterError, match="already runs"):
        Cluster(cluster.home).start()


@pytest.mark.parametrize("victims", [("supervisor",), ("server",), ("server", "supervisor")])
def test_restarts_after_a_kill(home: Path, victims: tuple[str, ...]) -> None:
    process, server = held(home)
    cluster = Cluster(home)
    with psycopg.connect(cluster.url("owner"), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS a")
    for victim in victims:
        os.kill(process.pid if victim == "supervisor" else server, signal.SIGKILL)
    if "supervisor" not in victims:
        process.kill()
    process.wait()
    try:
        cluster.start()
        assert scalar(cluster.url("owner"), "SELECT count(*) FROM kept") == 1000
    finally:
        cluster.stop()


def test_server_ends_with_its_supervisor(home: Path) -> None:
    process, server = held(home)
    process.kill()
    process.wait()
    deadline = time.monotonic() + 10
    while process_state(server) not in (None, "Z"):
        assert time.monotonic() < deadline, "the server outlived its supervisor"
        time.sleep(0.05)


def test_pid_file_of_a_stranger_is_cleared(cluster: Cluster) -> None:
    """After a reboot the process id may belong to anything, here to this test."""
    cluster.start()
    cluster.stop()
    (cluster.data / "postmaster.pid").write_text(f"{os.getpid()}\n{cluster.data}\n")
    cluster.start()
    assert cluster.alive()


def test_taken_port_is_replaced(cluster: Cluster, home: Path) -> None:
    import socket

    cluster.start()
    cluster.ensure_roles()
    cluster.stop()
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections of before linger
        other.bind(("127.0.0.1", cluster.port))
        other.listen()
        taken = cluster.port
        cluster.start()
        assert cluster.port != taken
        assert scalar(cluster.url("app"), "SELECT 1") == 1


def test_interrupted_init_leaves_nothing(cluster: Cluster) -> None:
    cluster.lock()
    half = cluster.folder.resolve() / "new-half"
    (half / "data").mkdir(parents=True)
    cluster.start()
    assert not half.exists()
    assert cluster.alive()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives up its rights")
def test_root_with_a_private_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the home nor its parents are opened; the server's files lie where it can reach them."""
    private = home / "private"
    private.mkdir(mode=0o700)
    monkeypatch.setattr("jiuye.runtime.postgres.STATE", home / "state")
    cluster = Cluster(private / "var")
    try:
        cluster.start()
        assert cluster.folder.is_symlink()
        assert stat.S_IMODE(private.stat().st_mode) == 0o700
        assert not reachable(cluster.home)
    finally:
        cluster.stop()
