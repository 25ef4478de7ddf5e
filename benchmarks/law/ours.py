"""The rule text of `city`, read by columns: `python -m benchmarks.law.ours FOLDER ROUNDS`."""

from __future__ import annotations

import time
from pathlib import Path

from benchmarks.law import data, households, watch
from jiuye.policy import Law

CITY = Path(__file__).parent / "city"


def main() -> None:
    folder, rounds = watch.arguments()
    start = time.process_time()
    law = Law.load(CITY)
    loaded = time.process_time() - start
    start = time.process_time()
    program = law.columns(data.RULES, data.ON)
    prepared = time.process_time() - start
    people, employers = data.load(folder, "people"), data.load(folder, "employers")
    links = data.load(folder, "links")
    size = len(people["birth"])
    room = program.room(size, data.VALUES)

    def run() -> None:
        program.run(
            people, household=links["household"], employer=links["employer"], employers=employers, room=room
        )

    found = watch.timed(run, rounds)
    answers = {f"{name}.state": room[name].state for name in data.RULES}
    for name in data.VALUES:
        value = room[name].value
        assert value is not None
        answers[f"{name}.value"] = value
    explained = households.explained(law, program, people, employers, data.RULES, data.ON)
    watch.report(
        folder,
        "ours",
        found | {"load_ms": loaded * 1000, "prepare_ms": prepared * 1000, "explained": explained},
    )
    data.save_answers(folder, "ours", answers)


if __name__ == "__main__":
    main()
