"""The sandbox through its pages: nothing typed is lost, mistakes at the word, no save overwritten."""

from __future__ import annotations

import re
import subprocess
from html import unescape
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from jiuye import cities
from jiuye.cities.city import load
from jiuye.drafting import actions, queries, texts, trials
from jiuye.drafting.models import Proposal
from jiuye.foundation import scope
from jiuye.foundation.actions import set_preferences
from jiuye.foundation.models import Grant
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import SYSTEM, Actor
from jiuye.web import demo
from tests.drafting import world
from tests.support.database import as_owner
from tests.support.users import granted, signed_in

pytestmark = pytest.mark.django_db
AGE = "rules/labour_age.yaml"


class Officer:
    def __init__(self, name: str = "顾文", language: str = "zh-hans") -> None:
        grant = granted(Role.LEGAL_OFFICER, name=name)
        self.actor = Actor.of(grant)
        self.client: Client = signed_in(grant)
        if language != "zh-hans":
            set_preferences(self.actor, language=language)

    def page(self, name: str, made: Proposal, *more: str) -> str:
        return reverse(f"drafting:{name}", args=[made.pk, *more])

    def get(self, name: str, made: Proposal, *more: str, status: int = 200) -> str:
        answer = self.client.get(self.page(name, made, *more))
        assert answer.status_code == status
        return str(answer.content.decode())

    def edit(self, made: Proposal, file: str, text: str, edition: int = 0, do: str = "save") -> Any:
        # as a browser sends it
        data = {"text": text.replace("\n", "\r\n"), "edition": str(edition), "do": do}
        return self.client.post(self.page("edit", made, file), data)

    def act(self, made: Proposal, **data: str) -> str:
        answer = self.client.post(self.page("act", made), data, follow=True)
        return str(answer.content.decode())


def field(page: str) -> str:
    """What stands in the text field; the browser drops the first line end."""
    found = re.search(r"<textarea[^>]*data-editor-text[^>]*>\n(.*?)</textarea>", page, re.DOTALL)
    assert found
    return unescape(found[1])


def test_from_a_title_to_a_saved_text() -> None:
    officer = Officer()
    empty = officer.client.post(reverse("drafting:new"), {"title": "", "reason": "与邻市一致"})
    assert empty.status_code == 422
    page = empty.content.decode()
    assert 'href="#f-title"' in page
    assert "与邻市一致" in page
    answer = officer.client.post(reverse("drafting:new"), {"title": "改期限", "reason": "与邻市一致"})
    made = _only(officer)
    assert answer["Location"] == officer.page("proposal", made)
    home = officer.get("proposal", made)
    assert "失业保险金领取资格" in home  # the file by what it is about
    assert "法定退休年龄" in home
    text = world.changed(AGE, "age >= labour_age_min", "age >= labour_age_min + 1")
    saved = officer.edit(made, AGE, text)
    assert saved.status_code == 302
    assert field(officer.get("edit", made, AGE)) == text
    assert "rules/labour_age.yaml" in officer.get("changes", made)


def _only(officer: Officer) -> Proposal:
    with scope.acting(officer.actor):
        made: Proposal
        (made,) = queries.proposals(officer.actor).object_list
        return made


def test_the_check_keeps_nothing_and_loses_nothing() -> None:
    officer = Officer()
    made = world.proposal(officer.actor)
    text = world.changed(AGE, "age >= labour_age_min", "age >= labour_age_mim")
    answer = officer.edit(made, AGE, text, do="check")
    assert answer.status_code == 200
    page = answer.content.decode()
    assert field(page) == text
    line = text[: text.index("labour_age_mim")].count("\n") + 1
    assert f'<mark id="L{line}C20W14" tabindex="-1">labour_age_mim</mark>' in page
    assert f"第 {line} 行第 20 字：没有叫 labour_age_mim 的信息项、参数或规则" in page
    assert f'<a href="#L{line}C20W14">' in page  # in the summary, which takes the focus
    assert "data-error-summary" in page
    assert "还没有保存" in page
    assert field(officer.get("edit", made, AGE)) == world.read(AGE)
    live = officer.client.post(officer.page("check", made, AGE), {"text": text})
    part = live.content.decode()
    assert "labour_age_mim</mark>" in part
    assert "<html" not in part
    assert "data-error-summary" not in part  # somebody is typing


def test_mistakes_are_told_in_the_readers_language() -> None:
    text = world.changed(AGE, 'pension_kind == "none"', 'pension_kind == "nope"')
    said = {
        "en": "&#x27;nope&#x27; isn&#x27;t in code table pension_kind",
        "zh-hant": "不在代碼表 pension_kind 裏",
        "zh-hans": "不在代码表 pension_kind 里",
    }
    for language, words in said.items():
        officer = Officer(language=language)
        made = world.proposal(officer.actor)
        assert words in officer.edit(made, AGE, text, do="check").content.decode(), language


def test_a_text_with_mistakes_is_saved_and_shown_with_them() -> None:
    officer = Officer()
    made = world.proposal(officer.actor)
    text = "- rule: [broken\n"
    assert officer.edit(made, "rules/new_grant.yaml", text).status_code == 302
    page = officer.get("edit", made, "rules/new_grant.yaml")
    assert field(page) == text
    assert "1 处错误" in page
    assert "写法有误" in page
    other = officer.get("edit", made, AGE)
    assert "rules/new_grant.yaml 第 " in other  # the mistake is in another file of the same proposal
    assert f'href="{officer.page("edit", made, "rules/new_grant.yaml")}#L' in other
    refused = officer.act(made, action="submit")
    assert "文字还有错误" in refused


def test_the_second_tab_overwrites_nothing() -> None:
    one, other = Officer("顾文"), Officer("俞明")
    made = world.proposal(one.actor)
    first = world.read(AGE) + "# 顾文的说明\n"
    assert one.edit(made, AGE, first, edition=0).status_code == 302
    mine = world.read(AGE) + "# 俞明的说明\n"
    stopped = other.edit(made, AGE, mine, edition=0)
    assert stopped.status_code == 409
    page = stopped.content.decode()
    assert field(page) == mine
    assert "您打开以后，顾文 保存过这个文件" in page
    assert "顾文的说明" in page
    assert "什么都没有覆盖" in page
    assert field(one.get("edit", made, AGE)) == first
    edition = re.search(r'name="edition" value="(\d+)"', page)
    assert edition
    merged = first + "# 俞明的说明\n"
    assert other.edit(made, AGE, merged, edition=int(edition[1])).status_code == 302
    assert field(one.get("edit", made, AGE)) == merged
    late = one.edit(made, AGE, "", edition=1, do="drop")
    assert late.status_code == 409
    assert one.edit(made, AGE, "", edition=2, do="drop").status_code == 302
    assert field(one.get("edit", made, AGE)) == world.read(AGE)


def test_what_is_too_large_stays_in_the_field() -> None:
    officer = Officer()
    made = world.proposal(officer.actor)
    huge = "# " + "长" * 70_000 + "\n"
    answer = officer.edit(made, AGE, huge)
    assert answer.status_code == 422
    assert field(answer.content.decode()) == huge
    assert "最多 20 万字节" in answer.content.decode()


def test_after_it_was_handed_in_nothing_is_written_and_nothing_lost() -> None:
    officer = Officer()
    made = world.generous(officer.actor)
    actions.withdraw_proposal(officer.actor, proposal_id=made.pk)
    text = world.read(AGE) + "# 晚了\n"
    answer = officer.edit(made, AGE, text)
    assert answer.status_code == 409
    assert field(answer.content.decode()) == text
    page = officer.get("proposal", made)
    assert "已撤回" in page
    assert 'value="submit"' not in page


@pytest.mark.parametrize("name", ["Neu", "../x", "a b", ""])
def test_a_new_file_has_a_plain_name(name: str) -> None:
    officer = Officer()
    made = world.proposal(officer.actor)
    answer = officer.client.post(officer.page("add", made), {"folder": "rules", "name": name}, follow=True)
    assert "文件名只用小写字母" in answer.content.decode()
    good = officer.client.post(officer.page("add", made), {"folder": "rules", "name": "new_grant"})
    assert good["Location"] == officer.page("edit", made, "rules/new_grant.yaml")
    assert officer.client.get(officer.page("edit", made, "rules/new.py")).status_code == 404


def test_the_difference_is_said_in_words() -> None:
    officer = Officer()
    made = world.generous(officer.actor)
    page = officer.get("changes", made)
    assert "新增 1 行，删去 1 行" in page
    assert '<span class="vh">删去：</span><code>' in page
    assert '<span class="vh">新增：</span><code>' in page
    assert world.GENEROUS in unescape(page)


def test_two_people_and_a_patch(tmp_path: Path, in_force: Path) -> None:
    writer, second = Officer("顾文"), Officer("俞明")
    made = world.generous(writer.actor)
    assert "请先用现在的文字跑一遍" in writer.act(made, action="submit")
    tried = world.tried(writer.actor, made)
    page = writer.get("trial", made, "examples")
    assert "PX-142" in page
    assert "现行文字算对 142 个" in page
    assert "2025-06 至 2025-06：1 个月，每月 2,255.00 元" in page
    assert "没有人受影响" in writer.get("trial", made, "city")  # nobody is on file in this test
    assert "已交给另一位同事复核" in writer.act(made, action="submit")
    own = writer.get("proposal", made)
    assert "这是您自己拟的" in own
    assert 'value="approve"' not in own
    assert 'value="approve"' in second.get("proposal", made)
    sent = second.act(made, action="send_back", reason="依据要写全")
    assert "依据要写全" in sent
    assert "起草中" in writer.get("proposal", made)
    assert "标题和理由已保存" in writer.act(
        made, action="describe", title="改期限", reason="依据某某文件", edition="1"
    )
    writer.act(made, action="submit")
    assert "已同意发布" in second.act(made, action="approve")
    done = writer.client.get(writer.page("patch", made))
    assert done["Content-Type"].startswith("text/x-patch")
    assert ".patch" in done["Content-Disposition"]
    root = tmp_path / "repository"
    copytree(in_force, root / texts.REPOSITORY / "shanghai")
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    subprocess.run(["git", "apply"], cwd=root, input=done.content, check=True)
    assert load(root / texts.REPOSITORY / "shanghai").law.version == tried["city"].result["b"]
    assert cities.law("shanghai").version == made.base_id  # approved is not in force


def test_the_title_typed_too_late_stays() -> None:
    officer = Officer()
    made = world.proposal(officer.actor)
    page = officer.act(made, action="describe", title="", reason="理由还在")
    assert "理由还在" in page
    assert 'href="#f-title"' in page


def test_moved_onto_the_law_in_force(in_force: Path) -> None:
    officer = Officer()
    made = world.generous(officer.actor)
    mine = world.changed(world.RETIREMENT, "value: {M60: 4,", "value: {M60: 3,")
    officer.edit(made, world.RETIREMENT, mine)
    assert officer.client.get(officer.page("onto", made)).status_code == 302  # nothing to do
    world.enact(in_force, world.RETIREMENT, "value: {M60: 4,", "value: {M60: 5,")
    assert "现行规则已经变了" in officer.get("proposal", made)
    page = officer.get("onto", made)
    assert "可以直接移过去" in page
    assert "两边都改过这个文件" in page
    assert "{M60: 5," in unescape(page)
    onto = cities.law("shanghai").version
    decided = mine.replace("value: {M60: 3,", "value: {M60: 6,")
    number = re.search(r'name="text-(\d+)"', page)
    assert number
    fields = {"onto": onto, f"text-{number[1]}": decided.replace("\n", "\r\n")}
    open_one = officer.client.post(officer.page("onto", made), fields)
    assert open_one.status_code == 422
    assert "{M60: 6," in unescape(open_one.content.decode())
    assert f'href="#f-decided-{number[1]}"' in open_one.content.decode()
    fields[f"decided-{number[1]}"] = "1"
    assert officer.client.post(officer.page("onto", made), fields).status_code == 302
    home = officer.get("proposal", made)
    assert "现行规则已经变了" not in home
    assert "{M60: 6," in field(officer.get("edit", made, world.RETIREMENT))


def test_a_trial_under_way_shows_how_far_it_is() -> None:
    officer = Officer()
    made = world.generous(officer.actor)
    url = officer.page("trial", made, "examples")
    assert officer.client.post(url).status_code == 302
    page = officer.get("trial", made, "examples")
    assert "排队中" in page
    assert f'hx-get="{url}"' in page
    trial = _trial(officer, made)
    trials.begin_trial(SYSTEM, trial_id=trial)
    trials.note_progress(SYSTEM, trial_id=trial, step="examples", done=40, total=99)
    page = officer.get("trial", made, "examples")
    assert "正在跑" in page
    assert "40 / 99" in page
    trials.run(trial)
    page = officer.get("trial", made, "examples")
    assert "hx-get" not in page
    assert "PX-142" in page
    officer.edit(made, AGE, world.read(AGE) + "# 又改\n")
    assert "现在的文字还没有跑" in officer.get("trial", made, "examples")


def _trial(officer: Officer, made: Proposal) -> Any:
    found = world.draft(officer.actor, made)
    with scope.acting(officer.actor):
        return queries.trials(found)["examples"].pk


def test_wrong_scope_is_not_found_and_wrong_role_not_allowed() -> None:
    made = world.generous(world.officer())
    elsewhere = signed_in(granted(Role.LEGAL_OFFICER, "310104"))
    lead = signed_in(granted(Role.CITY_LEAD))
    for name, more in (("proposal", ()), ("edit", (AGE,)), ("changes", ()), ("patch", ()), ("onto", ())):
        url = reverse(f"drafting:{name}", args=[made.pk, *more])
        assert elsewhere.get(url).status_code == 404
        assert lead.get(url).status_code == 403


def test_the_personas_of_the_demonstration() -> None:
    with as_owner():
        demo.load_users()
        grants = Grant.objects.filter(role=Role.LEGAL_OFFICER).select_related("user")
        assert {grant.user.username for grant in grants} == {"legal", "legal2"}
    client = Client(headers={"accept-language": settings.LANGUAGE_CODE})
    answer = client.post(reverse("login"), {"provider": "demo", "person": "legal"}, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("drafting:proposals")


def test_from_the_rule_book_to_the_file_and_back() -> None:
    officer = Officer()
    book = officer.client.get(reverse("rules:rule", args=["labour_age"])).content.decode()
    way = f"{reverse('drafting:proposals')}?rule=labour_age"
    assert f'href="{way}"' in book
    assert "修订稿里改这一条" not in Client().get(reverse("rules:rule", args=["labour_age"])).content.decode()
    made = world.proposal(officer.actor)
    page = officer.client.get(way).content.decode()
    assert "要改“法定劳动年龄内”" in page
    assert f'href="{officer.page("edit", made, AGE)}"' in page
    begun = officer.client.post(
        f"{reverse('drafting:new')}?rule=labour_age", {"title": "改年龄", "reason": "试"}
    )
    assert begun["Location"].endswith(f"/text/{AGE}")
    editor = officer.get("edit", made, AGE)
    assert f'href="{reverse("rules:rule", args=["labour_age"])}"' in editor
    assert officer.client.get(f"{reverse('drafting:proposals')}?rule=nonsense").status_code == 200
