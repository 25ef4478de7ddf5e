"""Does every condition of the law count? Each is left out or denied in turn, and some test must fail.

    python -m tests.cities.mutation [--survivors] [--rule NAME]

A mutant is killed by the first worked case that comes out otherwise. Four scores: conditions (left out,
denied), limits (`>=` read as `>` and the like), words of lists (left out) and sums (an operand, bound,
rounding or interval left out, a sign turned round). A mutant that nobody can notice, because the changed text
means the same, stands with its reason in mutation_equivalent.yaml; it is tried like any other.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jiuye.cities.city import City, city
from jiuye.policy.lines import read_yaml
from tests.cities.mutation_cases import Proof, changed, collected, of_version
from tests.cities.mutation_texts import BOUNDARY, SUM, WORD, Mutant, mutants

EQUIVALENT = Path(__file__).parent / "mutation_equivalent.yaml"


@dataclass
class Score:
    """Mutants of one kind of change. equivalent: survivors that are listed with a reason."""

    killed: int = 0
    equivalent: list[Mutant] = field(default_factory=list)
    survivors: list[Mutant] = field(default_factory=list)

    @property
    def total(self) -> int:
        """Mutants that a test could notice."""
        return self.killed + len(self.survivors)

    @property
    def share(self) -> float:
        return self.killed / self.total if self.total else 1.0

    def __str__(self) -> str:
        return (
            f"{self.killed} of {self.total} killed ({self.share:.2%}), {len(self.survivors)} survive, "
            f"{len(self.equivalent)} mean the same"
        )


@dataclass
class Check:
    """What came out. `noticed`: mutants listed as meaning the same that a case tells apart."""

    conditions: Score = field(default_factory=Score)
    limits: Score = field(default_factory=Score)
    words: Score = field(default_factory=Score)
    sums: Score = field(default_factory=Score)
    noticed: list[Mutant] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)  # listed, and there is no such mutant
    cases: int = 0
    seconds: float = 0.0


def equivalents() -> Mapping[str, str]:
    """Mutant: why nobody can notice it."""
    return {str(name): str(why) for name, why in (read_yaml(EQUIVALENT) or {}).items()}


def check(
    place: City, proofs: Sequence[Proof] | None = None, only: str | None = None,
    same: Mapping[str, str] | None = None,
) -> Check:  # fmt: skip
    """Try every mutant on the cases that work out its rule version, until one fails."""
    start = time.process_time()
    cases = list(collected(place) if proofs is None else proofs)
    by_version = of_version(cases)
    same = equivalents() if same is None else same
    out = Check(cases=len(cases))
    tried = set()
    for mutant in mutants(place.law, only):
        tried.add(mutant.name)
        score = {BOUNDARY: out.limits, WORD: out.words, SUM: out.sums}.get(mutant.kind, out.conditions)
        near = [case for key in sorted(mutant.read_by) for case in by_version.get(key, ())]
        dead = killed(place, mutant, near)
        if mutant.name in same:
            (out.noticed if dead else score.equivalent).append(mutant)
        elif dead:
            score.killed += 1
        else:
            score.survivors.append(mutant)
    out.unknown = [name for name in same if name not in tried and only is None]
    out.seconds = time.process_time() - start
    return out


def killed(place: City, mutant: Mutant, cases: Sequence[Proof]) -> bool:
    with changed(place.law, mutant.of, mutant.version, mutant.made):
        for case in cases:
            try:
                case.run()
            except Exception:
                return True
    return False


def report(found: Check, survivors: bool) -> Iterator[str]:
    scores = {
        "conditions left out or denied": found.conditions,
        "limits moved": found.limits,
        "words left out": found.words,
        "sums changed": found.sums,
    }
    yield from (f"{title}: {score}" for title, score in scores.items())
    yield f"{found.cases} cases, {found.seconds:.1f} s"
    for title, score in scores.items():
        if survivors and score.survivors:
            yield f"survivors, {title}:"
            yield from (f"  {mutant.name}" for mutant in score.survivors)
    yield from (f"listed as meaning the same, but noticed: {mutant.name}" for mutant in found.noticed)
    yield from (f"listed, but there is no such mutant: {name}" for name in found.unknown)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Does every condition of the law count?")
    parser.add_argument("--survivors", action="store_true", help="name the mutants nobody noticed")
    parser.add_argument("--rule", help="only this rule, or list of a parameter")
    given = parser.parse_args(arguments)
    print("\n".join(report(check(city(), only=given.rule), given.survivors or bool(given.rule))))


if __name__ == "__main__":
    main()
