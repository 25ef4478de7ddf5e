"""`ask` is sound and minimal: where every fact stands once, each asked fact can still turn the answer."""

from __future__ import annotations

import ast
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import jiuye.policy
from jiuye.policy import State
from tests.policy.law_text import law, rule

ON = date(2005, 6, 1)
# each fact in a condition of its own, with a value on either side
ATOMS: dict[str, tuple[str, Any, Any]] = {
    "member": ("member", True, False),
    "willing": ("not willing", True, False),
    "months": ("months >= limit", 10, 9),
    "born": ("years_between(born, on) < old", date(1980, 1, 1), date(1940, 1, 1)),
    "hue": ("hue in warm", "red", "blue"),
    "paid_until": ("paid_until + 1 > month_of(on)", 24070, 24000),
}


def formulas(facts: list[str]) -> st.SearchStrategy[str]:
    """and/or/not/if over these facts, each once."""
    if len(facts) == 1:
        atom = ATOMS[facts[0]][0]
        return st.sampled_from([f"({atom})", f"(not ({atom}))"])

    def split(cut: int) -> st.SearchStrategy[str]:
        return st.builds(
            "({} {} {})".format,
            formulas(facts[:cut]), st.sampled_from(["and", "or"]), formulas(facts[cut:]),
        )  # fmt: skip

    return st.integers(1, len(facts) - 1).flatmap(split)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_every_asked_fact_matters_and_no_other(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    facts = data.draw(st.lists(st.sampled_from(sorted(ATOMS)), min_size=2, max_size=5, unique=True))
    made = law(tmp_path_factory.mktemp("law"), rule("r", f"when: {data.draw(formulas(facts))!r}"))

    def value(name: str, side: int) -> Any:
        found = ATOMS[name][1 + side]
        return jiuye.policy.Month(found) if name == "paid_until" else found

    known = {name: value(name, data.draw(st.integers(0, 1))) for name in facts if data.draw(st.booleans())}
    missing = [name for name in facts if name not in known]
    asked = made.explain("r", known, ON).ask
    turning = set()
    for sides in product((0, 1), repeat=len(missing)):
        filled = {name: value(name, side) for name, side in zip(missing, sides, strict=True)}
        before = made.explain("r", known | filled, ON).state
        assert before != State.UNKNOWN
        for name, side in zip(missing, sides, strict=True):
            if made.explain("r", known | filled | {name: value(name, 1 - side)}, ON).state != before:
                turning.add(name)
    assert set(asked) == turning


def test_suppliers_set_the_order(tmp_path: Path) -> None:
    made = law(tmp_path, rule("r", "when: member and willing and left_on < on and born < on and able"))
    # register (as facts.yaml lists them), person, document, staff
    assert made.explain("r", {}, ON).ask == ("born", "able", "willing", "left_on", "member")
    assert [fact.name for fact in made.questions(["r"], {"able": True}, ON)] == [
        "born", "willing", "left_on", "member",
    ]  # fmt: skip


def test_rule_text_is_never_executed() -> None:
    """No eval, exec, compile or import by name anywhere in the engine."""
    root = Path(jiuye.policy.__file__).parent
    sources = sorted(root.rglob("*.py"))
    assert len(sources) > 15
    for source in sources:
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            name = node.id if isinstance(node, ast.Name) else None
            assert name not in {"eval", "exec", "compile", "__import__", "globals"}, source
