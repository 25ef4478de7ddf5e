"""Eight rules over a city: `python -m benchmarks.law [--people N …] [--order O] [--peer P …] [--full]`.

Every engine runs in a process of its own, one after the other, on the same files; their answers are compared
before any time is believed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.law import data, full

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "build" / "law"
RESULT = ROOT / "build" / "benchmarks" / "law.json"
PEERS = ("copying", "polars", "openfisca")
OPENFISCA = "openfisca-core==46.0.1"


def openfisca() -> Path | None:
    """Python of an environment of its own; None where it can't be installed."""
    home = WORK / "openfisca"
    python = home / "bin" / "python"
    installed = home / "installed"
    if not installed.exists():
        for command in (
            [sys.executable, "-m", "venv", "--clear", str(home)],
            [str(python), "-m", "pip", "install", "-q", OPENFISCA],
        ):
            if subprocess.run(command, check=False).returncode:  # noqa: S603 (the command is ours)
                return None
        installed.write_text(OPENFISCA, encoding="utf-8")
    return python


def engine(name: str, folder: Path, rounds: int) -> dict[str, Any] | None:
    """What one engine reported; None where it isn't to be had."""
    python: Path | None = Path(sys.executable)
    what = ["-m", f"benchmarks.law.{'polars_peer' if name == 'polars' else name}"]
    if name == "openfisca":
        python, what = openfisca(), [str(Path(__file__).with_name("openfisca_peer.py"))]
    if python is None:
        print("openfisca-core can't be installed here: left out")
        return None
    environment = os.environ | {"POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1", "NUMEXPR_MAX_THREADS": "1"}
    before = os.getloadavg()[0]
    command = [str(python), *what, str(folder), str(rounds)]
    subprocess.run(command, env=environment, cwd=ROOT, check=True)  # noqa: S603 (the command is ours)
    found: dict[str, Any] = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    return found | {"load": [round(before, 2), round(os.getloadavg()[0], 2)]}


def known_throughout(folder: Path) -> Any:
    """Rows about whom, whose household and whose employer nothing is missing."""
    links = data.load(folder, "links")

    def complete(part: str) -> Any:
        out: Any = True
        for column in data.load(folder, part).values():
            none = data.NONE["bool"] if column.dtype == np.uint8 else data.NONE[str(column.dtype)]
            out &= column != none
        return out

    own = complete("people")
    open_homes = np.zeros(int(links["household"].max()) + 1, bool)
    open_homes[links["household"][~own]] = True
    firms = np.append(complete("employers"), True)
    return ~open_homes[links["household"]] & firms[links["employer"]]


def compare(folder: Path, peer: str) -> None:
    """Ends the run when the answers differ."""
    ours, theirs = data.load(folder, "answers-ours"), data.load(folder, f"answers-{peer}")
    rows: Any = known_throughout(folder) if peer == "openfisca" else slice(None)
    for name, answers in theirs.items():
        wrong = np.count_nonzero(ours[name][rows] != answers[rows])
        if wrong:
            raise SystemExit(f"{peer}: {name} differs for {wrong:,} people")
    compared = int(np.sum(rows)) if peer == "openfisca" else len(ours["hardship.state"])
    print(f"{peer}: the same answers for {compared:,} people")


def measure(people: int, order: str, peers: list[str], rounds: int) -> dict[str, Any]:
    folder = WORK / f"{people}-{order}"
    shutil.rmtree(folder, ignore_errors=True)
    try:
        data.save(folder, data.make(people, order))
        found = {"ours": engine("ours", folder, rounds)}
        for peer in peers:
            found[peer] = engine(peer, folder, rounds)
            if found[peer] is not None and peer != "copying":
                compare(folder, peer)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return {"people": people, "order": order, "engines": found}


def show(found: dict[str, Any]) -> None:
    people, engines = found["people"], found["engines"]
    print(f"\n{people:,} people, {found['order']}: eight rules")
    print(f"{'':12}{'CPU ns/person':>14}{'wall':>8}{'x ours':>8}{'x copy':>8}{'peak MB':>9}   load")
    ours, explained = engines["ours"]["cpu"], engines["ours"]["explained"]
    copy = (engines.get("copying") or {}).get("cpu")
    for name, one in engines.items():
        if one is None:
            continue
        cpu, wall = one["cpu"] / people * 1e9, one["wall"] / people * 1e9
        times = f"{one['cpu'] / copy:8.1f}" if copy else f"{'':8}"
        print(
            f"{name:12}{cpu:14.1f}{wall:8.1f}{one['cpu'] / ours:8.2f}{times}{one['peak_mb'] or 0:9.0f}"
            f"   {one['load']}"
        )
    print(f"a household explained: p50 {explained['p50_ms']:.2f} ms, p95 {explained['p95_ms']:.2f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.law", description=__doc__)
    parser.add_argument("--people", type=int, action="append", help="may be repeated; default: 1,000,000")
    parser.add_argument("--order", choices=("shuffled", "sorted"), default="shuffled")
    parser.add_argument("--peer", choices=PEERS, action="append", help="may be repeated; default: all")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument(
        "--full", action="store_true", help="only every columnar rule of Shanghai, and one case"
    )
    given = parser.parse_args()
    results: dict[str, Any] = {"eight": [], "full": None}
    if not given.full:
        for people in given.people or [1_000_000]:
            found = measure(people, given.order, given.peer or list(PEERS), given.rounds)
            show(found)
            results["eight"].append(found)
    results["full"] = full.measure((given.people or [1_000_000])[0] if given.full else 200_000)
    full.show(results["full"])
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
