"""`jiuye run` as a user has it: a process tree that starts, heals and ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from jiuye.runtime.house import answers
from jiuye.runtime.postgres import process_state

PATIENCE = 120.0  # seconds


class Running:
    """One `jiuye run` on a home of its own, without the demonstration city."""

    def __init__(self, home: Path, port: int) -> None:
        self.home = home
        given = {name: value for name, value in os.environ.items() if not name.startswith("JIUYE_")}
        given.pop("DATABASE_URL", None)
        if "JIUYE_POSTGRES" in os.environ:
            given["JIUYE_POSTGRES"] = os.environ["JIUYE_POSTGRES"]
        self.environment = {**given, "JIUYE_HOME": str(home)}
        self.output = open(home / "output", "a+")  # noqa: SIM115 (closed with the process)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "jiuye", "run", "--no-demo", "--port", str(port)],
            env=self.environment,
            stdout=self.output,
            stderr=self.output,
        )

    def said(self) -> str:
        self.output.seek(0)
        return self.output.read()

    def wait(self, what: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + PATIENCE
        while not (found := what()):
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.1)
        return found

    def ready(self) -> int:
        """Wait until it says so; its port."""
        self.wait(lambda: "is ready" in self.said())
        address: str = json.loads((self.home / "run.json").read_text())["address"]
        return int(address.rstrip("/").rpartition(":")[2])

    def part(self, word: str) -> int:
        """Process id of the web or worker process, or of the server."""
        children = psutil.Process(self.process.pid).children()
        return self.wait(
            lambda: next((child.pid for child in children if word in " ".join(child.cmdline())), None)
        )

    def status(self) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", "jiuye", "status"],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    def well(self) -> None:
        self.wait(lambda: self.status()[0] == 0)

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        self.output.close()
        return code


@pytest.fixture
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="jiuye-house-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o711)
        yield Path(name)


def free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_starts_heals_and_ends(home: Path) -> None:
    port = free()
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        house = Running(home, port)
        assert house.ready() > port
        assert f"Port {port} is taken" in house.said()
    assert answers("127.0.0.1", house.ready())
    for part in ("web", "worker", "postgres"):
        os.kill(house.part(part), signal.SIGKILL)
        house.wait(lambda part=part: "ended" in house.said())
        house.well()
    tree = [child.pid for child in psutil.Process(house.process.pid).children(recursive=True)]
    assert house.end(signal.SIGINT) == 0
    assert [pid for pid in tree if process_state(pid) not in (None, "Z")] == []
    code, words = house.status()
    assert (code, "does not run" in words) == (1, True)


def test_killed_house_starts_again(home: Path) -> None:
    house = Running(home, free())
    house.ready()
    tree = [child.pid for child in psutil.Process(house.process.pid).children(recursive=True)]
    house.process.kill()
    house.process.wait()
    again = Running(home, free())
    try:
        again.wait(lambda: again.said().count("is ready") == 2)
        again.well()
    finally:
        assert again.end() == 0
    deadline = time.monotonic() + PATIENCE
    while any(process_state(pid) not in (None, "Z") for pid in tree):
        assert time.monotonic() < deadline, "a part of the killed house lives on"
        time.sleep(0.1)
