"""Processes that live with this one: they end when it ends, and are started again when they fail.

Every child leads a session of its own: Ctrl-C in the terminal reaches only the supervisor, which stops the
children in order, and what a child leaves behind when it is killed can be found and ended as its group.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jiuye.runtime.parent import die_with_parent

FIRST_DELAY, LONGEST_DELAY = 0.5, 30.0  # seconds before a failed child is started again; doubles each time
SETTLED = 60.0  # a child that lived this long starts again with the first delay
LOG_LIMIT = 50_000_000  # bytes of a log file before it is set aside


@dataclass
class Child:
    """One process to keep alive; what it says goes to `log`."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    grace: float = 30.0  # seconds to finish what it is doing when asked to stop
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    due: float = field(default=0.0)

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        set_aside(self.log)
        with open(os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "wb") as log:
            self.process = subprocess.Popen(  # noqa: S603 (the command is ours)
                self.command,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                # Without its supervisor the embedded database goes too: nothing could be finished.
                preexec_fn=die_with_parent(signal.SIGKILL),
            )
        self.started = time.monotonic()

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def tend(self) -> str | None:
        """Start it again when it is down and its waiting time is over; return what happened, in words."""
        now = time.monotonic()
        if self.process is not None and self.process.poll() is not None:
            ended = self.process.returncode
            self._end_group(signal.SIGKILL)
            self.process = None
            if now - self.started > SETTLED:
                self.failures = 0
            delay = min(FIRST_DELAY * 2**self.failures, LONGEST_DELAY)
            self.failures += 1
            self.due = now + delay
            how = f"signal {-ended}" if ended < 0 else f"code {ended}"
            return f"{self.name} ended ({how}), starting again in {delay:g} s; its log: {self.log}"
        if self.process is None and now >= self.due:
            self.start()
        return None

    def ask_to_stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def stop(self, grace: float | None = None) -> None:
        """Ask, wait up to `grace` seconds, then kill it and all it started."""
        if self.process is None:
            return
        self.ask_to_stop()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(self.grace if grace is None else grace)
        self._end_group(signal.SIGKILL)
        self.process.wait()
        self.process = None

    def _end_group(self, number: int) -> None:
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)


def set_aside(log: Path) -> None:
    """Keep one former log file when this one has grown beyond LOG_LIMIT.

    Writers append, so emptying the file under them is safe; renaming it would leave them on the old one.
    """
    with contextlib.suppress(FileNotFoundError):
        if log.stat().st_size > LOG_LIMIT:
            log.with_suffix(".1.log").write_bytes(log.read_bytes())
            os.truncate(log, 0)
