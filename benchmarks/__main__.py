"""All measurements: `python -m benchmarks [--only NAME] [--people N] [--large N] [--home DIR] [--quick]`."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import batch, city, load, outreach, person, queue, rules
from benchmarks.law import full
from benchmarks.law import run as law
from benchmarks.timing import Figure

NAMES = ("load", "person", "batch", "queue", "outreach", "rules", "law")
RESULTS = city.ROOT / "build" / "benchmarks"
QUICK = {"people": 2_000, "large": 20_000, "rounds": 30}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="See benchmarks/README.md.")
    parser.add_argument("--people", type=int, default=20_000, help="size of the small city")
    parser.add_argument("--large", type=int, default=1_000_000, help="size of the large city")
    parser.add_argument("--rounds", type=int, default=200, help="how often single things are timed")
    parser.add_argument("--only", choices=NAMES, action="append", help="may be repeated; default: all")
    parser.add_argument("--home", type=Path, help="keep the loaded cities there, and use those there already")
    parser.add_argument("--quick", action="store_true", help="small cities, few rounds: does it run at all?")
    given = parser.parse_args()
    if given.quick:
        vars(given).update(QUICK)
    return given


@contextmanager
def folder(home: Path | None) -> Iterator[Path]:
    """Where the cities live: kept, or gone with the run."""
    if home is not None:
        home.mkdir(parents=True, exist_ok=True)
        yield home.absolute()
        return
    fresh = Path(tempfile.mkdtemp(prefix="jiuye-bench-"))
    fresh.chmod(0o711)  # the server's user must get through when root runs this
    try:
        yield fresh
    finally:
        for pg in fresh.glob("*/pg"):
            shutil.rmtree(pg.resolve(), ignore_errors=True)
        shutil.rmtree(fresh, ignore_errors=True)


def main() -> None:
    given = arguments()
    wanted = given.only or list(NAMES)
    figures: list[Figure] = []

    def keep(name: str, found: tuple[list[Figure], Any]) -> None:
        figures.extend(found[0])
        write(name, given, *found)

    if "rules" in wanted:
        keep("rules", synthetic(given.large))
    if "law" in wanted:
        eight, whole = law.measure(given.large, "shuffled", list(law.PEERS), 5), full.measure(given.large)
        keep("law", (law.figures(eight, whole), {"eight": eight, "full": whole}))
    if set(wanted) - {"rules", "law"}:
        with folder(given.home) as home, city.served(given.people, home) as small:
            if "person" in wanted:
                keep("person", person.measure(small, 2 * given.rounds))
            if "outreach" in wanted:
                keep("outreach", outreach.measure(small))
            if set(wanted) & {"load", "batch", "queue"}:
                with city.served(given.large, home) as large:
                    if "load" in wanted:
                        keep("load", load.measure([small, large]))
                    if "batch" in wanted:
                        keep("batch", batch.measure(large))
                    if "queue" in wanted:
                        keep("queue", queue.measure(small, large, given.rounds))
    show(figures)


def synthetic(people: int) -> tuple[list[Figure], dict[str, Any]]:
    """The rules over columns made up at random, which have every answer in them."""
    found = rules.measure(people)
    nanoseconds = found["ns_per_person"]
    what = f"{len(rules.RULES)} rules over {people:,} rows"
    ours, *peers = nanoseconds.items()
    figures = [Figure("rules", what, ours[1], "ns/person", name, value) for name, value in peers]
    figures += [
        Figure("rules", f"{name} explained, {point}", times[point], "ms")
        for name, times in found["explain_ms"].items()
        for point in ("p50", "p95")
    ]
    return figures, found


def write(name: str, given: argparse.Namespace, figures: list[Figure], found: Any) -> None:
    RESULTS.mkdir(parents=True, exist_ok=True)
    kept = {
        "machine": {"cores": os.cpu_count(), "load": os.getloadavg(), "python": platform.python_version()},
        "asked": {"people": given.people, "large": given.large, "rounds": given.rounds},
        "figures": [figure.to_json() for figure in figures],
        "found": found,
    }
    text = json.dumps(kept, indent=2, ensure_ascii=False)
    (RESULTS / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def show(figures: list[Figure]) -> None:
    table = Table(title=f"Measured on {city.ON}'s cities, {os.cpu_count()} cores", title_justify="left")
    for heading in ("Part", "What", "Figure", "p95", "CPU", "Against", "Its figure", "Its CPU", "Ratio"):
        table.add_column(heading, justify="left" if heading in ("Part", "What", "Against") else "right")
    before = ""
    for one in figures:
        if before not in ("", one.part):
            table.add_section()
        table.add_row(
            "" if one.part == before else one.part,
            one.what,
            f"{one.value:,} {one.unit}",
            number(one.p95),
            number(one.cpu),
            one.peer,
            number(one.peer_value),
            number(one.peer_cpu),
            number(one.ratio),
        )
        before = one.part
    console = Console()
    if not console.is_terminal:
        console = Console(width=160)
    console.print(table)
    console.print(f"Details: {RESULTS.relative_to(city.ROOT)}/*.json; how to read them: benchmarks/README.md")


def number(value: float | None) -> str:
    return "" if value is None else f"{value:,}"


if __name__ == "__main__":
    main()
