"""Demonstration cities, each in an embedded PostgreSQL of its own with the settings of `jiuye run`."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from benchmarks import commands
from benchmarks.timing import ended_children
from jiuye.runtime.postgres import Cluster

ON = date(2026, 10, 9)  # the day everything is measured on, that of benchmarks.rules
ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable


@dataclass(frozen=True)
class Loaded:
    """What `jiuye demo load` took: wall seconds, processor seconds of the command and of its database process
    (None where the system doesn't tell), the command's greatest memory in MB."""

    people: int
    seconds: float
    cpu_seconds: float
    server_seconds: float | None
    peak_mb: float


@dataclass(frozen=True)
class City:
    """A loaded city that is being served. `home`: its JIUYE_HOME."""

    people: int
    home: Path
    cluster: Cluster
    loaded: Loaded

    @property
    def owner(self) -> str:
        """Where the owner of the tables connects: only to prepare a measurement."""
        return self.cluster.url("owner")

    @property
    def server(self) -> str:
        """Process id of the database server."""
        return str(self.cluster.process.pid) if self.cluster.process else ""

    def environment(self, role: str = "app") -> dict[str, str]:
        """Of a process that works on this city."""
        return environment(self.home, role)


def environment(home: Path, role: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JIUYE_", "DATABASE_"))}
    return kept | {
        "DJANGO_SETTINGS_MODULE": "jiuye.config.settings",
        "JIUYE_HOME": str(home),
        "JIUYE_TODAY": ON.isoformat(),
        "JIUYE_DB_ROLE": role,
        "JIUYE_LOG_LEVEL": "WARNING",
    }


@contextmanager
def served(people: int, folder: Path) -> Iterator[City]:
    """The city of that size in `folder`: the one an earlier run left there, or a fresh one."""
    home = folder / f"city-{people}"
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o711)  # the server's user must get through when root runs this
    with Cluster(home) as cluster:
        cluster.ensure_roles()
        note = home / "loaded.json"
        if note.exists():
            command(home, "migrate", "--verbosity", "0")
        else:
            note.write_text(json.dumps(asdict(load(people, home, cluster))))
        yield City(people, home, cluster, Loaded(**json.loads(note.read_text())))


def load(people: int, home: Path, cluster: Cluster) -> Loaded:
    """`jiuye demo load` into the empty database of a running cluster."""
    assert cluster.process is not None
    before, start = ended_children(cluster.process.pid), time.monotonic()
    usage = command(home, "demo", "load", "--people", str(people))
    seconds = time.monotonic() - start
    time.sleep(1)  # until the server has noticed that its process for the command ended
    after = ended_children(cluster.process.pid)
    return Loaded(
        people,
        round(seconds, 1),
        round(usage.ru_utime + usage.ru_stime, 1),
        None if before is None or after is None else round(after - before, 1),
        round(usage.ru_maxrss / 1024, 1),
    )


def command(home: Path, *arguments: str) -> resource.struct_rusage:
    """Run `jiuye …` as the owner; SystemExit when it fails."""
    process = commands.start([PYTHON, "-m", "jiuye", *arguments], env=environment(home, "owner"), cwd=ROOT)
    _pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"jiuye {' '.join(arguments)} failed ({process.returncode})")
    return usage
