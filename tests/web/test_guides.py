"""Guides are made from the entry, its rule and the registers: plain and in full, found by words and event."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from jiuye.desk import catalogue, city
from tests.desk import catalogue_world as made
from tests.web.world import TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIUYE_TODAY", TODAY.isoformat())


def page(client: Client, address: str, language: str = "zh-hans") -> str:
    client.cookies["django_language"] = language
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def guide(client: Client, code: str, full: bool = False, language: str = "zh-hans") -> str:
    return page(client, reverse("guides:guide", args=[code]) + ("?full=1" if full else ""), language)


def test_every_item_of_the_city_has_a_guide_plain_and_full(client: Client) -> None:
    for code, item in catalogue.shipped().items.items():
        assert item.title["zh"] in guide(client, code)
        whole = guide(client, code, full=True)
        for basis in item.basis:
            assert basis in whole


def test_a_guide_says_conditions_of_the_rule_in_words_and_in_full_with_clauses(client: Client) -> None:
    item = catalogue.item("unemployment_benefit")
    assert item.rule is not None
    rule = city.law().rule_at(item.rule, TODAY)
    assert rule is not None
    assert rule.condition is not None
    plain, full = guide(client, item.code), guide(client, item.code, full=True)
    for part in rule.condition.parts:
        assert part.label["zh"] in plain
        assert part.label["zh"] in full
        assert part.basis in full
    assert reverse("rules:rule", args=[item.rule]) in plain
    assert "310500212001" in full
    assert "310500212001" not in plain
    assert reverse("resident:form", args=["unemployed"]) in plain


def test_documents_that_registers_supply_need_not_be_brought(client: Client) -> None:
    made.publish()
    plain, full = guide(client, made.CODE), guide(client, made.CODE, full=True)
    to_bring, _heading, not_needed = plain.partition("不用您证明")
    assert "劳动合同：复印件 1 份" in to_bring
    assert "居民身份证" in not_needed
    for words in ("12333", "12345", "要钱吗？", "不用跑", "不收费", "书面答复"):
        assert words in plain
    for words in ("法律没有规定", "还没有赋码", "市就业促进中心", "答复写明依据", "街镇窗口人员"):
        assert words in full
        assert words not in plain


def test_guides_are_found_by_words_by_life_event_and_by_who_applies(client: Client) -> None:
    made.publish()
    index = reverse("guides:index")
    title = "劳动合同咨询"
    assert title in page(client, index)
    for query in ("?q=劳动合同", "?q=labour+contract", "?event=dispute", "?for=person&q=合同 咨询"):
        assert title in page(client, index + query), query
    for query in ("?q=失业", "?event=graduating", "?for=employer&q=合同", "?q=%00%27"):
        assert title not in page(client, index + query), query
    assert "没有找到" in page(client, index + "?q=没有这种事")


def test_a_guide_in_english_is_english(client: Client) -> None:
    made.publish()
    text = guide(client, made.CODE, full=True, language="en")
    for words in (
        "Advice on a labour contract",
        "Working or looking for work here",
        "Community service centre",
    ):
        assert words in text


def test_an_item_that_is_gone_says_so_and_offers_what_is_near(client: Client) -> None:
    answer = client.get(reverse("guides:guide", args=["unemployment"]))
    assert answer.status_code == 404
    assert "失业登记" in answer.content.decode()


def test_the_index_asks_the_database_a_fixed_number_of_times(
    client: Client, django_assert_max_num_queries: object
) -> None:
    page(client, reverse("guides:index"))
    with django_assert_max_num_queries(3):  # type: ignore[operator]
        page(client, reverse("guides:index"))
