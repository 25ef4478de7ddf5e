"""Eight rules over a city: `python -m benchmarks.law [--people N …] [--order O] [--peer P …] [--full]`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from benchmarks.law import full, run

RESULT = run.ROOT / "build" / "benchmarks" / "law.json"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.law", description="See benchmarks/README.md.")
    parser.add_argument("--people", type=int, action="append", help="may be repeated; default: 1,000,000")
    parser.add_argument("--order", choices=("shuffled", "sorted"), default="shuffled", help="of households")
    parser.add_argument("--peer", choices=run.PEERS, action="append", help="may be repeated; default: all")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument(
        "--full", action="store_true", help="only every columnar rule of Shanghai, and one case"
    )
    parser.add_argument("--result", type=Path, default=RESULT)
    given = parser.parse_args()
    sizes = given.people or [1_000_000]
    results: dict[str, Any] = {"eight": [], "full": None}
    if not given.full:
        for people in sizes:
            found = run.measure(people, given.order, given.peer or list(run.PEERS), given.rounds)
            run.show(found)
            results["eight"].append(found)
    results["full"] = full.measure(min(sizes[0], 1_000_000))
    full.show(results["full"])
    given.result.parent.mkdir(parents=True, exist_ok=True)
    given.result.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
