"""Rules over a whole population, against a NumPy pass by hand over the same columns; and one case explained.

`python -m benchmarks.rules [--people 1000000]`. Both passes must give the same answers, or the run fails.
CPU time of this process, the best of several runs: on a shared machine wall time says little.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jiuye.cities import law
from jiuye.policy import Law
from jiuye.policy.columns import BLOCK, EPOCH, NULL_DAY, NULL_LIST, NULL_NUMBER, ColumnResult, Program
from jiuye.policy.values import Month, Value

Array = NDArray[Any]
Columns = dict[str, Array]
ON = date(2026, 10, 9)
RULES = (
    "service_scope", "labour_age", "statutory_retirement_month", "unemployment_registration", "ui_eligible",
    "ui_months",
)  # fmt: skip
PLACES = ("hukou_local", "usual_residence_local", "last_insured_local", "last_employed_local")
MISSING = 0.02  # share of facts nobody supplied
RESULTS = Path("build/benchmarks/rules.json")


def people(program: Program, count: int) -> Columns:
    """Synthetic columns, the same for every run."""
    random = np.random.default_rng(2026)
    columns: Columns = {}
    for name in sorted(program.facts):
        of = program.law.facts[name].type
        words = program.words.get(name, [])
        column, null = synthetic(random, of.kind, len(words), count)
        column[random.random(count) < MISSING] = null
        columns[name] = column
    return columns


def synthetic(random: np.random.Generator, kind: str, words: int, count: int) -> tuple[Array, Any]:
    """(column without holes, what stands in a hole)."""
    match kind:
        case "bool":
            return random.integers(0, 2, count).astype(np.uint8) * np.uint8(2), 1
        case "date":
            low, high = (date(1936, 1, 1) - EPOCH).days, (ON - EPOCH).days
            return random.integers(low, high, count).astype(np.int32), NULL_DAY
        case "number":
            return random.integers(0, 300, count), NULL_NUMBER
        case "text":
            return random.integers(0, words, count).astype(np.int16), -1
        case "list":
            return random.integers(0, 1 << words, count).astype(np.uint64), NULL_LIST
    raise SystemExit(f"no synthetic column of {kind}")


# -- the same by hand ---------------------------------------------------------------------------------------


class ByHand:
    """The six rules as a NumPy programmer would write them for this one day, three-valued in bytes."""

    def __init__(self, made: Law, words: dict[str, list[str]]) -> None:
        def number(name: str) -> Any:
            found = made.parameter(name, ON)
            assert found is not None, name
            return found.value

        self.words = words
        self.number = number
        lower = number("labour_age_min")
        self.grown = (date(ON.year - lower, ON.month, ON.day) - EPOCH).days
        expired = {"02"} if number("expiry_counts_whoever_declined") else set()
        self.involuntary = {*number("involuntary_reasons"), *expired}
        self.start = int(Month.of_date(number("retirement_transition_start")))

    def month_of(self, days: Array) -> Array:
        return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) + 1970 * 12

    def words_in(self, columns: Columns, name: str, wanted: Any) -> Array:
        states = np.array([*(2 * (word in wanted) for word in self.words[name]), 1], np.uint8)
        return states.take(columns[name])

    def holds(self, columns: Columns, name: str, wanted: Any) -> Array:
        mask = np.uint64(sum(1 << i for i, word in enumerate(self.words[name]) if word in wanted))
        return states(columns[name] & mask != 0, columns[name] & NULL_LIST != 0)

    def run(self, c: Columns) -> dict[str, tuple[Array, Array | None]]:
        labour = both(
            states(c["birth"] <= self.grown, c["birth"] == NULL_DAY),
            self.words_in(c, "pension_kind", {"none"}),
        )
        mainland, hong_kong = {"shanghai", "other_province"}, {"hong_kong", "macau"}
        papers = one_of(
            both(self.words_in(c, "hukou_region", mainland), self.papers(c, "mainland")),
            both(self.words_in(c, "hukou_region", hong_kong), self.papers(c, "hong_kong_macao")),
            both(self.words_in(c, "hukou_region", {"taiwan"}), self.papers(c, "taiwan")),
            np.minimum(self.words_in(c, "hukou_region", {"foreign"}), np.uint8(1)),
        )
        scope = both(papers, c["usual_residence_local"], labour, c["able_to_work"], c["wants_work"])
        registration = both(
            labour, c["able_to_work"], c["wants_work"], 2 - c["employed"], 2 - c["flexible_registered"],
            2 - c["self_employed_licence"],
            one_of(*(c[name] for name in PLACES)),
            c["exit_procedure_done"], c["social_insurance_stopped"], 2 - c["paying_flexible_insurance"],
        )  # fmt: skip
        unused = c["ui_months_unused"]
        open_ = unused == NULL_NUMBER
        least, per_year = self.number("ui_min_contribution_months"), self.number("months_per_year")
        eligible = both(
            states(unused >= least, open_), self.words_in(c, "separation_reason", self.involuntary),
            c["registered_unemployed"], c["wants_work"], one_of(c["last_insured_local"], c["hukou_local"]),
        )  # fmt: skip
        clear = one_of(
            2 - c["ui_previously_assessed"],
            states(c["ui_new_months"] >= least, c["ui_new_months"] == NULL_NUMBER),
            states(unused < per_year, open_), np.uint8(1),
        )  # fmt: skip
        per = self.number("ui_months_per_contribution_year")
        months = np.minimum(self.number("ui_months_cap"), per * (unused // per_year))
        retirement = self.retirement(c)
        due = np.where(retirement == NULL_NUMBER, np.uint8(1), np.uint8(2))
        return {
            "service_scope": (scope, None),
            "labour_age": (labour, None),
            "statutory_retirement_month": (due, retirement),
            "unemployment_registration": (registration, None),
            "ui_eligible": (eligible, None),
            "ui_months": (
                np.minimum(clear, np.where(open_, np.uint8(1), np.uint8(2))),
                np.where(open_ | (clear != 2), NULL_NUMBER, months),
            ),
        }

    def papers(self, c: Columns, whose: str) -> Array:
        return self.holds(c, "documents", self.number(f"scope_documents_{whose}"))

    def retirement(self, c: Columns) -> Array:
        categories = self.words["retirement_category"]
        male = c["sex"] == self.words["sex"].index("1")
        # a man's category is known; of a person of unknown sex neither counts, unless it is the man's
        man = categories.index("M60")
        category = np.where(male, np.int16(man), c["retirement_category"])
        open_ = (category < 0) | (c["birth"] == NULL_DAY) | ((c["sex"] < 0) & (category != man))

        def by_category(name: str) -> Array:
            rows = self.number(name)
            return np.array([*(rows[word] for word in categories), 0], np.int64).take(category)

        birth = np.where(c["birth"] == NULL_DAY, 0, c["birth"])
        former = self.month_of(birth) + 12 * by_category("retirement_base_age")
        step, cap = by_category("retirement_step_months"), by_category("retirement_delay_cap_months")
        step[step == 0] = 1
        delay = np.where(former < self.start, 0, np.minimum(cap, (former - self.start) // step + 1))
        return np.where(open_, NULL_NUMBER, former + delay)


class ByHandTuned(ByHand):
    """In blocks that stay in cache, and the month of a day looked up instead of reckoned."""

    def __init__(self, made: Law, words: dict[str, list[str]]) -> None:
        super().__init__(made, words)
        self.low = (date(1900, 1, 1) - EPOCH).days
        days = np.arange(self.low, (date(2050, 1, 1) - EPOCH).days)
        self.months = super().month_of(days)

    def month_of(self, days: Array) -> Array:
        return self.months.take(days - self.low)

    def run(self, c: Columns) -> dict[str, tuple[Array, Array | None]]:
        size = len(c["birth"])
        out: dict[str, tuple[Array, Array | None]] = {}
        for start in range(0, size, BLOCK):
            part = slice(start, start + BLOCK)
            for name, (state, value) in super().run({key: column[part] for key, column in c.items()}).items():
                if name not in out:
                    whole = None if value is None else np.empty(size, np.int64)
                    out[name] = np.empty(size, np.uint8), whole
                states_, values = out[name]
                states_[part] = state
                if values is not None:
                    values[part] = value
        return out


def states(met: Array, unknown: Array) -> Array:
    return np.where(unknown, np.uint8(1), met.view(np.uint8) << np.uint8(1))


def both(*parts: Array) -> Array:
    out = parts[0]
    for part in parts[1:]:
        out = np.minimum(out, part)
    return out


def one_of(*parts: Any) -> Array:
    out = parts[0]
    for part in parts[1:]:
        out = np.maximum(out, part)
    return np.asarray(out)


# -- measuring ----------------------------------------------------------------------------------------------


def cpu(work: Callable[[], object], runs: int = 7) -> float:
    """Best CPU seconds."""
    best = float("inf")
    for _ in range(runs):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def same(ours: dict[str, ColumnResult], hand: dict[str, tuple[Array, Array | None]]) -> None:
    for name, (state, value) in hand.items():
        if not np.array_equal(ours[name].state, state):
            raise SystemExit(f"{name}: the states differ; is ByHand still what the law says?")
        found = ours[name].value
        if value is not None and (found is None or not np.array_equal(found, value)):
            raise SystemExit(f"{name}: the values differ; is ByHand still what the law says?")


def cases(program: Program, columns: Columns, count: int) -> list[dict[str, Value]]:
    """The first persons of the columns as cases."""
    people: list[dict[str, Value]] = [{} for _ in range(count)]
    for name, column in columns.items():
        kind, words = program.law.facts[name].type.kind, program.words.get(name, [])
        for facts, entry in zip(people, column[:count].tolist(), strict=True):
            facts[name] = fact(kind, words, entry)
    return people


def fact(kind: str, words: list[str], entry: int) -> Value:
    """One entry of a column; None = unknown."""
    match kind:
        case "bool":
            return None if entry == 1 else entry == 2
        case "date":
            return None if entry == NULL_DAY else EPOCH + timedelta(days=entry)
        case "number":
            return None if entry == NULL_NUMBER else entry
        case "text":
            return None if entry < 0 else words[entry]
    return (
        None if entry == NULL_LIST else tuple(word for place, word in enumerate(words) if entry >> place & 1)
    )


def explained(made: Law, persons: list[dict[str, Value]], rules: tuple[str, ...]) -> tuple[float, float]:
    """(median, 95th percentile) CPU milliseconds for one case asked these rules."""
    times = []
    for facts in persons:
        start = time.process_time()
        case = made.case(facts)
        for rule in rules:
            case.outcome(rule, ON)
        times.append((time.process_time() - start) * 1000)
    return float(np.percentile(times, 50)), float(np.percentile(times, 95))


def measure(count: int) -> dict[str, Any]:
    made = law("shanghai")
    start = time.process_time()
    program = made.columns(RULES, ON)
    prepared = time.process_time() - start
    columns = people(program, count)
    plain, tuned = ByHand(made, program.words), ByHandTuned(made, program.words)
    same(program.run(columns), plain.run(columns))
    same(program.run(columns), tuned.run(columns))
    seconds = {
        "rules (Program)": cpu(lambda: program.run(columns)),
        "plain NumPy by hand": cpu(lambda: plain.run(columns)),
        "NumPy by hand, blocks and table": cpu(lambda: tuned.run(columns)),
        "copy of the columns": cpu(lambda: [column.copy() for column in columns.values()]),
    }
    persons = cases(program, columns, 500)
    one, six = explained(made, persons, ("ui_eligible",)), explained(made, persons, RULES)
    return {
        "people": count,
        "on": ON.isoformat(),
        "rules": list(RULES),
        "conditions": sum(conditions(made, rule) for rule in RULES),
        "prepare_ms": round(prepared * 1000, 1),
        "ns_per_person": {name: round(value / count * 1e9, 1) for name, value in seconds.items()},
        "ratio_to_plain": {
            name: round(value / seconds["plain NumPy by hand"], 2) for name, value in seconds.items()
        },
        "explain_ms": {
            "ui_eligible": {"p50": round(one[0], 3), "p95": round(one[1], 3)},
            "all six rules": {"p50": round(six[0], 3), "p95": round(six[1], 3)},
        },
    }


def conditions(made: Law, rule: str) -> int:
    """Expressions behind a rule, those of the rules it speaks of included."""
    found = made.rule_at(rule, ON)
    if found is None:
        return 0
    own = list(found.expressions())
    return len(own) + sum(conditions(made, name) for e in own for name in e.names if name in made.rules)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--people", type=int, default=1_000_000)
    found = measure(parser.parse_args().people)
    print(
        f"{found['people']:,} people, {len(RULES)} rules, {found['conditions']} expressions, on {found['on']}"
    )
    print(f"prepared in {found['prepare_ms']} ms")
    print(f"{'':34}{'CPU ns/person':>14}{'x plain':>10}")
    for name, nanoseconds in found["ns_per_person"].items():
        print(f"{name:34}{nanoseconds:>14}{found['ratio_to_plain'][name]:>10}")
    for name, times in found["explain_ms"].items():
        print(f"one case explained, {name}: p50 {times['p50']} ms, p95 {times['p95']} ms")
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
