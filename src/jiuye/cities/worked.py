"""Worked examples that a rule answers, put to a law when somebody asks to see them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from jiuye.cities.city import City
from jiuye.cities.examples import Examiner, ExampleError, plain_any, rules_of, same, targets
from jiuye.policy import Law
from jiuye.policy.lines import read_yaml
from jiuye.policy.values import Value
from jiuye.policy.working_days import WorkingCalendar

Case = Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    """One thing the case expects. `names`: what answers it; `take`: what of a schedule."""

    key: str
    names: tuple[str, ...]
    take: str
    expected: Any
    got: Any
    same: bool


@dataclass(frozen=True)
class Worked:
    """A case as it came out now. `given`: facts the case states, `presumed`: those it is silent about."""

    id: str
    title: str
    on: date
    given: Mapping[str, Value]
    presumed: Mapping[str, Value]
    answers: tuple[Answer, ...]
    published: bool  # the answer itself stands in a source; otherwise it follows from the rule
    open: bool  # the text is ambiguous here: a difference is no fault

    @property
    def good(self) -> bool:
        return all(answer.same for answer in self.answers)


class Examples:
    """The public cases of a city, by the rules and parameters that answer them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cases: list[tuple[Case, date]] = []
        for path in sorted((folder / "examples").glob("*.yaml")):
            content = read_yaml(path)
            if isinstance(content, dict) and isinstance(content.get("examples"), list):
                day = date.fromisoformat(str(content["compiled"]))
                self.cases += [(case, day) for case in content["examples"]]
        self.examiner: Examiner | None = None
        self.of: dict[str, list[int]] = {}
        if self.cases and (folder / "examples" / "questions.yaml").is_file():
            city = City(folder.name, folder, Law(), WorkingCalendar(folder / "calendar" / "workdays.csv"))
            self.examiner = Examiner(city)
            for number, (case, _day) in enumerate(self.cases):
                for name in self._names(case):
                    self.of.setdefault(name, []).append(number)

    def _names(self, case: Case) -> dict[str, None]:
        """Every rule or parameter that answers a key of the case."""
        assert self.examiner is not None
        question = self.examiner.questions.get(str(case.get("ask")))
        if question is None or question.special:
            return {}
        expected = case.get("expect") or {}
        sources = [question.expect[key] for key in expected if question.expect.get(key, "text") != "text"]
        return dict.fromkeys(name for source in sources for name in rules_of(source))

    def run(self, name: str, law: Law) -> list[Worked]:
        """The cases that this rule or parameter answers, put to that law now.

        Cases with words that the law doesn't know (an archived one) are left out.
        """
        if name not in self.of or self.examiner is None:
            return []
        examiner = _of_law(self.examiner, law)
        found = (self._worked(examiner, *self.cases[number]) for number in self.of[name])
        return [case for case in found if case is not None]

    def _worked(self, examiner: Examiner, case: Case, today: date) -> Worked | None:
        question, given = examiner.questions[case["ask"]], case.get("given") or {}
        try:
            got = examiner.answer(case["ask"], given, case["expect"], today)
        except (ExampleError, ValueError, TypeError, KeyError, AttributeError):
            return None
        on = examiner.date_of(question, given) or today
        stated = self._facts(examiner, question, given, on)
        own = {target["name"] for key in given for target in targets(question.given[key])}
        return Worked(
            id=str(case["id"]),
            title=str(case.get("title", "")),
            on=on,
            given={name: value for name, value in stated.items() if name in own},
            presumed={name: value for name, value in stated.items() if name not in own},
            answers=tuple(_answers(case, question.expect, got)),
            published=case.get("basis") == "published",
            open=case.get("strict", True) is False,
        )

    def _facts(
        self, examiner: Examiner, question: Any, given: Mapping[str, Any], on: date
    ) -> dict[str, Value]:
        """The facts of the case; without those that are rows of several stretches."""
        try:
            return examiner.facts(question, given, on)
        except ExampleError:
            rows = {key for key, raw in given.items() if isinstance(raw, list)}
            return examiner.facts(question, {k: v for k, v in given.items() if k not in rows}, on)


def _answers(case: Case, expect: Mapping[str, Any], got: Mapping[str, object]) -> Iterator[Answer]:
    for key, value in got.items():
        source, expected = expect[key], case["expect"][key]
        take = source.get("take", "") if isinstance(source, dict) else ""
        names = tuple(rules_of(source))
        yield Answer(key, names, take, plain_any(expected), plain_any(value), same(expected, value))


def _of_law(examiner: Examiner, law: Law) -> Examiner:
    """The same questions to another law."""
    other = object.__new__(Examiner)
    other.__dict__.update(examiner.__dict__)
    other.law = law
    return other


@lru_cache(maxsize=4)
def examples(folder: Path) -> Examples:
    """Read once."""
    return Examples(folder)
