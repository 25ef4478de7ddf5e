"""Items in versions: published by two persons, frozen; a running case keeps the one it was opened under."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError

from jiuye.desk import actions, catalogue, checks
from jiuye.desk.actions import cataloguing
from jiuye.desk.actions.cataloguing import Overtaken
from jiuye.desk.models import Case, ItemVersion, VersionState
from jiuye.foundation import history, outbox, scope
from jiuye.foundation.errors import Conflict, IncompatibleDuty, SelfApproval, UserError, UserErrors
from jiuye.foundation.ids import new_id
from jiuye.foundation.models import Message
from tests.desk import catalogue_world as made
from tests.desk import world
from tests.support.database import as_owner

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def installed() -> None:
    with as_owner():
        cataloguing.install()


def titles() -> dict[str, str]:
    with scope.acting(scope.SYSTEM):
        return {code: item.title["zh"] for code, item in catalogue.current().items.items()}


def ask(who: world.Resident) -> Case:
    (case,) = actions.submit_bundle(
        who.actor, bundle=made.CODE, answers={"tell": "要补偿吗？"}, request_key=new_id(), channel="web",
        person_id=who.id,
    )  # fmt: skip
    outbox.drain()
    return world.fresh(case)


def test_the_shipped_items_are_the_first_published_versions() -> None:
    shipped = catalogue.shipped()
    with scope.acting(scope.SYSTEM):
        rows = ItemVersion.objects.filter(state=VersionState.PUBLISHED)
        assert {row.code: row.version for row in rows} == {
            code: item.version for code, item in shipped.items.items()
        }
        assert catalogue.current().items == shipped.items
    with as_owner():
        assert actions.install_catalogue(scope.SYSTEM) == 0


def test_two_persons_publish_and_everybody_reads_it_at_once() -> None:
    one, other = made.editor(), made.editor("石磊")
    row = made.draft(one)
    assert made.CODE not in titles()
    actions.submit_item_draft(one, draft_id=row.pk)
    with pytest.raises(SelfApproval):
        actions.publish_item(one, draft_id=row.pk)
    published = actions.publish_item(other, draft_id=row.pk)
    assert published.version == catalogue.version_of(made.COMPLETE)
    assert titles()[made.CODE] == "劳动合同咨询"


def test_who_wrote_any_of_it_does_not_sign_it() -> None:
    one, other = made.editor(), made.editor("石磊")
    row = made.draft(one)
    actions.save_item_draft(
        other, draft_id=row.pk, text=made.COMPLETE + "appeal: false\n", edition=row.edition
    )
    actions.submit_item_draft(one, draft_id=row.pk)
    with pytest.raises(IncompatibleDuty):
        actions.publish_item(other, draft_id=row.pk)


@pytest.mark.parametrize(
    ("line", "element"),
    [
        ("faq: [{q: {zh: 要钱吗？, en: Does it cost anything?}, a: {zh: 不要。, en: No.}}]\n", "常见问题"),
        ("visits: 0\n", "到现场次数"),
        ("fee: none\n", "收费"),
        ("review_by: 2027-06-30\n", "复核日期"),
        ('supervision: {phone: "12345"}\n', "监督投诉方式"),
        ("codes: {basic: null, implementation: null}\n", "事项编码"),
        ("basis: [就业促进法 35条]\n", "设定依据"),
        ("conditions: [{zh: 在本市就业或者找工作, en: Working or looking for work here}]\n", "受理条件"),
    ],
)
def test_an_item_with_a_missing_element_is_not_published_and_it_is_said_which(
    line: str, element: str
) -> None:
    assert line in made.COMPLETE
    one = made.editor()
    row = made.draft(one, made.COMPLETE.replace(line, ""))
    with pytest.raises(UserErrors) as caught:
        actions.submit_item_draft(one, draft_id=row.pk)
    assert [element in str(error) for error in caught.value.errors] == [True]


def test_a_mistake_in_the_text_is_said_with_its_line() -> None:
    one = made.editor()
    row = made.draft(one, made.COMPLETE.replace("ui_review_working_days_promised", "no_such_limit", 1))
    with pytest.raises(UserErrors, match="no_such_limit") as caught:
        actions.submit_item_draft(one, draft_id=row.pk)
    assert "第 12 行" in str(caught.value.errors[0])


def test_a_document_that_registers_supply_may_not_be_asked_for() -> None:
    one = made.editor()
    row = made.draft(one, made.COMPLETE.replace("source: shared, proves", "source: own, proves"))
    with pytest.raises(UserErrors, match="居民身份证"):
        actions.submit_item_draft(one, draft_id=row.pk)


def test_a_running_case_keeps_its_version() -> None:
    made.publish()
    case = ask(world.resident())
    made.publish(made.COMPLETE.replace("decides: street", "decides: district"), reason="改由区里答复")
    with scope.acting(scope.SYSTEM):
        assert catalogue.item(made.CODE).decides == "district"
        assert catalogue.of_case(case).decides == "street"
    actions.close_case(world.clerk(), case_id=case.pk, words="按劳动合同法46条，应当支付。")
    assert world.fresh(case).state == "closed"


def test_an_item_that_was_taken_out_is_still_handled() -> None:
    made.publish()
    case = ask(world.resident())
    one, other = made.editor(), made.editor("石磊")
    ending = actions.open_item_draft(one, code=made.CODE, reason="不再单独受理", ends=True)
    actions.submit_item_draft(one, draft_id=ending.pk)
    actions.publish_item(other, draft_id=ending.pk)
    assert made.CODE not in titles()
    with pytest.raises(LookupError):
        ask(world.resident(name="李国强"))
    actions.close_case(world.clerk(), case_id=case.pk, words="答复如下。")
    assert world.fresh(case).letter_id is not None
    with scope.acting(scope.SYSTEM):
        assert catalogue.title(made.CODE)["zh"] == "劳动合同咨询"
        assert catalogue.title("never_there")["zh"] == "never_there"


def test_what_another_item_needs_first_is_not_taken_out() -> None:
    one = made.editor()
    ending = actions.open_item_draft(one, code="unemployment_registration", reason="试试", ends=True)
    with pytest.raises(UserError, match="失业保险金申领"):
        actions.submit_item_draft(one, draft_id=ending.pk)


def test_the_database_freezes_what_was_published() -> None:
    row = made.publish()
    for column, value in (("text", "item: other"), ("version", "0" * 16), ("published_at", None)):
        with pytest.raises(DatabaseError), transaction.atomic(), scope.acting(made.editor()):
            ItemVersion.objects.filter(pk=row.pk).update(**{column: value})
    with pytest.raises(DatabaseError), transaction.atomic(), scope.acting(made.editor()):
        ItemVersion.objects.filter(pk=row.pk).delete()


def test_the_database_refuses_one_signature() -> None:
    one = made.editor()
    row = made.draft(one)
    change = (
        "UPDATE desk_itemversion SET state = 'published', version = 'x', published_at = now(),"
        " closed_at = now(), prepared_by_id = %s, prepared_at = now() WHERE id = %s"
    )
    acting, declared = scope.acting(one), history.context("test")
    refused = pytest.raises(IntegrityError, match="published_by_two")
    with refused, acting, declared, connection.cursor() as cursor:
        cursor.execute(change, [one.user_id, row.pk])


def test_drafts_are_the_editors_and_only_they_write() -> None:
    row = made.draft(made.editor())
    with scope.acting(world.clerk()):
        assert not ItemVersion.objects.filter(pk=row.pk).exists()
        assert ItemVersion.objects.filter(state=VersionState.PUBLISHED).exists()
    with connection.cursor() as cursor:  # nobody acts: what is in force is public
        cursor.execute("SELECT DISTINCT state FROM desk_itemversion")
        assert cursor.fetchall() == [("published",)]
    with scope.acting(world.caseworker()), history.context("test"):
        assert ItemVersion.objects.filter(code="appeal").update(review_by=None) == 0


def test_an_old_text_can_be_brought_back() -> None:
    first = made.publish()
    made.publish(made.COMPLETE.replace("劳动合同咨询", "劳动关系咨询"), reason="改名")
    one, other = made.editor(), made.editor("石磊")
    back = actions.open_item_draft(one, code=made.CODE, reason="改回去", version_id=first.pk)
    assert back.text == made.COMPLETE
    actions.submit_item_draft(one, draft_id=back.pk)
    actions.publish_item(other, draft_id=back.pk)
    assert titles()[made.CODE] == "劳动合同咨询"


def test_two_at_the_same_draft_overwrite_nothing() -> None:
    one, other = made.editor(), made.editor("石磊")
    row = made.draft(one)
    assert actions.open_item_draft(other, code=made.CODE, reason="也想改").pk == row.pk
    with pytest.raises(Overtaken) as caught:
        actions.save_item_draft(other, draft_id=row.pk, text="item: x", edition=row.edition - 1)
    assert caught.value.row.text == made.COMPLETE
    actions.submit_item_draft(one, draft_id=row.pk)
    with pytest.raises(Conflict):
        actions.save_item_draft(one, draft_id=row.pk, text="item: x", edition=row.edition)


def test_a_release_does_not_overwrite_what_was_edited_here() -> None:
    with scope.acting(scope.SYSTEM):
        shipped = ItemVersion.objects.get(code="certificate_grant", state=VersionState.PUBLISHED)
    here = made.publish(_complete(shipped.text, title="证书补贴"), "certificate_grant", "本市叫法")
    with as_owner(), scope.acting(scope.SYSTEM):
        # as if the release had brought another text since
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('jiuye.maintenance', 'on', true)")
            cursor.execute("UPDATE desk_itemversion SET version = 'older' WHERE id = %s", [shipped.pk])
        actions.install_catalogue(scope.SYSTEM)
        assert ItemVersion.objects.get(code="certificate_grant", state=VersionState.PUBLISHED).pk == here.pk
        waiting = ItemVersion.objects.get(code="certificate_grant", state=VersionState.DRAFT)
        assert waiting.text == shipped.text


def _complete(text: str, title: str) -> str:
    """A shipped text with another title, and every element."""
    item, _problems = catalogue.item_of(text, "certificate_grant")
    assert item is not None
    text = text.replace(item.title["zh"], title, 1)
    lines = made.COMPLETE.split("\n")
    for element in catalogue.missing(item):
        if element.key == "codes":
            text = "\n".join(line for line in text.split("\n") if not line.startswith("codes:"))
        start = next(n for n, line in enumerate(lines) if line.startswith(f"{element.key}:"))
        block = [lines[start]]
        for line in lines[start + 1 :]:
            if not line.startswith(" "):
                break
            block.append(line)
        text += "\n".join(block) + "\n"
    return text


def test_an_overdue_item_is_reminded_of_once_a_week_until_confirmed(monkeypatch: pytest.MonkeyPatch) -> None:
    editor = made.editor()
    row = made.publish(made.COMPLETE.replace("2027-06-30", "2026-11-24"))
    assert actions.remind_of_items(scope.SYSTEM) == 1
    assert actions.remind_of_items(scope.SYSTEM) == 0
    with scope.acting(scope.SYSTEM):
        told = Message.objects.filter(kind="items_to_review", user_id=editor.user_id)
        assert ["劳动合同咨询" in one.body for one in told] == [True]
    monkeypatch.setenv("JIUYE_TODAY", (world.TODAY + timedelta(days=7)).isoformat())
    assert actions.remind_of_items(scope.SYSTEM) == 1
    for wrong in (None, world.TODAY, date(2030, 1, 1)):
        with pytest.raises(UserError):
            actions.confirm_item(editor, code=made.CODE, review_by=wrong)
    actions.confirm_item(editor, code=made.CODE, review_by=date(2027, 6, 30))
    monkeypatch.setenv("JIUYE_TODAY", (world.TODAY + timedelta(days=30)).isoformat())
    assert actions.remind_of_items(scope.SYSTEM) == 0
    with scope.acting(scope.SYSTEM):
        assert ItemVersion.objects.get(pk=row.pk).text == row.text


def test_a_text_from_outside_can_not_blow_up() -> None:
    bomb = "a: &a [x, x]\nb: &b [*a, *a]\nitem: bomb\n"
    item, problems = catalogue.item_of(bomb, "bomb")
    assert item is None
    assert [problem.message for problem in problems] == ["no anchors and aliases"]
    item, problems = catalogue.item_of("item: [", "bomb")
    assert item is None
    assert problems[0].line >= 1


def test_reading_the_catalogue_costs_no_query_of_its_own(django_assert_num_queries: object) -> None:
    with scope.acting(scope.SYSTEM):
        catalogue.current()
    with scope.acting(scope.SYSTEM), django_assert_num_queries(0):  # type: ignore[operator]
        for _again in range(3):
            catalogue.current()


def test_the_nightly_check_finds_an_item_that_does_not_fit_any_more() -> None:
    row = made.publish()
    with scope.acting(scope.SYSTEM):
        assert list(checks.UnfitItem().find()) == []
    with as_owner(), scope.acting(scope.SYSTEM), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('jiuye.maintenance', 'on', true)")
        # as if a release had dropped the parameter it names
        text = made.COMPLETE.replace("ui_review_working_days_promised", "dropped_limit", 1)
        cursor.execute("UPDATE desk_itemversion SET text = %s WHERE id = %s", [text, row.pk])
    with scope.acting(scope.SYSTEM):
        found = list(checks.UnfitItem().find())
    assert [(one.about, "dropped_limit" in one.text) for one in found] == [(made.CODE, True)]
