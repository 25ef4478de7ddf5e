"""A copy of the same bytes, in and out: `python -m benchmarks.law.copying FOLDER ROUNDS`."""

from __future__ import annotations

import numpy as np

from benchmarks.law import data, watch


def main() -> None:
    folder, rounds = watch.arguments()
    columns = [column for part in ("people", "links") for column in data.load(folder, part).values()]
    size = len(columns[0])
    columns += [np.ones(size, np.uint8) for _ in data.RULES]
    columns += [np.ones(size, width) for width in data.VALUES.values()]
    room = [np.ones_like(column) for column in columns]

    def run() -> None:
        for column, copy in zip(columns, room, strict=True):
            np.copyto(copy, column)

    found = watch.timed(run, max(rounds, 5))
    watch.report(folder, "copying", found | {"bytes": sum(column.dtype.itemsize for column in columns)})


if __name__ == "__main__":
    main()
