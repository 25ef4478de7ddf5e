"""Starts the process in which another text of the law is tried, and ends it when its time is up."""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jiuye.drafting import texts
from jiuye.policy.places import Place

#: Seconds by the clock; the child's own limit of CPU time is in `child`.
SECONDS = {"check": 25, "examples": 180, "city": 1200}
#: What the child gets to see of our environment.
KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR")
Progress = Callable[[str, int, int], None]  # what is being done, how many are done, of how many
Reader = Callable[[dict[str, Any]], object]  # columns of everybody, as the child needs them


class TrialProblem(Exception):
    """The text can't be tried, and trying again won't help. kind: time, memory, broken."""

    def __init__(self, kind: str, details: str = "") -> None:
        self.kind, self.details = kind, details
        super().__init__(f"{kind}: {details}" if details else kind)


class Interrupted(RuntimeError):
    """Somebody else ended the process: it may be tried again."""


@dataclass(frozen=True)
class Checked:
    """What is wrong with a text, at the word. `version`: hash of the law it makes, "" while it is wrong."""

    version: str = ""
    problems: tuple[Place, ...] = ()
    warnings: tuple[Place, ...] = ()
    more: int = 0  # problems beyond those listed
    stopped: str = ""  # why the check could not be finished: time, memory, broken

    @property
    def good(self) -> bool:
        return bool(self.version)


@dataclass
class Bench:
    """The two laws laid out in a folder that goes when the work is done."""

    folder: Path
    given: dict[str, Any] = field(default_factory=dict)

    def ask(
        self, command: str, progress: Progress | None = None, reader: Reader | None = None, **given: Any
    ) -> dict[str, Any]:
        """Run one command of the child. Raises TrialProblem, and what progress and reader raise."""
        (self.folder / "given.json").write_text(json.dumps({**self.given, **given}), encoding="utf-8")
        return _run(command, self.folder, progress, reader)


@contextmanager
def bench(version: str, changed: Mapping[str, str], today: str) -> Iterator[Bench]:
    with tempfile.TemporaryDirectory(prefix="jiuye-sandbox-") as name:
        folder = Path(name)
        texts.lay_out(folder, version, changed)
        yield Bench(folder, {"changed": sorted(changed), "today": today})


def check(version: str, changed: Mapping[str, str], today: str) -> Checked:
    """Every complaint of `jiuye law check` about the law with these texts instead of its own."""
    with bench(version, changed, today) as there:
        try:
            said = there.ask("check")
        except TrialProblem as problem:
            return Checked(stopped=problem.kind)
        except Interrupted:
            return Checked(stopped="broken")
    return Checked(
        said["version"],
        tuple(Place(**one) for one in said["problems"]),
        tuple(Place(**one) for one in said["warnings"]),
        said["more"],
    )


def _run(command: str, folder: Path, progress: Progress | None, reader: Reader | None) -> dict[str, Any]:
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    environment |= {"PYTHONUTF8": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(  # noqa: S603  our own module, no word of the text among the arguments
            [sys.executable, "-I", "-m", "jiuye.drafting.child", command, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=environment,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )
        late = threading.Event()

        def stop() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(SECONDS[command], stop)
        timer.start()
        try:
            answer = _listen(process, folder, progress, reader)
            code = process.wait()
        finally:
            timer.cancel()
            if process.poll() is None:  # something went wrong here: leave nobody behind
                process.kill()
                process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with suppress(BrokenPipeError):
                        pipe.close()
        if late.is_set() or code == -signal.SIGXCPU:
            raise TrialProblem("time")
        if code < 0:
            raise Interrupted(f"ended by {signal.Signals(-code).name}")
        if "problem" in answer:
            raise TrialProblem(str(answer["problem"]))
        if code or "result" not in answer:
            errors.seek(0)
            said = errors.read().decode(errors="replace").strip().splitlines()
            raise TrialProblem(_kind(said), said[-1][:500] if said else f"exit {code}")
    result: dict[str, Any] = answer["result"]
    return result


def _kind(said: list[str]) -> str:
    return "memory" if said and "MemoryError" in said[-1] else "broken"


def _listen(
    process: subprocess.Popen[str], folder: Path, progress: Progress | None, reader: Reader | None
) -> dict[str, Any]:
    """Tell how far it is, read what it needs; what it said last."""
    last: dict[str, Any] = {}
    assert process.stdout is not None
    assert process.stdin is not None
    for line in process.stdout:
        try:
            last = json.loads(line)
        except json.JSONDecodeError:
            continue
        if progress is not None and "done" in last:
            progress(last["step"], last["done"], last["total"])
        if reader is not None and "need" in last:
            with (folder / "people").open("wb") as handle:
                pickle.dump(reader(last["need"]), handle)
            with suppress(BrokenPipeError):
                process.stdin.write("\n")
                process.stdin.flush()
    return last
