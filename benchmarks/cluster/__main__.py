"""Rules on a real cluster: `python -m benchmarks.cluster [--people N] [--parts N] [--work DIR]`.

A Spark standalone master with two workers on this machine answers the eight rules of benchmarks.law for
people with households and employers, once by the column reader inside mapInArrow, once by the printed SQL. In
each run one worker is killed (kill -9, with its executor); the answers must equal the local ones.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks import commands
from benchmarks.cluster.standalone import Cluster, cluster
from benchmarks.law import data
from jiuye.policy import Law, arrow
from jiuye.policy.population import Job, by_columns

HERE = Path(__file__).parent
LAW = HERE.parent / "law" / "city"
PATIENCE = 900  # seconds for one job


def python() -> Path:
    """The interpreter of the environment with PySpark, made when it is missing or its pins changed."""
    home = HERE.parents[1] / "build" / "cluster-venv"
    pins, noted = HERE / "requirements.txt", home / "pins"
    found = home / "bin" / "python"
    if not noted.exists() or noted.read_text() != pins.read_text():
        commands.run([sys.executable, "-m", "venv", "--clear", str(home)], check=True)
        commands.run([str(found), "-m", "pip", "install", "-q", "-r", str(pins)], check=True)
        noted.write_text(pins.read_text())
    return found


def written(law: Law, count: int, work: Path) -> tuple[Path, Path]:
    """Parquet files of the made-up city."""
    made = data.make(count, "shuffled")
    people, employers = work / "people.parquet", work / "employers.parquet"
    words = {name: list(law.codes[fact.codes]) for name, fact in law.facts.items() if fact.codes}
    table = arrow.facts(law, words, made["people"])
    links = {
        name: pa.array(np.where(numbers < 0, 0, numbers), mask=numbers < 0)
        for name, numbers in made["links"].items()
    }
    pq.write_table(pa.table({"id": pa.array(np.arange(count)), **links, **table}), people)
    firms = arrow.facts(law, words, made["employers"])
    size = len(next(iter(made["employers"].values())))
    pq.write_table(pa.table({"id": pa.array(np.arange(size)), **firms}), employers)
    return people, employers


def submit(made: Cluster, interpreter: Path, job: Job, reader: str, parts: int) -> commands.Process:
    command = [
        str(interpreter), "-m", "benchmarks.cluster.job", "--reader", reader, "--master", made.url,
        "--law", str(LAW), "--rules", *job.rules, "--on", str(job.on), "--people", str(job.people),
        "--employers", str(job.employers), "--out", str(job.out), "--parts", str(parts),
    ]  # fmt: skip
    source = HERE.parents[1]
    environment = made.environment | {"PYTHONPATH": f"{source / 'src'}:{source}"}
    log = (made.home / f"job-{reader}.log").open("wb")
    return commands.start(command, cwd=source, env=environment, stdout=log, stderr=commands.STDOUT)


def in_the_middle(job: Job, driver: commands.Process) -> int:
    """Wait until some parts are written; returns how many. SystemExit when it never comes to that."""
    started = time.monotonic()
    while time.monotonic() - started < PATIENCE:
        done = len(list(job.out.parent.glob(f".{job.out.name}.part/_temporary/0/task_*")))
        if done:
            return done
        if driver.poll() is not None:
            raise SystemExit(f"the job ended with {driver.returncode} before a worker could be killed")
        time.sleep(0.02)
    raise SystemExit("no part was ever written")


def same(a: Path, b: Path) -> int:
    """How many answers there are; SystemExit when two differ."""
    one, other = (pq.read_table(path).sort_by("id") for path in (a, b))
    if not one.equals(other.select(one.column_names).cast(one.schema)):
        raise SystemExit(f"the answers in {a} and {b} differ")
    return len(one)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cluster", description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--parts", type=int, default=24)
    parser.add_argument("--work", type=Path, default=HERE.parents[1] / "build" / "cluster")
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    interpreter, law, on = python(), Law.load(LAW), date(2026, 6, 30)
    people, employers = written(law, given.people, given.work)
    local = Job(law, data.RULES, on, people, given.work / "local.parquet", employers)
    started = time.perf_counter()
    by_columns(local)
    found: dict[str, Any] = {"people": given.people, "local_seconds": round(time.perf_counter() - started, 2)}
    for reader in ("columns", "sql"):
        with cluster(given.work / f"home-{reader}", interpreter) as made:
            job = Job(law, data.RULES, on, people, given.work / f"spark-{reader}.parquet", employers)
            started = time.perf_counter()
            driver = submit(made, interpreter, job, reader, given.parts)
            try:
                done = in_the_middle(job, driver)
                killed = made.kill_worker(0)
                if driver.wait(PATIENCE) != 0:
                    raise SystemExit(f"the job failed; see {made.home}/job-{reader}.log")
            finally:
                driver.kill()
            seconds = round(time.perf_counter() - started, 1)
            rows = same(local.out, job.out)
            found[reader] = {
                "seconds": seconds, "parts_done_at_kill": done, "processes_killed": killed, "equal_rows": rows
            }  # fmt: skip
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
