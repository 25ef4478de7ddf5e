"""A real Spark standalone cluster on this machine: one master, two workers, each a process of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from benchmarks import commands

LOCAL = "127.0.0.1"
PATIENCE = 90  # seconds for the cluster to stand


def free_port() -> int:
    with socket.socket() as made:
        made.bind((LOCAL, 0))
        port: int = made.getsockname()[1]
        return port


@dataclass
class Cluster:
    """`workers`: processes, to be killed one by one."""

    home: Path
    environment: dict[str, str]
    port: int = field(default_factory=free_port)
    page: int = field(default_factory=free_port)
    master: commands.Process | None = None
    workers: list[commands.Process] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"spark://{LOCAL}:{self.port}"

    def start(self, name: str, *arguments: str) -> commands.Process:
        log = (self.home / f"{name}.log").open("wb")
        command = Path(self.environment["SPARK_HOME"]) / "bin" / "spark-class"
        return commands.start(
            [str(command), *arguments],
            stdout=log,
            stderr=commands.STDOUT,
            env=self.environment,
            start_new_session=True,
        )

    def add_worker(self) -> None:
        number = len(self.workers)
        self.workers.append(
            self.start(
                f"worker{number}",
                "org.apache.spark.deploy.worker.Worker",
                *("--host", LOCAL, "--cores", "1", "--memory", "2g", "--webui-port", str(free_port())),
                *("--work-dir", str(self.home / f"work{number}")),
                self.url,
            )
        )

    def kill_worker(self, number: int) -> int:
        """kill -9 of a worker and everything it started; returns how many processes went."""
        worker = psutil.Process(self.workers[number].pid)
        family = [worker, *worker.children(recursive=True)]
        for process in family:
            process.send_signal(signal.SIGKILL)
        return len(family)

    def alive(self) -> int:
        """Workers the master counts as alive."""
        with urllib.request.urlopen(f"http://{LOCAL}:{self.page}/json/", timeout=5) as answer:
            return int(json.load(answer)["aliveworkers"])


@contextmanager
def cluster(home: Path, python: Path) -> Iterator[Cluster]:
    """Master and two workers, ended with everything they started."""
    home.mkdir(parents=True, exist_ok=True)
    found = commands.run(
        [str(python), "-c", "import pyspark, os; print(os.path.dirname(pyspark.__file__))"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    source = Path(__file__).parents[2] / "src"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("SPARK_", "PYSPARK_"))},
        "SPARK_HOME": found.stdout.strip(),
        "SPARK_LOCAL_IP": LOCAL,
        "SPARK_LOCAL_DIRS": str(home / "local"),
        "PYSPARK_PYTHON": str(python),
        "PYSPARK_DRIVER_PYTHON": str(python),
        "PYTHONPATH": str(source),
    }
    made = Cluster(home, environment)
    try:
        made.master = made.start(
            "master",
            "org.apache.spark.deploy.master.Master",
            *("--host", LOCAL, "--port", str(made.port), "--webui-port", str(made.page)),
        )
        made.add_worker()
        made.add_worker()
        deadline = time.monotonic() + PATIENCE
        while True:
            with suppress(OSError):
                if made.alive() == 2:
                    break
            if time.monotonic() > deadline:
                raise SystemExit(f"the cluster did not stand after {PATIENCE} s; see {home}/*.log")
            time.sleep(0.5)
        yield made
    finally:
        for process in filter(None, [*made.workers, made.master]):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
