"""The rule book as pages: every rule of the law, found and read, as of a day and by the text that decided."""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from jiuye.cities import archive, worked
from jiuye.cities.book import Stands, book, file_of
from jiuye.cities.city import load
from jiuye.cities.examples import Examiner
from jiuye.desk import city, menu_data
from jiuye.desk.models import LawVersion
from jiuye.foundation import clock
from jiuye.foundation.roles import Role
from tests.support.database import as_owner
from tests.support.users import granted, signed_in
from tests.web.world import World

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 25)
AFTER = date(2027, 1, 1)  # the day after 沪人社规〔2022〕8号 has ended
NAME = re.compile(r"\b[a-z]+(?:_[a-z0-9]+)+\b")
HAN = re.compile("[\u4e00-\u9fff]")
IN_CHINESE = re.compile(r'<(\w+)\b[^>]*\blang="zh[^"]*"[^>]*>.*?</\1>', re.DOTALL)
NOT_SAID = re.compile(r"<(pre|head|script|header|footer)\b.*?</\1>", re.DOTALL)


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIUYE_TODAY", TODAY.isoformat())


def page(client: Client, view: str, name: str = "", query: str = "", status: int = 200, **more: str) -> str:
    arguments = ({"name": name} if name else {}) | more
    answer = client.get(reverse(f"rules:{view}", kwargs=arguments) + query)
    assert answer.status_code == status
    return str(answer.content.decode())


def main(text: str) -> str:
    """What stands between head and foot, without what only the machine reads."""
    return NOT_SAID.sub("", text)


def said(text: str) -> str:
    """The words a reader sees."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main(text))).split())


def english(client: Client) -> Client:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


# -- every rule


def test_every_rule_of_the_law_can_be_read(client: Client) -> None:
    """On today's date; no fact, parameter or rule is called by its bare name."""
    law = city.law()
    for name, versions in law.rules.items():
        text = page(client, "rule", name)
        words = said(text)
        assert html.escape(versions[-1].title["zh"]) in text, name
        bare = set(NAME.findall(words)) - {name}
        assert not bare & {*law.rules, *law.parameters, *law.facts}, (name, bare)


def test_every_topic_speaks_english(client: Client) -> None:
    """A rule of each file: outside of clauses, sources and notes no Chinese is left."""
    english(client)
    for names in book(city.law(), city.folder()).files.values():
        text = IN_CHINESE.sub("", main(page(client, "rule", names[0])))
        assert not HAN.search(re.sub(r"简体|繁體", "", said(text))), names[0]


def test_every_parameter_can_be_read(client: Client) -> None:
    for name in list(city.law().parameters)[::7]:
        assert name in page(client, "parameter", name)


def test_the_index_has_every_rule_once_under_a_topic(client: Client) -> None:
    text = page(client, "index")
    for name in city.law().rules:
        assert text.count(f'"{reverse("rules:rule", args=[name])}"') == 1, name


def test_topics_name_files_of_the_law_and_each_once() -> None:
    found = [file for topic in book(city.law(), city.folder()).topics for file in topic.files]
    assert len(found) == len(set(found))
    assert set(found) == {file_of(versions[0]) for versions in city.law().rules.values()}


# -- finding


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        ("失业保险金领取资格", "ui_eligible"),
        ("Entitled to unemployment benefit", "ui_eligible"),
        ("employer hiring", "employer_subsidy"),
        ("第四十五条", "ui_eligible"),
        ("〔2022〕8号 灵活", "flexible_subsidy"),
        ("ui_schedule", "ui_schedule"),
        ("R-UI-01", "ui_eligible"),
        ("失业保险金标准", "ui_rate"),
    ],
)
def test_search_finds_by_words_clause_and_name(client: Client, words: str, rule: str) -> None:
    text = page(client, "index", query=f"?q={quote(words)}")
    assert f'href="{reverse("rules:rule", args=[rule])}"' in text


def test_search_lists_numbers_with_their_value(client: Client) -> None:
    text = page(client, "index", query=f"?q={quote('失业保险金标准')}")
    assert f'href="{reverse("rules:parameter", args=["ui_rate_m01_12"])}"' in text
    assert "每月 2,340 元" in text


def test_a_short_form_finds_the_names_that_hold_its_signs(client: Client) -> None:
    text = page(client, "index", query=f"?q={quote('失业金')}")
    assert "没有一字不差的" in text
    assert f'href="{reverse("rules:rule", args=["ui_eligible"])}"' in text


def test_traditional_characters_find_too(client: Client) -> None:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hant"
    text = page(client, "index", query=f"?q={quote('失業保險金領取資格')}")
    assert f'href="{reverse("rules:rule", args=["ui_eligible"])}"' in text


def test_nothing_found_says_what_to_do(client: Client) -> None:
    assert "换个说法" in page(client, "index", query="?q=xyzzy")


def test_what_is_searched_is_shown_as_text(client: Client) -> None:
    text = page(client, "index", query="?q=%3Cscript%3Ealert(1)%3C/script%3E")
    assert "<script>alert" not in text


# -- as of a day


def test_what_ended_on_the_first_of_january(client: Client) -> None:
    text = page(client, "index", query=f"?on={AFTER}&only=ended")
    ended = book(city.law(), city.folder())
    for name in city.law().rules:
        shown = f"{reverse('rules:rule', args=[name])}?on={AFTER}" in text
        assert shown == (ended.stands(name, AFTER) is Stands.ENDED), name
    assert "条到期" in text


def test_an_ended_rule_is_shown_as_it_was_with_its_numbers(client: Client) -> None:
    now = page(client, "rule", "flexible_subsidy")
    assert "快到期：到 2026年12月31日 为止，还没有接着的规定" in now
    text = page(client, "rule", "flexible_subsidy", query=f"?on={AFTER}")
    assert "已在 2026年12月31日 到期" in text
    assert "2027年1月1日这一条已经不能用了" in text
    assert "数值按 2026年12月31日 的。" in text
    assert "已在" not in now


def test_a_rule_reads_as_on_its_day(client: Client) -> None:
    assert "社会保险法 第四十五条；失业保险条例 第十四条" in page(
        client, "rule", "ui_eligible", query="?on=2020-05-01"
    )
    assert "1,895 元" in page(client, "parameter", "ui_rate_m01_12", query="?on=2020-07-01")


def test_a_day_that_is_none_is_said(client: Client) -> None:
    assert "不是能看的日期" in page(client, "rule", "ui_eligible", query="?on=2027-02-30")


# -- what a page says


def test_a_number_not_seen_in_a_source_says_so(client: Client) -> None:
    law = city.law()
    name = next(n for n, p in law.parameters.items() if (v := p.at(TODAY)) and v.status == "recalled")
    assert "这个数值还没有见到原文" in page(client, "parameter", name)
    assert "待核实（把握" in page(client, "parameter", "ui_rate_m01_12")
    doubtful = next(n for n in law.rules if book(law, city.folder()).recalled(n, TODAY))
    assert "有数值还没有见到原文" in page(client, "rule", doubtful)
    assert f'href="{reverse("rules:rule", args=[doubtful])}"' in page(client, "index", query="?only=doubtful")


def test_a_number_with_a_history_is_drawn(client: Client) -> None:
    text = page(client, "parameter", "ui_rate_m01_12")
    assert 'role="img"' in text
    assert "9 次数值：从 每月 1,660 元（2018年4月）到 每月 2,340 元（2026年7月）。" in text
    assert 'role="img"' not in page(client, "parameter", "ui_min_contribution_months")


def test_conditions_in_words_and_the_text_in_a_fold(client: Client) -> None:
    text = page(client, "rule", "ui_eligible")
    assert "每一条都要符合" in text
    assert "符合其中一条就可以" in text
    assert "失业前用人单位和本人已缴纳失业保险费满一年" in text
    assert "差这一条时可以：" in text
    assert "contributed: ui_months_unused &gt;= ui_min_contribution_months" in text
    assert reverse("rules:rule", args=["involuntary_separation"]) in text


def test_a_part_of_a_table_says_its_value(client: Client) -> None:
    value = city.law().parameters["hardship_youth"].at(TODAY).value["max_age"]  # type: ignore[union-attr,index,call-overload]
    assert f"中“年龄上限”的一档 （{value}）" in said(page(client, "rule", "hardship_recognition"))


def test_relations_exclusions_stops_and_transition(client: Client) -> None:
    text = page(client, "rule", "flexible_subsidy")
    assert "什么时候停" in text
    assert "不能同一个月一起享受的" in text
    assert reverse("rules:rule", args=["employer_subsidy"]) in text
    assert "新旧衔接" in page(client, "rule", "ui_extension")
    stop = page(client, "rule", "flexible_subsidy_stop")
    assert reverse("rules:rule", args=["flexible_subsidy"]) in stop


def test_examples_run_and_come_out_the_same(client: Client) -> None:
    text = page(client, "rule", "ui_months")
    assert "和应有的结果全部相同" in text
    assert "未核定缴费143个月" in text
    assert "应当是：" not in text


def test_an_example_that_comes_out_otherwise_is_marked(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = Examiner.answer

    def other(self: Any, *arguments: Any) -> dict[str, object]:
        return dict.fromkeys(answer(self, *arguments), 99)

    monkeypatch.setattr(Examiner, "answer", other)
    text = page(client, "rule", "ui_months")
    assert "0 个和应有的结果相同" in text
    assert "应当是：" in text


def test_every_public_example_is_shown_with_a_rule_and_holds() -> None:
    cases = worked.examples(city.folder())
    shown = {case.id for name in cases.of for case in cases.run(name, city.law())}
    assert len(shown) > 80
    assert all(case.good for name in cases.of for case in cases.run(name, city.law()) if not case.open)


def test_a_benefit_can_be_tried_by_those_who_have_a_situation(client: Client) -> None:
    person = reverse("resident:what_if")
    assert person in page(client, "rule", "ui_eligible")
    assert person not in page(client, "rule", "involuntary_separation")
    assert reverse("employer:what_if") in page(client, "rule", "stable_job_refund")
    clerk = signed_in(granted(Role.STREET_CLERK))
    assert person not in page(clerk, "rule", "ui_eligible")
    assert "回到办事" in page(clerk, "rule", "ui_eligible")


def test_a_legal_officer_gets_from_a_rule_to_the_sandbox(client: Client) -> None:
    legal = signed_in(granted(Role.LEGAL_OFFICER))
    draft = reverse("drafting:proposals") + "?rule=ui_eligible"
    assert draft in page(legal, "rule", "ui_eligible")
    assert draft not in page(client, "rule", "ui_eligible")


def test_amounts_of_a_benefit_stand_on_its_page(client: Client) -> None:
    for entry in menu_data.current().entries[:6]:
        text = page(client, "rule", entry.rule)
        for name in {entry.amount, entry.schedule, entry.months} - {None, entry.rule}:
            assert reverse("rules:rule", args=[name]) in text, entry.code


# -- names nobody knows


@pytest.mark.parametrize("view", ["rule", "parameter"])
def test_a_name_nobody_knows(client: Client, view: str) -> None:
    text = page(client, view, "flexible_subsidi", status=404)
    assert "没有找到这一条" in text
    assert reverse("rules:rule", args=["flexible_subsidy"]) in text


def test_a_text_that_is_not_kept(client: Client) -> None:
    text = page(client, "rule", "ui_eligible", status=404, version="0" * 64)
    assert "这一版文本没有保存在这里" in text


# -- the text that decided


@pytest.fixture
def old(tmp_path: Path) -> Iterator[LawVersion]:
    """The law before an imagined change: 36 months at most instead of 24."""
    folder = tmp_path / "shanghai"
    shutil.copytree(city.folder(), folder)
    path = folder / "rules" / "unemployment_benefit.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("有求职要求", "愿意找工作"), encoding="utf-8")
    version = load(folder).law.version
    with as_owner():
        yield LawVersion.objects.create(
            hash=version, city="shanghai", first_used_at=clock.now(), text=archive.pack(folder)
        )


def test_an_old_text_is_read_by_its_hash(client: Client, old: LawVersion) -> None:
    text = page(client, "rule", "ui_eligible", version=old.hash)
    assert "愿意找工作" in text
    assert "这是以前用过的文本" in text
    assert "这一条后来改过。" in text
    assert f"/rules/law/{old.hash}/involuntary_separation/" in text
    assert "愿意找工作" not in page(client, "rule", "ui_eligible")
    same = page(client, "rule", "flexible_subsidy", version=old.hash)
    assert "这一条到现在一个字也没有改。" in same
    assert old.hash[:12] in page(client, "rule", "ui_eligible")
    assert page(client, "index", version=old.hash, query=f"?q={quote('愿意找工作')}").count("ui_eligible") > 0
    assert page(client, "parameter", "ui_rate_m01_12", version=old.hash)


def test_a_decision_leads_to_its_text_on_its_day(client: Client) -> None:
    world = World()
    arguments = world.make_decision()
    own = signed_in(granted(Role.RESIDENT, person=world.resident.id))
    text = own.get(reverse("resident:decision", kwargs=arguments)).content.decode()
    version = city.law().version
    found = re.search(rf'href="(/rules/law/{version}/(\w+)/\?on=[\d-]+)"', text)
    assert found, "the decision has no link to its rule"
    answer = client.get(found[1])
    assert answer.status_code == 200
    assert version[:12] in answer.content.decode()


def test_staff_get_from_a_case_to_the_rule() -> None:
    world = World()
    case = world.make_case()
    text = world.client("district_caseworker", "case").get(reverse("workbench:case", kwargs=case))
    assert re.search(r'href="/rules/(law/\w+/)?\w+/', text.content.decode())


@pytest.mark.parametrize("role", [Role.RESIDENT, Role.STREET_CLERK, Role.CITY_LEAD, Role.AUDITOR])
def test_every_portal_links_to_the_rule_book(role: Role) -> None:
    world = World()
    client = world.client(role.value, "")
    start = client.get(reverse("start"), follow=True).content.decode()
    assert f'href="{reverse("rules:index")}"' in start


def test_the_login_page_links_to_the_rule_book(client: Client) -> None:
    assert f'href="{reverse("rules:index")}"' in client.get(reverse("login")).content.decode()


def test_few_questions_to_the_database(
    client: Client, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    page(client, "rule", "ui_eligible")
    with django_assert_max_num_queries(6):
        page(client, "rule", "ui_eligible")
    with django_assert_max_num_queries(0):
        page(client, "index")
