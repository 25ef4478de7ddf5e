"""The tests that put a case to the law, one by one, with the rule versions each of them works out.

Nothing is rebuilt here: test functions are called with their own parameters, files of examples are put to
the examiner that `jiuye law examples` uses. What needs a fixture or draws random cases is left out, and so is
what the law itself has answered before (boundaries) and what only compares texts (the rule book).
"""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

from jiuye.cities.city import City
from jiuye.cities.examples import Examiner
from jiuye.policy import Law
from jiuye.policy.lines import read_yaml
from jiuye.policy.parts import Parameter, Rule

MODULES = ("test_law", "test_persons_law", "test_employer_vectors", "test_expiry")
HERE = Path(__file__).parent
Touched = frozenset[tuple[str, int]]  # (rule, number of its version)


@dataclass(frozen=True)
class Proof:
    """`run` fails as the test fails. `touched`: what it works out under the law as it stands."""

    name: str
    run: Callable[[], None]
    touched: Touched = frozenset()


def collected(city: City) -> list[Proof]:
    """Every case there is, traced, those that work out least first. One that fails already proves nothing."""
    out = []
    for case in itertools.chain(_examples(city), *(_of_module(name) for name in MODULES)):
        with _traced(city.law) as touched:
            try:
                case.run()
            except Exception:
                continue
        if touched:
            out.append(Proof(case.name, case.run, frozenset(touched)))
    return sorted(out, key=lambda case: len(case.touched))


def of_version(cases: list[Proof]) -> dict[tuple[str, int], list[Proof]]:
    """For every rule version the cases that work it out; no other can notice a change in it."""
    out: dict[tuple[str, int], list[Proof]] = {}
    for case in cases:
        for key in case.touched:
            out.setdefault(key, []).append(case)
    return out


@contextmanager
def changed(law: Law, name: str, version: int, made: Rule | Parameter) -> Iterator[None]:
    """The law with one rule version or parameter replaced, in place: whoever holds this law asks the changed.

    A law keeps nothing of its rules but the texts that their versions were put together to.
    """
    if isinstance(made, Parameter):
        before = law.parameters[name]
        law.parameters[name] = made
        try:
            yield
        finally:
            law.parameters[name] = before
        return
    versions = law.rules[name]
    law._together.pop(name, None)
    law.rules[name] = (*versions[:version], made, *versions[version + 1 :])
    try:
        yield
    finally:
        law.rules[name] = versions
        law._together.pop(name, None)


@contextmanager
def _traced(law: Law) -> Iterator[set[tuple[str, int]]]:
    touched: set[tuple[str, int]] = set()
    ask = law.rule_at

    def rule_at(name: str, on: date) -> Rule | None:
        found = ask(name, on)
        for number, version in enumerate(law.rules[name]):
            if found is version or (found is not None and found.choices):
                touched.add((name, number))
        return found

    law.rule_at = rule_at  # type: ignore[method-assign]
    try:
        yield touched
    finally:
        del law.rule_at  # the method again


# -- files of examples --------------------------------------------------------


def _examples(city: City) -> Iterator[Proof]:
    """`test_examples` runs the two files: no strict case may differ, and of the public ones none at all."""
    examiner = Examiner(city)
    files = {city.path / "examples" / "persons.yaml": True, HERE / "siblings.yaml": False}
    for path, all_strict in files.items():
        content = read_yaml(path)
        today = date.fromisoformat(str(content["compiled"]))
        for case in content["examples"]:
            of_the_law = not examiner.questions[case["ask"]].special
            if of_the_law and (all_strict or case.get("strict", True)):
                yield Proof(f"{path.name} {case['id']}", _example(examiner, case, today))


def _example(examiner: Examiner, case: Mapping[str, Any], today: date) -> Callable[[], None]:
    def run() -> None:
        differences = examiner.differences(case, today)
        assert not differences, differences

    return run


# -- test functions --------------------------------------------------------


def _of_module(name: str) -> Iterator[Proof]:
    full = f"{__package__}.{name}"
    module = import_module(full)
    for title, function in vars(module).items():
        if title.startswith("test_") and function.__module__ == full and not hasattr(function, "hypothesis"):
            for words, arguments in _parameters(function):
                yield Proof(f"{name}::{title}{words}", _call(function, arguments))


def _call(function: Callable[..., None], arguments: Mapping[str, Any]) -> Callable[[], None]:
    return lambda: function(**arguments)


def _parameters(function: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(what pytest would put in brackets, arguments) for all its `parametrize` marks together."""
    marks = [mark for mark in getattr(function, "pytestmark", ()) if mark.name == "parametrize"]
    axes = []
    for mark in marks:
        names = mark.args[0]
        names = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
        axes.append([dict(zip(names, _values(item, len(names)), strict=True)) for item in mark.args[1]])
    rows = [{k: v for part in parts for k, v in part.items()} for parts in itertools.product(*axes)]
    for number, row in enumerate(rows):
        if row.keys() == inspect.signature(function).parameters.keys():
            yield f"[{number}]" if axes else "", row


def _values(item: Any, count: int) -> list[Any]:
    """One row of `parametrize`: plain, or a `pytest.param`."""
    if hasattr(item, "marks") and hasattr(item, "values"):
        return list(item.values)
    return [item] if count == 1 else list(item)
