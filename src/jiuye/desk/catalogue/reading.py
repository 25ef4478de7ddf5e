"""From the text of an item to its value: every mistake is named with its line."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import yaml

from jiuye.desk.catalogue.item import (
    CONSENT,
    DECISION,
    DIRECT,
    EMPLOYER,
    IMMEDIATE,
    LEVELS,
    NO_LIMIT,
    PERSON,
    PROMISED,
    RESULTS,
    SOURCES,
    STEPS,
    Advice,
    BenefitEffect,
    Check,
    Item,
    Material,
    Question,
    RegistrationEffect,
    Requirement,
    Result,
    Step,
    Words,
)  # fmt: skip
from jiuye.foundation.roles import Role
from jiuye.policy.lines import YamlError, events, read_yaml_text

ITEM_KEYS = {
    "item", "codes", "title", "plain", "basis", "applicant", "handling", "fee", "materials", "promised_days",
    "statutory_days", "accepts", "decides", "automatic", "rule", "after", "held_when", "held_until", "makes",
    "pays", "effects", "letters", "rating", "appeal", "proactive", "flow", "visits", "result", "advice",
    "supervision", "faq", "checks", "conditions", "about", "asks", "tell", "events", "owner", "review_by",
}  # fmt: skip
CODES = ("basic", "implementation", "one_net", "kiosk")
ONE_OF = {
    "applicant": (PERSON, EMPLOYER), "handling": (IMMEDIATE, PROMISED), "proactive": (CONSENT, DIRECT),
    "accepts": LEVELS, "decides": LEVELS, "about": (DECISION, None),
}  # fmt: skip
LONGEST = 60_000  # characters of an entry
WORDS = ("title", "plain", "owner", "tell")
LISTS = ("basis", "materials", "flow", "faq", "checks", "conditions", "asks", "events")
NESTED = {  # list -> keys of an entry; those in capitals of NEEDED have to be there
    "materials": {"name", "source", "licence", "proves", "when", "original", "copies"},
    "flow": {"step", "role", "level", "days"},
    "faq": {"q", "a"},
    "checks": {"zh", "en", "rule", "fact"},
    "conditions": {"zh", "en", "basis"},
}
NEEDED = {
    "materials": ("name", "source"),
    "flow": ("step", "role", "level"),
    "faq": ("q", "a"),
    "checks": ("zh", "en"),
    "conditions": ("zh", "en"),
}


@dataclass(frozen=True)
class Problem:
    """Something wrong with a text. `line` from 1."""

    line: int
    message: str


def version_of(text: str) -> str:
    """The version of an entry is the hash of its text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def item_of(text: str, code: str) -> tuple[Item | None, list[Problem]]:
    """The item that a text describes, or what is wrong with it."""
    if len(text) > LONGEST:
        return None, [Problem(1, f"at most {LONGEST} characters")]
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in events(text)):
            return None, [Problem(1, "no anchors and aliases")]
    except yaml.YAMLError:
        pass  # said below, with its line
    try:
        node = read_yaml_text(text)
    except YamlError as error:
        return None, [Problem(error.line, str(error))]
    if not isinstance(node, dict):
        return None, [Problem(1, "keys and values expected")]
    problems = list(_wrong(node, code))
    if problems:
        return None, problems
    return _item(node, text), []


def _wrong(node: Any, code: str) -> Iterator[Problem]:
    for key in node:
        if key not in ITEM_KEYS:
            yield Problem(node.line_of(key), f"unknown key {key}")
    if node.get("item") != code:
        yield Problem(node.line_of("item"), f"item must be {code}")
    if not _is_words(node.get("title")):
        yield Problem(node.line_of("title"), "title in zh and en expected")
    for key in WORDS:
        if key in node and key != "title" and not _is_words(node[key]):
            yield Problem(node.line_of(key), f"{key} in zh and en expected")
    for key, allowed in ONE_OF.items():
        needed = key in ("accepts", "decides")
        if (needed or key in node) and node.get(key) not in allowed:
            known = ", ".join(one for one in allowed if one)
            yield Problem(node.line_of(key), f"{key} must be one of {known}")
    for key in LISTS:
        if key in node and not isinstance(node[key], list):
            yield Problem(node.line_of(key), f"{key}: a list expected")
    if node.get("rule") and not (node.get("promised_days") and node.get("statutory_days")):
        line = node.line_of("rule")
        yield Problem(line, "an item that is decided has a promised and a statutory time limit")
    if node.get("promised_days") == NO_LIMIT:
        yield Problem(node.line_of("promised_days"), "the service always promises a time limit")
    yield from _wrong_values(node)
    yield from _wrong_lists(node)


def _wrong_values(node: Any) -> Iterator[Problem]:
    codes = node.get("codes", {})
    if not isinstance(codes, dict) or any(name not in CODES for name in codes):
        yield Problem(node.line_of("codes"), f"codes: only {', '.join(CODES)}")
    fee = node.get("fee", "none")
    if fee != "none" and not (isinstance(fee, dict) and set(fee) == {"parameter"}):
        yield Problem(node.line_of("fee"), "fee: none, or {parameter: NAME}")
    visits = node.get("visits", 0)
    if isinstance(visits, bool) or not isinstance(visits, int) or visits < 0:
        yield Problem(node.line_of("visits"), "visits: a number of times")
    result = node.get("result")
    if result is not None:
        if not isinstance(result, dict) or result.get("kind") not in RESULTS:
            yield Problem(node.line_of("result"), f"result: kind must be one of {', '.join(RESULTS)}")
        elif not _is_words({key: value for key, value in result.items() if key != "kind"}):
            yield Problem(node.line_of("result"), "result: kind, and words in zh and en")
    for key, allowed in (("advice", {"phone", "place"}), ("supervision", {"phone", "place"})):
        found = node.get(key)
        if found is not None and not (
            isinstance(found, dict) and found.get("phone") and set(found) <= allowed
        ):
            yield Problem(node.line_of(key), f"{key}: {{phone, place}} expected")
        elif found and "place" in found and not _is_words(found["place"]):
            yield Problem(node.line_of(key), f"{key}: place in zh and en expected")
    if node.get("review_by") is not None:
        try:
            date.fromisoformat(str(node["review_by"]))
        except ValueError:
            yield Problem(node.line_of("review_by"), "review_by: a day like 2027-03-31")
    effects = node.get("effects", {})
    if not isinstance(effects, dict) or not set(effects) <= {"registration", "benefit"}:
        yield Problem(node.line_of("effects"), "effects: registration, benefit")
    for key, kind in (("registration", RegistrationEffect), ("benefit", BenefitEffect)):
        effect = effects.get(key) if isinstance(effects, dict) else None
        if effect is not None:
            try:
                kind(**effect)
            except TypeError as error:
                words = str(error).partition(") ")[2] or str(error)
                yield Problem(node.line_of("effects"), f"{key}: {words}")


def _wrong_lists(node: Any) -> Iterator[Problem]:
    for key in ("basis", "asks", "events"):
        for place, one in enumerate(_listed(node, key)):
            if not isinstance(one, str) or not one:
                yield Problem(node[key].lines[place], f"{key}: a text expected")
    for key, allowed in NESTED.items():
        for place, one in enumerate(_listed(node, key)):
            line = node[key].lines[place]
            if not isinstance(one, dict) or not all(one.get(name) for name in NEEDED[key]):
                yield Problem(line, f"{key}: {', '.join(NEEDED[key])} expected")
                continue
            lined: Any = one
            for name in lined:
                if name not in allowed:
                    yield Problem(lined.line_of(name), f"{key}: unknown key {name}")
            yield from _wrong_entry(key, one, line)


def _wrong_entry(key: str, one: Any, line: int) -> Iterator[Problem]:
    if key == "materials":
        if not _is_words(one["name"]):
            yield Problem(line, "materials: name in zh and en expected")
        if one["source"] not in SOURCES:
            yield Problem(line, f"materials: source must be one of {', '.join(SOURCES)}")
        if not isinstance(one.get("proves", []), list):
            yield Problem(line, "materials: proves: a list of facts")
        for name in ("original", "copies"):
            if not isinstance(one.get(name, 0), int):
                yield Problem(line, f"materials: {name}: a number")
    elif key == "flow":
        if one["step"] not in STEPS:
            yield Problem(line, f"flow: step must be one of {', '.join(STEPS)}")
        if one["role"] not in list(Role):
            yield Problem(line, f"flow: no role {one['role']}")
        if one["level"] not in LEVELS:
            yield Problem(line, f"flow: level must be one of {', '.join(LEVELS)}")
    elif key == "faq" and not (_is_words(one["q"]) and _is_words(one["a"])):
        yield Problem(line, "faq: q and a in zh and en expected")


def _is_words(value: Any) -> bool:
    return (
        isinstance(value, dict) and set(value) == {"zh", "en"} and all(_text(one) for one in value.values())
    )


def _text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _listed(node: Any, key: str) -> list[Any]:
    return node[key] if isinstance(node.get(key), list) else []


def _words(value: Any) -> Words:
    return {"zh": value["zh"], "en": value["en"]} if value else {}


def _advice(value: Any) -> Advice | None:
    return Advice(str(value["phone"]), _words(value.get("place"))) if value else None


def _item(node: Any, text: str) -> Item:
    effects: Mapping[str, Any] = node.get("effects", {})
    registration, benefit = effects.get("registration"), effects.get("benefit")
    fee, result, review_by = node.get("fee", "none"), node.get("result"), node.get("review_by")
    return Item(
        code=node["item"],
        codes=dict(node.get("codes", {})),
        title=_words(node["title"]),
        plain=_words(node.get("plain", node["title"])),
        basis=tuple(node.get("basis", ())),
        applicant=node.get("applicant", PERSON),
        handling=node.get("handling", PROMISED),
        fee=None if fee == "none" else fee["parameter"],
        materials=tuple(
            Material(
                _words(one["name"]),
                one["source"],
                one.get("licence"),
                tuple(one.get("proves", ())),
                one.get("when"),
                one.get("original", 0),
                one.get("copies", 0),
            )
            for one in node.get("materials", ())
        ),
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
        version=version_of(text),
        flow=tuple(
            Step(one["step"], one["role"], one["level"], one.get("days")) for one in node.get("flow", ())
        ),
        visits=node.get("visits"),
        result=Result(result["kind"], _words(result)) if result else None,
        advice=_advice(node.get("advice")),
        supervision=_advice(node.get("supervision")),
        faq=tuple(Question(_words(one["q"]), _words(one["a"])) for one in node.get("faq", ())),
        checks=tuple(
            Check(_words(one), one.get("rule") or one.get("fact")) for one in node.get("checks", ())
        ),
        conditions=tuple(
            Requirement(_words(one), one.get("basis", "")) for one in node.get("conditions", ())
        ),
        about=node.get("about"),
        asks=tuple(node.get("asks", ())),
        tell=_words(node.get("tell")),
        events=tuple(node.get("events", ())),
        owner=_words(node.get("owner")),
        review_by=date.fromisoformat(str(review_by)) if review_by else None,
        text=text,
        given=frozenset(node),
    )
