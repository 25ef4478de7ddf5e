"""What a person can apply for: items (事项) and bundles (一件事), data of the city.

An item names its rule, its time limits (parameters of the law) and what follows from a grant. Its version is
the hash of its text; a case keeps the version it was opened under.
Sources: GB/T 39554.1-2020 (item codes), 国务院关于在线政务服务的若干规定 (limits, fees, guide).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from jiuye.desk import city
from jiuye.policy import Law
from jiuye.policy.lines import read_yaml
from jiuye.policy.values import Value

ITEM_KEYS = {
    "item", "codes", "title", "plain", "basis", "applicant", "handling", "fee", "materials", "promised_days",
    "statutory_days", "accepts", "decides", "automatic", "rule", "after", "held_when", "held_until", "makes",
    "pays", "effects", "letters", "rating", "appeal", "proactive",
}  # fmt: skip
BUNDLE_KEYS = {"bundle", "title", "items", "promised_days"}
LEVELS = ("street", "district")
MONTH, ONCE = "month", "once"
PER = (MONTH, ONCE)
CONSENT, DIRECT = "consent", "direct"  # 免申即享: prepared for one tap, or granted without one


class CatalogueError(ValueError):
    """Items that can't be used; `problems` holds every one as "file: what is wrong"."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


@dataclass(frozen=True)
class RegistrationEffect:
    """A grant opens a registration. `reasons`: from the fact `reason_by` to the register's reason code.

    Without `validity_months` it has no end of its own; without `reason_by` the reason is `otherwise`.
    """

    kind: str
    otherwise: str
    validity_months: str | None = None
    reason_by: str | None = None
    reasons: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class BenefitEffect:
    """A grant awards a benefit. All but `code`, `stage`, `per` and `uses` name rules of the law.

    Money comes from `schedule` (month by month), or from `amount`: asked anew for every month from `first`
    on, for `months` months (`per: month`), or paid one time (`per: once`). Without `first` it begins in the
    month of the decision. What is used up of the fact `uses` is its value less `residual`.
    `stop`: what ends a running award; `first_unpaid`: from which month, else from the one that follows.
    """

    code: str
    stage: str = "ordinary"
    schedule: str | None = None
    amount: str | None = None
    per: str | None = None
    first: str | None = None
    months: str | None = None
    uses: str | None = None
    residual: str | None = None
    stop: str | None = None
    first_unpaid: str | None = None

    @property
    def rules(self) -> tuple[str, ...]:
        """Every rule that is asked before a grant."""
        named = (self.months, self.schedule, self.amount, self.first, self.residual)
        return tuple(name for name in named if name)

    def problems(self, law: Law) -> Iterator[str]:
        """What doesn't fit together, or isn't of the kind it has to be."""
        if bool(self.schedule) == bool(self.amount):
            yield "a schedule or an amount, one of them"
        if self.amount and self.per not in PER:
            yield f"per must be one of {', '.join(PER)}"
        if self.per == MONTH and not self.months:
            yield "an amount a month is paid for some months"
        kinds = {
            self.schedule: "schedule", self.amount: "number", self.months: "number", self.first: "month",
            self.residual: "number", self.stop: "bool", self.first_unpaid: "month",
        }  # fmt: skip
        for name, kind in kinds.items():
            if name and name not in law.rules:
                yield f"no rule {name}"
            elif name and law.rules[name][0].type.kind != kind:
                yield f"{name} is not a {kind}"


@dataclass(frozen=True)
class Item:
    code: str
    codes: Mapping[str, str]
    title: Mapping[str, str]
    plain: Mapping[str, str]
    basis: tuple[str, ...]
    applicant: str  # person, employer
    handling: str  # immediate (即办件), promised (承诺件)
    fee: str
    materials: tuple[str, ...]
    promised_days: str | None  # parameter of the law, in working days
    statutory_days: str | None
    accepts: str
    decides: str
    automatic: bool  # a grant without doubt needs nobody
    rule: str | None
    after: str | None  # item that has to be granted before
    held_when: str | None  # fact that says the person has it already
    held_until: str | None  # fact: the last month for which they have it, begun or not
    makes: Mapping[str, Any]  # facts a grant makes true; "on" is the day
    pays: bool
    registration: RegistrationEffect | None
    benefit: BenefitEffect | None
    proactive: str  # consent, direct: how it is given when registers alone decide
    letters: Mapping[str, str]
    rating: bool
    appeal: bool
    version: str = field(compare=False)

    @property
    def rules(self) -> tuple[str, ...]:
        """Every rule that has to be known before a grant."""
        names = [self.rule] if self.rule else []
        return (*names, *(self.benefit.rules if self.benefit else ()))

    def made(self, on: date) -> dict[str, Value]:
        return {name: on if value == "on" else value for name, value in self.makes.items()}


@dataclass(frozen=True)
class Bundle:
    code: str
    title: Mapping[str, str]
    items: tuple[Item, ...]
    promised_days: str | None
    version: str = field(compare=False)


@dataclass(frozen=True)
class Catalogue:
    items: Mapping[str, Item]
    bundles: Mapping[str, Bundle]

    def problems(self, law: Law) -> Iterator[str]:
        """What the catalogue says about the law and the law doesn't know."""
        for entry in self.items.values():
            days = [entry.promised_days, entry.statutory_days]
            if entry.registration:
                days.append(entry.registration.validity_months)
            yield from (f"{entry.code}: no parameter {n}" for n in days if n and n not in law.parameters)
            if entry.rule and entry.rule not in law.rules:
                yield f"{entry.code}: no rule {entry.rule}"
            if entry.benefit:
                yield from (f"{entry.code}: {problem}" for problem in entry.benefit.problems(law))
            made = [*entry.makes, entry.registration and entry.registration.reason_by]
            facts = [entry.held_when, entry.held_until, *made, entry.benefit and entry.benefit.uses]
            yield from (f"{entry.code}: no fact {n}" for n in facts if n and n not in law.facts)
            if entry.after and entry.after not in self.items:
                yield f"{entry.code}: no item {entry.after}"
        for bundle_ in self.bundles.values():
            if bundle_.promised_days and bundle_.promised_days not in law.parameters:
                yield f"{bundle_.code}: no parameter {bundle_.promised_days}"


def read(folder: Path) -> Catalogue:
    """Items and bundles of a city's folder. CatalogueError names everything that is wrong."""
    problems: list[str] = []
    items: dict[str, Item] = {}
    for path in sorted((folder / "items").glob("*.yaml")):
        node = read_yaml(path)
        wrong = _wrong(node, path, "item", ITEM_KEYS)
        problems += wrong
        if not wrong:
            items[path.stem] = _item(node, _version(path))
    bundles: dict[str, Bundle] = {}
    for path in sorted((folder / "bundles").glob("*.yaml")):
        node = read_yaml(path)
        wrong = _wrong(node, path, "bundle", BUNDLE_KEYS)
        wrong += [f"{path.name}: no item {name}" for name in node.get("items", []) if name not in items]
        problems += wrong
        if not wrong:
            bundles[path.stem] = Bundle(
                path.stem,
                dict(node["title"]),
                tuple(items[name] for name in node["items"]),
                node.get("promised_days"),
                _version(path),
            )
    if problems:
        raise CatalogueError(problems)
    return Catalogue(items, bundles)


def item(code: str) -> Item:
    """LookupError for an item that the city doesn't have."""
    return current().items[code]


def title(code: str) -> Mapping[str, str]:
    """The words of an item; its code where the city no longer has it, so that old cases can still be read."""
    entry = current().items.get(code)
    return entry.title if entry else {"zh": code, "en": code}


def bundle(code: str) -> Bundle:
    return current().bundles[code]


def items_for_people() -> tuple[Item, ...]:
    """What a person may apply for, with a rule that says whether they can; first things first."""
    found = [entry for entry in current().items.values() if entry.applicant == "person" and entry.rule]
    return tuple(sorted(found, key=lambda entry: (entry.after is not None, entry.code)))


def bundle_of(code: str) -> Bundle | None:
    """The bundle an item is applied for with; of several the one with the fewest others."""
    having = [b for b in current().bundles.values() if any(item.code == code for item in b.items)]
    return min(having, key=lambda b: (len(b.items), b.code), default=None)


def excluded(one: Item) -> tuple[str, ...]:
    """Codes of the benefits that can't be had for the same month as this item's, as the law says."""
    if one.benefit is None or one.rule is None:
        return ()
    rules = set(city.law().excluded(one.rule))
    others = (item for item in current().items.values() if item.benefit and item.rule in rules)
    return tuple(sorted({other.benefit.code for other in others if other.benefit}))


def paying(benefit: str, stage: str = "ordinary") -> Item | None:
    """The item whose grant awards this benefit."""
    found = (item for item in current().items.values() if item.benefit)
    same = [
        item for item in found if item.benefit and (item.benefit.code, item.benefit.stage) == (benefit, stage)
    ]
    return same[0] if same else None


def current() -> Catalogue:
    return _read_checked(city.folder())


@cache
def _read_checked(folder: Path) -> Catalogue:
    found = read(folder)
    if problems := list(found.problems(city.law())):
        raise CatalogueError(problems)
    return found


def _version(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def _wrong(node: Any, path: Path, name: str, allowed: set[str]) -> list[str]:
    problems = [f"{path.name}:{node.line_of(key)}: unknown key {key}" for key in node if key not in allowed]
    if node.get(name) != path.stem:
        problems.append(f"{path.name}: {name} must be {path.stem}")
    if set(node.get("title", {})) != {"zh", "en"}:
        problems.append(f"{path.name}: title in zh and en expected")
    if name == "item":
        if node.get("proactive", CONSENT) not in (CONSENT, DIRECT):
            problems.append(f"{path.name}: proactive must be {CONSENT} or {DIRECT}")
        for level in ("accepts", "decides"):
            if node.get(level) not in LEVELS:
                problems.append(f"{path.name}: {level} must be one of {', '.join(LEVELS)}")
        if node.get("rule") and not (node.get("promised_days") and node.get("statutory_days")):
            problems.append(f"{path.name}: an item that is decided has a promised and a statutory time limit")
    return problems


def _item(node: Any, version: str) -> Item:
    effects = node.get("effects", {})
    registration = effects.get("registration")
    benefit = effects.get("benefit")
    return Item(
        code=node["item"],
        codes=dict(node.get("codes", {})),
        title=dict(node["title"]),
        plain=dict(node.get("plain", node["title"])),
        basis=tuple(node.get("basis", ())),
        applicant=node.get("applicant", "person"),
        handling=node.get("handling", "promised"),
        fee=node.get("fee", "none"),
        materials=tuple(node.get("materials", ())),
        promised_days=node.get("promised_days"),
        statutory_days=node.get("statutory_days"),
        accepts=node["accepts"],
        decides=node["decides"],
        automatic=bool(node.get("automatic", False)),
        rule=node.get("rule"),
        after=node.get("after"),
        held_when=node.get("held_when"),
        held_until=node.get("held_until"),
        makes=dict(node.get("makes", {})),
        pays=bool(node.get("pays", False)),
        registration=RegistrationEffect(**registration) if registration else None,
        benefit=BenefitEffect(**benefit) if benefit else None,
        proactive=node.get("proactive", CONSENT),
        letters=dict(node.get("letters", {})),
        rating=bool(node.get("rating", False)),
        appeal=bool(node.get("appeal", False)),
        version=version,
    )
