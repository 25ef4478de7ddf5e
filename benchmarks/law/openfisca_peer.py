"""The eight rules for openfisca-core (AGPL): `PYTHON openfisca_peer.py FOLDER ROUNDS`.

As OpenFisca's own laws are written: two-valued, a missing fact is the default. Only people about whom, whose
household and whose employer everything is known have to come out the same. Runs outside the product's
environment, so that nothing of the product is imported here.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from openfisca_core.entities import build_entity  # type: ignore[import-not-found]
from openfisca_core.model_api import DAY, ETERNITY, Variable, min_, where  # type: ignore[import-not-found]
from openfisca_core.simulations import SimulationBuilder  # type: ignore[import-not-found]
from openfisca_core.taxbenefitsystems import TaxBenefitSystem  # type: ignore[import-not-found]

from benchmarks.law import data, watch

PERSON = build_entity("person", "persons", "A person", is_person=True)
HOUSEHOLD = build_entity(
    "household", "households", "A household", roles=[{"key": "member", "plural": "members"}]
)
EMPLOYER = build_entity(
    "employer", "employers", "An employer", roles=[{"key": "worker", "plural": "workers"}]
)
PERIOD = data.ON.isoformat()
TODAY = data.ON.year * 12 + data.ON.month - 1
Array = Any
Formula = Callable[[Any, Any], Array]


def given(name: str, kind: type, of: Any) -> type[Any]:
    """A variable without formula."""
    return type(name, (Variable,), {"value_type": kind, "entity": of, "definition_period": ETERNITY})


def worked_out(kind: type, of: Any = PERSON) -> Callable[[Formula], Any]:
    def make(formula: Any) -> Any:
        return type(
            formula.__name__, (Variable,),
            {"value_type": kind, "entity": of, "definition_period": DAY, "formula": formula},
        )  # fmt: skip

    return make


def month_index(days: Array) -> Array:
    return days.astype("datetime64[M]").astype(np.int64) + 1970 * 12


def completed_months(days: Array) -> Array:
    day = (days - days.astype("datetime64[M]")).astype(np.int64) + 1
    return TODAY - month_index(days) - (day > data.ON.day)


def by_category(person: Any, period: Any, m60: int, f55: int, f50: int) -> Array:
    category = person("category", period)
    other = where(category == 0, m60, where(category == 1, f55, f50))
    return where(person("sex", period) == 0, m60, other)


@worked_out(int)
def former_month(person: Any, period: Any) -> Array:
    return month_index(person("birth", period)) + 12 * by_category(person, period, 60, 55, 50)


@worked_out(int)
def retirement_month(person: Any, period: Any) -> Array:
    former, start = person("former_month", period), 2025 * 12
    step, cap = by_category(person, period, 4, 4, 2), by_category(person, period, 36, 36, 60)
    return where(former < start, former, former + min_(cap, (former - start) // step + 1))


@worked_out(bool)
def before_retirement(person: Any, period: Any) -> Array:
    return person("retirement_month", period) > TODAY


@worked_out(bool)
def ui_eligible(person: Any, period: Any) -> Array:
    reason = person("reason", period)
    return (
        (person("insured_months", period) >= 12)
        * ((reason >= 0) * (reason <= 4))
        * person("registered", period)
        * (completed_months(person("left_on", period)) < 24)
        * person("before_retirement", period)
    )


@worked_out(int)
def ui_months(person: Any, period: Any) -> Array:
    return where(person("ui_eligible", period), min_(24, 2 * (person("insured_months", period) // 12)), 0)


@worked_out(int)
def ui_amount(person: Any, period: Any) -> Array:
    rate = where(person("benefit_months", period) < 12, 2340, 1872)
    return where(person("ui_eligible", period), rate, 0)


@worked_out(bool)
def works(person: Any, period: Any) -> Array:
    status = person("status", period)
    return (status == 1) + (status == 2)


@worked_out(int)
def age(person: Any, period: Any) -> Array:
    return completed_months(person("birth", period)) // 12


@worked_out(bool)
def could_work(person: Any, period: Any) -> Array:
    unemployed = person("status", period) == 3
    return unemployed * (person("age", period) >= 16) * person("before_retirement", period)


@worked_out(bool, HOUSEHOLD)
def nobody_works(household: Any, period: Any) -> Array:
    somebody = household.any(household.members("could_work", period))
    return ~household.any(household.members("works", period)) * somebody


@worked_out(bool)
def zero_household(person: Any, period: Any) -> Array:
    return person.household("nobody_works", period)


@worked_out(bool)
def hardship(person: Any, period: Any) -> Array:
    older = person("age", period) >= where(person("sex", period) == 0, 45, 40)
    long = completed_months(person("jobless_since", period)) >= 6
    category = (
        older * long
        + person("disabled", period)
        + person("minimum_income", period)
        + person("zero_household", period)
    )
    return person("local", period) * person("could_work", period) * category


@worked_out(bool)
def flexible_subsidy(person: Any, period: Any) -> Array:
    near = person("retirement_month", period) - TODAY < 60
    return (
        person("recognised", period)
        * (person("status", period) == 2)
        * person("contributions_paid", period)
        * ((person("subsidy_months", period) < 36) + near)
    )


@worked_out(bool, EMPLOYER)
def may_be_subsidised(employer: Any, period: Any) -> Array:
    kind = employer("kind", period)
    return (kind != 1) * (kind != 4) * ~employer("in_arrears", period) * (employer("staff", period) > 0)


@worked_out(bool)
def hiring_subsidy(person: Any, period: Any) -> Array:
    return (
        person("recognised", period)
        * (person("status", period) == 1)
        * (person("contract_months", period) >= 12)
        * (person("subsidy_months", period) < 36)
        * person.employer("may_be_subsidised", period)
    )


RULES = (
    former_month, retirement_month, before_retirement, ui_eligible, ui_months, ui_amount, works, age,
    could_work, nobody_works, zero_household, hardship, flexible_subsidy, may_be_subsidised, hiring_subsidy,
)  # fmt: skip


def default(column: Array) -> tuple[Array, type]:
    """As OpenFisca has it: a missing fact is the default of its type."""
    if column.dtype == np.uint8:
        return column == 2, bool
    known = np.where(column == data.NONE[str(column.dtype)], 0, column)
    if column.dtype == np.int32:
        import datetime

        return known.astype("datetime64[D]"), datetime.date
    return known.astype(np.int32), int


def main() -> None:
    folder, rounds = watch.arguments()
    system = TaxBenefitSystem([PERSON, HOUSEHOLD, EMPLOYER])
    inputs: dict[str, Array] = {}
    for part, entity in (("people", PERSON), ("employers", EMPLOYER)):
        for name, column in data.load(folder, part).items():
            values, kind = default(column)
            if part == "employers":  # and nobody's, for those who have none: everyone must have one
                values = np.concatenate([values, np.zeros(1, values.dtype)])
            inputs[name] = values
            system.add_variable(given(name, kind, entity))
    for rule in RULES:
        system.add_variable(rule)
    links = data.load(folder, "links")
    size, firms = len(links["household"]), len(inputs["kind"])
    homes, household = np.unique(links["household"], return_inverse=True)
    builder = SimulationBuilder()
    builder.create_entities(system)
    builder.declare_person_entity("person", np.arange(size))
    groups = (
        ("household", len(homes), household),
        ("employer", firms, np.where(links["employer"] < 0, firms - 1, links["employer"])),
    )
    for key, count, members in groups:
        population = builder.declare_entity(key, np.arange(count))
        population.members_entity_id = members
    simulation = builder.build(system)
    for name, values in inputs.items():
        simulation.set_input(name, PERIOD, values)
    kept: dict[str, Array] = {}

    def run() -> None:
        for rule in RULES:
            simulation.delete_arrays(rule.__name__)
        for name in data.RULES:
            kept[name] = simulation.calculate(name, PERIOD)

    found = watch.timed(run, rounds)
    watch.report(folder, "openfisca", found)
    answers: data.Columns = {}
    for name, values in kept.items():
        key = f"{name}.value" if name in data.VALUES else f"{name}.state"
        answers[key] = values.astype(data.VALUES.get(name, np.int8)) * (1 if name in data.VALUES else 2)
    data.save_answers(folder, "openfisca", answers)


if __name__ == "__main__":
    main()
