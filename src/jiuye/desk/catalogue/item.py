"""What an item (事项) and a bundle (一件事) are: plain values, read from text by `reading`.

Sources: GB/T 39554.1-2020 (item codes and elements), 国务院关于在线政务服务的若干规定 (limits, fees, guide),
《政务服务事项基本目录及实施清单》 (the elements of an implementation list).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from jiuye.policy import Law
from jiuye.policy.values import Value

Words = Mapping[str, str]  # zh, en

LEVELS = ("community", "street", "district", "city")
PERSON, EMPLOYER = "person", "employer"
IMMEDIATE, PROMISED = "immediate", "promised"  # 即办件, 承诺件
MONTH, ONCE = "month", "once"
PER = (MONTH, ONCE)
CONSENT, DIRECT = "consent", "direct"  # 免申即享: prepared for one tap, or granted without one
OWN, SHARED, ISSUED = "own", "shared", "issued"  # 申请人自备, 部门共享 (need not be brought), 政府部门核发
SOURCES = (OWN, SHARED, ISSUED)
STEPS = ("accept", "check", "decide", "deliver")
MONEY, REGISTRATION, CERTIFICATE, SERVICE, ANSWER = (
    "money", "registration", "certificate", "service", "answer",
)  # fmt: skip
RESULTS = (MONEY, REGISTRATION, CERTIFICATE, SERVICE, ANSWER)
DECISION = "decision"
NO_LIMIT = "none"  # the law sets no time limit, and the entry says so


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
class Material:
    """Something that proves a fact. `licence`: its code in the 证照目录; `when`: a rule or fact, else always.

    `shared`: a register or another authority supplies it, and nobody is asked to bring it.
    """

    name: Words
    source: str
    licence: str | None = None
    proves: tuple[str, ...] = ()
    when: str | None = None
    original: int = 0
    copies: int = 0

    @property
    def to_bring(self) -> bool:
        return self.source != SHARED


@dataclass(frozen=True)
class Step:
    """One step of the flow, who takes it. `days`: parameter of the law, in working days; None: at once."""

    step: str
    role: str
    level: str
    days: str | None = None


@dataclass(frozen=True)
class Result:
    kind: str
    words: Words


@dataclass(frozen=True)
class Advice:
    """Where to ask, or where to complain."""

    phone: str
    place: Words = field(default_factory=dict)


@dataclass(frozen=True)
class Question:
    q: Words
    a: Words


@dataclass(frozen=True)
class Check:
    """A review point. `about`: the rule or fact that shows it, None where a person looks."""

    words: Words
    about: str | None = None


@dataclass(frozen=True)
class Requirement:
    """A condition of acceptance (受理条件) of an item that no rule decides."""

    words: Words
    basis: str = ""


@dataclass(frozen=True)
class Item:
    code: str
    codes: Mapping[
        str, str | None
    ]  # basic, implementation, one_net, kiosk; None: not assigned or not seen yet
    title: Words
    plain: Words
    basis: tuple[str, ...]
    applicant: str  # person, employer
    handling: str  # immediate (即办件), promised (承诺件)
    fee: str | None  # parameter of the law; None: free of charge
    materials: tuple[Material, ...]
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
    flow: tuple[Step, ...] = ()
    visits: int | None = None  # 到现场次数
    result: Result | None = None
    advice: Advice | None = None
    supervision: Advice | None = None
    faq: tuple[Question, ...] = ()
    checks: tuple[Check, ...] = ()
    conditions: tuple[Requirement, ...] = ()  # of what no rule decides
    about: str | None = None  # decision: opened from a decision, not from the list of items
    asks: tuple[str, ...] = ()  # facts asked of the applicant though no rule needs them
    tell: Words = field(default_factory=dict)  # asks for words of the applicant's own, e.g. what is wrong
    events: tuple[str, ...] = ()  # life events it belongs to
    owner: Words = field(default_factory=dict)
    review_by: date | None = None
    text: str = field(default="", compare=False, repr=False)  # as it was written
    given: frozenset[str] = field(default=frozenset(), compare=False)  # keys that the entry has

    @property
    def rules(self) -> tuple[str, ...]:
        """Every rule that has to be known before a grant."""
        names = [self.rule] if self.rule else []
        return (*names, *(self.benefit.rules if self.benefit else ()))

    @property
    def to_bring(self) -> tuple[Material, ...]:
        return tuple(one for one in self.materials if one.to_bring)

    @property
    def applied_for(self) -> bool:
        """Whether a person opens it with a form of its own."""
        return self.applicant == PERSON and self.about is None

    @property
    def alone(self) -> Bundle:
        """What a form is for, where this item is applied for by itself."""
        return Bundle(self.code, self.title, (self,), None, self.version)

    def made(self, on: date) -> dict[str, Value]:
        return {name: on if value == "on" else value for name, value in self.makes.items()}


@dataclass(frozen=True)
class Bundle:
    code: str
    title: Words
    items: tuple[Item, ...]
    promised_days: str | None
    version: str = field(compare=False)
