"""A child that fails is started again, later each time; its log stays within bounds."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import psutil
import pytest

from jiuye.runtime import children
from jiuye.runtime.children import Child, set_aside


def child(program: str, folder: Path) -> Child:
    return Child("part", [sys.executable, "-c", program], os.environ, folder / "part.log")


def tend_until_said(part: Child) -> str:
    deadline = time.monotonic() + 20
    while not (said := part.tend()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return said


def test_failing_child_waits_longer_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "FIRST_DELAY", 0.1)
    monkeypatch.setattr(children, "LONGEST_DELAY", 0.2)
    part = child("raise SystemExit(3)", tmp_path)
    said = [tend_until_said(part) for _ in range(3)]
    assert ["0.1 s" in said[0], "0.2 s" in said[1], "0.2 s" in said[2]] == [True, True, True]
    assert "code 3" in said[0]
    assert str(tmp_path / "part.log") in said[0]


def test_what_a_dead_child_left_is_ended(tmp_path: Path) -> None:
    """A web process killed -9 must not leave its workers on the port."""
    program = (
        "import subprocess, sys, os; "
        "print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']).pid, flush=True); "
        "os._exit(1)"
    )
    part = child(program, tmp_path)
    tend_until_said(part)
    left = int((tmp_path / "part.log").read_text())
    deadline = time.monotonic() + 10
    while psutil.pid_exists(left) and psutil.Process(left).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_child_that_does_not_listen_is_killed(tmp_path: Path) -> None:
    program = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); "
        "time.sleep(600)"
    )
    part = child(program, tmp_path)
    part.start()
    while "up" not in part.log.read_text():
        time.sleep(0.02)
    part.stop(grace=0.2)
    assert not part.alive()


def test_large_log_is_set_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "LOG_LIMIT", 10)
    log = tmp_path / "web.log"
    with open(log, "ab") as writer:
        writer.write(b"0123456789 and more")
        writer.flush()
        set_aside(log)
        writer.write(b"new")
    assert log.read_bytes() == b"new"
    assert (tmp_path / "web.1.log").read_bytes() == b"0123456789 and more"
