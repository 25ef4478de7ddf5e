"""The driver of one job, run by the environment that has PySpark: rules over a Parquet file of people."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

from jiuye.policy import Law, engines
from jiuye.policy.population import Job


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--reader", choices=("columns", "sql"), required=True)
    parser.add_argument("--master", required=True)
    parser.add_argument("--law", type=Path, required=True)
    parser.add_argument("--rules", nargs="+", required=True)
    parser.add_argument("--on", type=date.fromisoformat, required=True)
    parser.add_argument("--people", type=Path, required=True)
    parser.add_argument("--employers", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--parts", type=int, required=True)
    args = parser.parse_args()
    job = Job(Law.load(args.law), args.rules, args.on, args.people, args.out, args.employers)
    print(engines.by_spark(job, args.master, args.reader, args.law, args.parts))


if __name__ == "__main__":
    main()
