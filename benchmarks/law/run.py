"""Engines in processes of their own, one after the other on the same files; their answers compared.

No time is believed before the answers are the same.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import commands
from benchmarks.law import data, full
from benchmarks.timing import Figure

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "build" / "law"
PEERS = ("copying", "polars", "duckdb", "openfisca")
OPENFISCA = "openfisca-core==46.0.1"
PEER_NAMES = {
    "copying": "copy of the same bytes",
    "polars": "Polars expressions",
    "duckdb": "the same text as SQL in DuckDB",
    "openfisca": "openfisca-core, two-valued",
}


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
            if commands.run(command).returncode:
                return None
        installed.write_text(OPENFISCA, encoding="utf-8")
    return python


def engine(name: str, folder: Path, rounds: int) -> dict[str, Any] | None:
    """What one engine reported; None where it isn't to be had."""
    python: Path | None = Path(sys.executable)
    module = {"polars": "polars_peer", "duckdb": "duckdb_sql"}.get(name, name)
    what = ["-m", f"benchmarks.law.{module}"]
    if name == "openfisca":
        python, what = openfisca(), [str(Path(__file__).with_name("openfisca_peer.py"))]
    if python is None:
        print("openfisca-core can't be installed here: left out")
        return None
    environment = os.environ | {"POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1", "NUMEXPR_MAX_THREADS": "1"}
    before = os.getloadavg()[0]
    command = [str(python), *what, str(folder), str(rounds)]
    commands.run(command, env=environment, cwd=ROOT, check=True)
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


def figures(found: dict[str, Any], whole: dict[str, Any]) -> list[Figure]:
    """Lines of the table of all benchmarks."""
    people, engines = found["people"], found["engines"]
    ours = engines["ours"]

    def each(one: dict[str, Any]) -> float:
        return float(round(one["cpu"] / people * 1e9, 1))

    what = f"8 rules over {people:,} people, {found['order']}"
    out = [
        Figure("law", what, each(ours), "CPU ns/person", PEER_NAMES[name], each(one))
        for name, one in engines.items()
        if name != "ours" and one is not None
    ]
    every = f"{whole['rules']} rules over {whole['people']:,} people"
    rule = round(whole["ns_per_rule_and_person"], 2)
    out += [
        Figure("law", every, rule, "CPU ns/rule", "a rule of the 8", round(each(ours) / len(data.RULES), 2)),
        Figure("law", "text read and checked", round(whole["load_ms"], 1), "ms"),
        Figure("law", "folded at a date", round(whole["prepare_ms"], 1), "ms"),
    ]
    households = (
        (f"household of 3 explained, {len(data.RULES)} rules of the 8", ours["explained"]),
        (f"household of 3 explained, {len(full.ASKED)} rules of Shanghai", whole["explained"]),
    )
    for what, one in households:
        out.append(Figure("law", what, round(one["p50_ms"], 3), "ms", p95=round(one["p95_ms"], 3)))
    return out
