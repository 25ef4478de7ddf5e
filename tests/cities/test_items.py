"""The city's catalogue: complete, bilingual, true to the law, and nothing asked that a register knows."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
import yaml

from jiuye.desk import catalogue, city, menu_data
from jiuye.desk.catalogue import Item

ITEMS = catalogue.shipped().items
LAW = city.law()
FOLDER = Path(city.folder())
LEAST = 70
TODAY = date(2026, 11, 25)
HAN = re.compile(r"[\u4e00-\u9fff]")
#: Numbers that the policy base has no source for may not be answered to a person: these answers say so.
NOT_SEEN = {
    "apprenticeship", "enterprise_training_subsidy", "expand_grant", "hire_grant", "internship",
    "key_sector_subsidy", "pre_start_loan", "price_subsidy", "public_post_development",
    "rural_contract_worker_grant", "senior_job_subsidy", "stable_job_refund", "startup_rent_subsidy",
    "unemployment_registration_renewal",
}  # fmt: skip


@pytest.fixture(params=sorted(ITEMS))
def item(request: pytest.FixtureRequest) -> Item:
    return ITEMS[request.param]


def test_there_are_as_many_as_the_service_has() -> None:
    assert len(ITEMS) >= LEAST
    kinds = Counter(entry.result.kind for entry in ITEMS.values() if entry.result)
    assert set(kinds) == {"money", "registration", "certificate", "service", "answer"}
    assert {entry.applicant for entry in ITEMS.values()} == {"person", "employer"}


def test_nothing_of_the_national_elements_is_missing(item: Item) -> None:
    assert [element.en for element in catalogue.missing(item)] == []
    assert list(catalogue.shipped().problems_of(item, LAW)) == []


def test_an_unknown_code_is_said_to_be_unknown_and_why(item: Item) -> None:
    """Forgotten would be a key that isn't there: each file names its codes, null for the city's reason."""
    own = yaml.safe_load((FOLDER / "items" / f"{item.code}.yaml").read_text(encoding="utf-8"))
    assert {"basic", "implementation"} <= set(own["codes"])
    if catalogue.unassigned(item):
        assert set(catalogue.unknown(FOLDER)["codes"]) == {"zh", "en"}


def test_codes_are_those_seen_in_a_published_list_and_each_is_one_items() -> None:
    found = [code for entry in ITEMS.values() for code in entry.codes.values() if code]
    assert len(found) == len(set(found))
    assert {"310750019000", "312000617000", "3120W0747000", "310500212001", "312000202000", "312090045000",
            "312090055000", "312000384000", "312000194000", "312000083000"} == set(found)  # fmt: skip


def test_everything_said_is_said_in_both_languages(item: Item) -> None:
    assert item.result is not None
    said = [item.title, item.plain, item.owner, item.result.words]
    said += [words for question in item.faq for words in (question.q, question.a)]
    said += [check.words for check in item.checks] + [one.words for one in item.conditions]
    said += [one.name for one in item.materials] + ([item.tell] if item.tell else [])
    for words in said:
        assert set(words) == {"zh", "en"}
        assert HAN.search(words["zh"])
        assert len(words["en"]) > 2
        assert not HAN.search(re.sub(r"“[^”]*”", "", words["en"]))


def test_at_least_two_questions_are_answered(item: Item) -> None:
    assert len(item.faq) >= 2
    assert len({question.q["zh"] for question in item.faq}) == len(item.faq)


def test_no_two_items_look_the_same() -> None:
    for part in ("title", "plain"):
        found = Counter(getattr(entry, part)["zh"] for entry in ITEMS.values())
        assert [words for words, count in found.items() if count > 1] == []


def test_limits_and_fees_are_parameters_in_force(item: Item) -> None:
    for name in (item.promised_days, item.statutory_days):
        if name not in (None, catalogue.NO_LIMIT):
            assert city.whole(name, TODAY) >= 0
    assert item.fee is None  # 就业促进法 35条


def test_the_promise_is_never_longer_than_the_law(item: Item) -> None:
    if item.statutory_days not in (None, catalogue.NO_LIMIT) and item.promised_days:
        assert city.whole(item.promised_days, TODAY) <= city.whole(item.statutory_days, TODAY)


def test_nothing_is_asked_for_that_a_register_supplies(item: Item) -> None:
    assert list(catalogue.needless(item, LAW)) == []
    for material in item.to_bring:
        for name in material.proves:
            assert LAW.facts[name].supplier != "register", f"{material.name['en']}: {name}"


def test_the_flow_goes_from_the_level_that_accepts_to_the_one_that_decides(item: Item) -> None:
    steps = {step.step: step for step in item.flow}
    assert steps["accept"].level == item.accepts
    assert steps["decide"].level == item.decides
    assert steps["deliver"].level == item.accepts
    if item.handling == "promised":
        assert steps["decide"].days == item.promised_days


def test_every_item_is_found_by_a_life_event(item: Item) -> None:
    assert item.events
    assert set(item.events) <= set(catalogue.shipped().events)


def test_money_is_the_laws_or_nobodys(item: Item) -> None:
    """An item that pays says by which rules; what the law can't reckon yet ends with words of people."""
    if item.benefit is not None:
        assert item.rule
        assert item.result is not None
        assert item.result.kind == "money"
    if item.result is not None and item.result.kind == "money" and item.benefit is None:
        assert item.rule is None
        assert item.tell
        assert item.checks


def test_what_no_rule_decides_has_conditions_and_review_points_of_its_own(item: Item) -> None:
    if item.rule is None:
        assert item.conditions
        assert len(item.checks) >= 2
        assert not item.automatic


def test_every_condition_of_acceptance_names_its_basis(item: Item) -> None:
    assert [one.words["en"] for one in item.conditions if not one.basis] == []


def test_what_the_policy_base_leaves_open_is_said_to_be_open() -> None:
    for code in NOT_SEEN:
        answers = "".join(question.a["zh"] for question in ITEMS[code].faq)
        assert re.search("没有看到|没有公布|还没有|没有写明|只看到", answers), code


def test_what_rests_on_a_text_that_ends_is_looked_at_before_it_ends(item: Item) -> None:
    """沪人社规〔2022〕8号 ends on 2026-12-31 (parameter hardship_doc_validity)."""
    if item.basis[0] == "沪人社规〔2022〕8号":
        assert item.review_by is not None
        assert str(item.review_by) <= "2026-12-31"


def test_every_benefit_of_the_menu_has_an_item_or_says_what_to_do_instead() -> None:
    by_rule = {entry.rule for entry in ITEMS.values() if entry.rule}
    named = {name for entry in ITEMS.values() for check in entry.checks if (name := check.about)}
    without = []
    for entry in menu_data.current().entries:
        assert entry.item or entry.instead, entry.code
        if not entry.item and entry.rule not in by_rule | named:
            without.append(entry.code)
    # without: the ended national subsidy, and the internship of the country (the city has its own)
    assert without == ["skill_subsidy", "internship_national"]


def test_what_is_shared_stands_once() -> None:
    """Phone numbers, places and steps come from catalogue.yaml; a file repeats them only to differ."""
    defaults = yaml.safe_load((FOLDER / "catalogue.yaml").read_text(encoding="utf-8"))
    same = [
        (path.stem, key)
        for path in (FOLDER / "items").glob("*.yaml")
        for key, value in yaml.safe_load(path.read_text(encoding="utf-8")).items()
        if key in defaults["inherited"] and value == defaults["inherited"][key]
    ]
    assert same == []


def test_a_version_is_the_whole_text_with_what_it_inherits() -> None:
    texts = catalogue.texts(FOLDER)
    for code, text in texts.items():
        again, problems = catalogue.item_of(text, code)
        assert problems == []
        assert again == ITEMS[code]
        assert again is not None
        assert again.version == ITEMS[code].version
        assert "12345" in text
