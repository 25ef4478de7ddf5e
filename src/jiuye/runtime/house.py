"""`jiuye run`: one process that keeps database, web and worker alive, and ends them in order.

It watches with one loop, woken by signals through a pipe: no signal is lost, nothing is polled in a hurry. A
second Ctrl-C does not wait for requests and jobs under way.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from http import HTTPStatus
from pathlib import Path
from types import FrameType

from rich.console import Console
from rich.table import Table

from jiuye.config import env
from jiuye.runtime import database, prepared
from jiuye.runtime.children import Child
from jiuye.runtime.parent import die_with_parent
from jiuye.runtime.postgres import Cluster
from jiuye.runtime.preparation import people_file

PORTS_TO_TRY = 50
WEB_READY = 60.0  # seconds
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Stop(Exception):
    """Somebody asked this process to end."""


class House:
    """The process tree of one installation."""

    def __init__(self, host: str, port: int, demo: bool) -> None:
        self.host, self.wanted_port, self.demo = host, port, demo
        self.port = 0
        self.console = Console()
        self.cluster: Cluster | None = None
        self.children: list[Child] = []
        self.asked = 0  # how many times to stop
        self.wake, poke = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(poke, warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)  # only wakes the loop

    @property
    def near(self) -> str:
        """An address of this machine under which the web process answers."""
        return "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104 (compared, not bound)

    @property
    def address(self) -> str:
        return f"http://{f'[{self.near}]' if ':' in self.near else self.near}:{self.port}/"

    def run(self) -> int:
        """Until TERM or Ctrl-C. Returns the exit code of the command."""
        began = time.monotonic()
        with database.served() as self.cluster:
            note().unlink(missing_ok=True)  # of a house that was killed
            try:
                self._prepare()
                self._start()
                self._announce(time.monotonic() - began)
                while True:
                    self._pause(1.0)
                    self._tend()
            except Stop:
                self.console.print("Stopping…")
                return 0
            finally:
                note().unlink(missing_ok=True)
                self._stop()

    # -- starting -------------------------------------------------------------------------------------

    def _environment(self, process: str, role: str = "app") -> dict[str, str]:
        given = {**os.environ, "JIUYE_HOME": str(env.HOME), "JIUYE_PROCESS": process, "JIUYE_DB_ROLE": role}
        if self.host not in LOOPBACK:
            given.setdefault("JIUYE_HOSTS", f"localhost,127.0.0.1,[::1],{self.host},{socket.gethostname()}")
        return given

    def _command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "jiuye", *arguments]

    def _prepare(self) -> None:
        """Migrate and load in a process of its own, which shows its progress in this terminal.

        Nothing to do when this very code has prepared this database before.
        """
        url = os.environ.get("DATABASE_URL") or env.embedded_url()
        wanted = prepared.fingerprint(self.demo)
        if people_file().exists() and (env.HOME / "static").exists() and prepared.read(url) == wanted:
            return
        arguments = ["prepare"] if self.demo else ["prepare", "--no-demo"]
        process = subprocess.Popen(  # noqa: S603 (the command is ours)
            self._command(*arguments),
            env=self._environment("command", "owner"),
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGTERM),
        )
        try:
            while process.poll() is None:
                self._pause(5.0)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
        if process.returncode:
            raise PreparationError(f"The database is not prepared (code {process.returncode}, see above).")
        prepared.write(url, wanted)

    def _start(self) -> None:
        self.port = free_port(self.host, self.wanted_port)
        if self.port != self.wanted_port:
            self.console.print(f"Port {self.wanted_port} is taken by another program: using {self.port}.")
        logs = env.HOME / "log"
        serve = self._command("web", "--host", self.host, "--port", str(self.port))
        self.children = [
            Child("web", serve, self._environment("web"), logs / "web.log"),
            Child("worker", self._command("worker"), self._environment("worker"), logs / "worker.log"),
        ]
        for child in self.children:
            child.start()
        deadline = time.monotonic() + WEB_READY
        while not answers(self.near, self.port):
            if time.monotonic() > deadline:
                raise PreparationError(f"The web process does not answer; its log: {logs / 'web.log'}")
            self._pause(0.1)
            self._tend()
        note().write_text(json.dumps({"pid": os.getpid(), "address": self.address}))

    def _announce(self, seconds: float) -> None:
        self.console.print(f"\nJiuye is ready after {seconds:.1f} s: [bold]{self.address}[/bold]")
        rows = json.loads(people_file().read_text())
        if rows:
            table = Table(title="People to log in as (choose one on the first page)", title_justify="left")
            for column in ("Name", "Login", "Role", "What they can see"):
                table.add_column(column)
            for row in rows:
                table.add_row(row["name"], row["login"], row["role"], row["sees"])
            self.console.print(table)
        self.console.print(f"Logs: {env.HOME / 'log'}   Ctrl-C stops everything.")

    # -- watching -------------------------------------------------------------------------------------

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.asked += 1

    def _pause(self, seconds: float) -> None:
        """Wait until a signal or the time is over. Raises Stop when asked to end."""
        if not self.asked:
            select.select([self.wake], [], [], seconds)
            with contextlib.suppress(BlockingIOError):
                os.read(self.wake, 4096)
        if self.asked:
            raise Stop

    def _tend(self) -> None:
        if self.cluster is not None and not self.cluster.alive():
            self.console.print("The database ended; starting it again.")
            self.cluster.start()
        for child in self.children:
            happened = child.tend()
            if happened:
                self.console.print(happened, soft_wrap=True)

    # -- stopping -------------------------------------------------------------------------------------

    def _stop(self) -> None:
        """Web and worker finish what they are doing, side by side; the database goes last."""
        first = self.asked
        for child in self.children:
            child.ask_to_stop()
        deadline = time.monotonic() + max((child.grace for child in self.children), default=0)
        while any(child.alive() for child in self.children) and time.monotonic() < deadline:
            if self.asked > max(first, 1):
                break
            select.select([self.wake], [], [], 0.2)
            with contextlib.suppress(BlockingIOError):
                os.read(self.wake, 4096)
        for child in self.children:
            child.stop(grace=0)


class PreparationError(RuntimeError):
    """Jiuye can't start; the message says what failed."""


def note() -> Path:
    """Where a running house says its process id and address."""
    return env.HOME / "run.json"


def free_port(host: str, wanted: int) -> int:
    """The wanted port, or the next one that nobody listens on. Raises PreparationError when there is none."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for port in range(wanted, min(wanted + PORTS_TO_TRY, 65536)):
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return port
    raise PreparationError(f"No free port from {wanted} on: give another one with --port.")


def answers(host: str, port: int, path: str = "/healthz") -> bool:
    """Whether a web process with a database behind it answers there."""
    connection = http.client.HTTPConnection(host, port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()
