"""Random households with employers under a law that looks at both, and the naive answers to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from hypothesis import strategies as st

from tests.policy.oracle import Oracle, Tree, Version, text

PERSON_FACTS = {"b0": "bool", "b1": "bool", "n0": "int", "t0": "date"}
FIRM_FACTS = {"f0": "bool", "f1": "int"}
FACTS_YAML = "".join(
    [f"{name}: {{type: {kind}, supplier: person, label: L}}\n" for name, kind in PERSON_FACTS.items()]
    + [
        f"{name}: {{type: {kind}, entity: employer, supplier: register, label: L}}\n"
        for name, kind in FIRM_FACTS.items()
    ]
)
FIRST, SECOND = date(2000, 12, 31), date(2001, 1, 1)
PARAMETERS: dict[str, list[tuple[date, date, Any]]] = {
    "p": [(date.min, date(2000, 6, 30), 3), (date(2000, 7, 1), date(2001, 6, 30), 5)]
}
PARAMETERS_YAML = (
    "parameters:\n- {id: p, values: [{to: 2000-06-30, value: 3, status: verified},"
    " {from: 2000-07-01, to: 2001-06-30, value: 5, status: recalled}]}\n"
)
ON = (date(2000, 6, 30), date(2000, 7, 1), date(2001, 1, 1), date(2001, 7, 1))
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "bool": st.booleans(), "int": st.integers(0, 8), "date": st.dates(date(1999, 1, 1), date(2001, 12, 31)),
}  # fmt: skip
FIRM = st.fixed_dictionaries({name: st.none() | VALUES[kind] for name, kind in FIRM_FACTS.items()})
PERSON = st.tuples(
    st.fixed_dictionaries({name: st.none() | VALUES[kind] for name, kind in PERSON_FACTS.items()}),
    st.none() | FIRM,
)
HOUSEHOLD = st.lists(PERSON, min_size=1, max_size=4)


@dataclass
class World:
    """Rules by name: (whether the employer's, versions, the test by which the first version goes on)."""

    rules: dict[str, tuple[bool, list[Version], Tree | None]]

    def yaml(self) -> str:
        out = []
        for name, (firm, versions, goes_on) in self.rules.items():
            for number, version in enumerate(versions):
                keys = [f"- rule: {name}", "  title: T", "  basis: B"]
                keys += ["  for: employer"] if firm else []
                keys += [f"  from: {version.first}", f"  until: {version.last}"]
                if goes_on is not None and number == 0:
                    keys.append(f"  goes_on_for: {{when: '{text(goes_on)}', zh: 甲, en: A}}")
                keys.append(f"  {'value' if version.is_value else 'when'}: '{text(version.body)}'")
                for key in ("given", "otherwise"):
                    if (tree := getattr(version, key)) is not None:
                        keys.append(f"  {key}: '{text(tree)}'")
                out.append("\n".join(keys))
        return "\n".join(out) + "\n"


class Member(Oracle):
    """One person among others, or an employer; answers by the same naive reading."""

    def __init__(self, world: World, facts: dict[str, Any], on: date) -> None:
        super().__init__({name: rule[1] for name, rule in world.rules.items()}, PARAMETERS, facts, on)
        self.world = world
        self.household: list[Member] | None = None
        self.firm: Member | None = None

    def rule(self, name: str) -> Any:
        """After the first version it is still asked for those whom it goes on for."""
        _, versions, goes_on = self.world.rules[name]
        if goes_on is None or self.on <= versions[0].last:
            return super().rule(name)
        return self.between(goes_on, self.by(versions[0]), super().rule(name), self.due(name))

    def between(self, goes_on: Tree, old: Any, new: Any, due: Any) -> Any:
        test = self.work(goes_on)
        if test is None:
            return old if old is not None and old == new and due is not None else None
        return old if test else new

    def by(self, version: Version) -> Any:
        due = True if version.given is None else self.work(version.given)
        if due is None:
            return None
        source = version.body if due else version.otherwise
        return None if source is None else self.work(source)

    def due(self, name: str) -> Any:
        """`given` of what stands on that day."""
        _, versions, goes_on = self.world.rules[name]
        dues = [True if one.given is None else self.work(one.given) for one in versions]
        current = self.version(name)
        now = None if current is None else dues[versions.index(current)]
        if goes_on is None or self.on <= versions[0].last:
            return now
        test = self.work(goes_on)
        if test is None:
            return now if now == dues[0] else None
        return dues[0] if test else now

    def answer(self, name: str) -> tuple[str, Any]:
        _, versions, _ = self.world.rules[name]
        value = self.rule(name)
        if not versions[0].is_value:
            return {True: "MET", False: "NOT_MET", None: "UNKNOWN"}[value], None
        if self.due(name) is False:
            return "NOT_MET", value
        return ("UNKNOWN" if value is None else "MET"), value

    def work(self, tree: Tree) -> Any:
        match tree:
            case ("employer", name):
                return None if self.firm is None else self.firm.name(name)
            case ("household_any" | "household_all" | "household_count" as fold, ("name", name)):
                if self.household is None:
                    return None
                values = [member.name(name) for member in self.household]
                if fold == "household_count":
                    return None if None in values else values.count(True)
                decisive = fold == "household_any"
                return decisive if decisive in values else None if None in values else not decisive
        return super().work(tree)


def house(world: World, people: list[tuple[dict[str, Any], Any]], on: date, known: bool) -> list[Member]:
    members = [Member(world, facts, on) for facts, _ in people]
    for member, (_, firm) in zip(members, people, strict=True):
        member.household = members if known else None
        member.firm = None if firm is None else Member(world, firm, on)
    return members


@st.composite
def condition(draw: st.DrawFn, names: list[str], firm: bool, firm_names: list[str], depth: int = 2) -> Tree:
    if depth and draw(st.integers(0, 2)):
        parts = [draw(condition(names, firm, firm_names, depth - 1)) for _ in range(2)]
        return draw(st.sampled_from([("and", *parts), ("or", *parts), ("not", parts[0])]))
    number = "f1" if firm else "n0"
    leaves: list[Tree] = [("name", name) for name in names]
    leaves.append(("compare", ("name", number), (">=", ("name", "p"))))
    if not firm:
        leaves += [("employer", name) for name in firm_names]
        leaves += [(fold, ("name", name)) for fold in ("household_any", "household_all") for name in names]
        leaves.append(
            ("compare", ("household_count", ("name", draw(st.sampled_from(names)))), ("<", ("name", number)))
        )
        leaves.append(("compare", ("employer", "f1"), ("<", ("name", "n0"))))
        leaves.append(("compare", ("name", "t0"), ("<", ("name", "on"))))
    return draw(st.sampled_from(leaves))


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Two rules of employers, four of persons: later ones speak of earlier ones; some go on after 2000."""
    world = World({})
    names, firm_names = ["b0", "b1"], ["f0"]
    for number in range(6):
        firm = number < 2
        own = firm_names if firm else names

        def body(own: list[str] = own, firm: bool = firm) -> Tree:
            return draw(condition(own, firm, list(firm_names)))

        is_value = number in (3, 5)

        def version(first: date, last: date, body: Any = body, is_value: bool = is_value) -> Version:
            if not is_value:
                return Version(first, last, body(), False)
            given = body() if draw(st.booleans()) else None
            otherwise: Tree | None = ("literal", 0) if given is not None and draw(st.booleans()) else None
            return Version(first, last, ("+", ("name", "n0"), ("name", "p")), True, given, otherwise)

        versions, goes_on = [version(date.min, FIRST)], None
        if draw(st.booleans()):
            goes_on = body()
        if goes_on is None or draw(st.booleans()):
            versions.append(version(SECOND, date.max))
        world.rules[f"r{number}"] = (firm, versions, goes_on)
        if not is_value:
            own.append(f"r{number}")
    return world
