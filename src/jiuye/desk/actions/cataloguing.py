"""Every write about items (事项库): drafts, publishing by two persons, taking out, confirming, installing."""

from __future__ import annotations

import re
from datetime import date, timedelta
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from jiuye.desk import catalogue, city
from jiuye.desk.catalogue import Item
from jiuye.desk.models import CatalogueRevision, ItemVersion, VersionState
from jiuye.desk.models.catalogue import OPEN
from jiuye.foundation import clock, scope, two_person
from jiuye.foundation.action import action
from jiuye.foundation.errors import Conflict, Forbidden, NotFound, UserError, UserErrors
from jiuye.foundation.ids import new_id
from jiuye.foundation.messages import notify
from jiuye.foundation.models import Grant
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor

KIND = "item_version"  # of cities/<city>/duties.yaml
EDITOR = {Role.CATALOGUE_EDITOR}
SHIPPED, EDITED = "shipped", "edited"
CODE = re.compile(r"[a-z][a-z0-9_]{2,39}")
LONGEST_REASON = 2000  # characters
LOCK = 4_031  # of an installation


class Overtaken(Conflict):
    """Somebody saved the same draft meanwhile: nothing was overwritten. `row` is what stands there now."""

    def __init__(self, row: ItemVersion) -> None:
        self.row = row
        super().__init__(_("您打开这个草稿以后，它在别处被改过"))


@action("desk.install_catalogue", roles={Role.SYSTEM})
def install_catalogue(actor: Actor) -> int:
    """Bring the shipped items into force; how many changed. Again it changes nothing.

    What people have edited here stays in force: the shipped text becomes a draft for them to look at. An item
    that is no longer shipped leaves the catalogue unless it was edited here.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    shipped = catalogue.shipped().items  # CatalogueError: nothing that can't be read comes into force
    rows = list(ItemVersion.objects.defer("text"))
    known = {(row.code, row.version) for row in rows}
    published = {row.code: row for row in rows if row.state == VersionState.PUBLISHED}
    drafts = {row.code for row in rows if row.state in OPEN}
    changed = 0
    for code, item in shipped.items():
        now = published.get(code)
        if (code, item.version) in known:
            continue
        if now is None or now.origin == SHIPPED:
            if now is not None:
                _retire(now)
            _install(item)
            changed += 1
        elif code not in drafts:
            _draft(None, code, item.text, _("随新版本发来的文字，与本市修改过的不同"))
    for code, row in published.items():
        if code not in shipped and row.origin == SHIPPED:
            _retire(row)
            changed += 1
    if changed:
        _announce()
    return changed


def install() -> None:
    """After a migration."""
    install_catalogue(scope.SYSTEM)


@action("desk.open_item_draft", roles=EDITOR)
def open_item_draft(
    actor: Actor, *, code: str, reason: str, version_id: UUID | None = None, ends: bool = False
) -> ItemVersion:
    """Begin another text of an item: from the published one, from an older one (`version_id`), or a new item.

    `ends`: a proposal to take it out of the catalogue. With a draft open, that draft. UserErrors.
    """
    code, reason = code.strip(), reason.strip()
    problems = []
    if not CODE.fullmatch(code):
        problems.append(UserError(_("代码只用小写字母、数字和 _，以字母开头，3 到 40 个字符"), "code"))
    if not reason:
        problems.append(UserError(_("请写明为什么要改"), "reason", "required"))
    elif len(reason) > LONGEST_REASON:
        problems.append(UserError(_("最多写 %(most)s 个字") % {"most": LONGEST_REASON}, "reason"))
    if problems:
        raise UserErrors(problems)
    there = ItemVersion.objects.filter(code=code, state__in=OPEN).first()
    if there is not None:
        return there
    now = ItemVersion.objects.filter(code=code, state=VersionState.PUBLISHED).first()
    old = ItemVersion.objects.filter(code=code, pk=version_id).first() if version_id else None
    if version_id and old is None:
        raise NotFound
    if ends and now is None:
        raise NotFound
    start = old or now
    text = (
        start.text if start else f"item: {code}\ntitle: {{zh: , en: }}\naccepts: street\ndecides: district\n"
    )
    row = _draft(_user(actor), code, text, reason, ends)
    two_person.take_duty(actor, KIND, "prepare", row.pk)
    return row


@action("desk.save_item_draft", roles=EDITOR)
def save_item_draft(actor: Actor, *, draft_id: UUID, text: str, edition: int) -> ItemVersion:
    """Keep the text, mistakes and all. Overtaken when somebody saved it since `edition`."""
    row = _locked(draft_id, VersionState.DRAFT)
    if row.ends:
        raise UserError(_("这是停用申请，没有文字可改"), "text")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\x00" in text or len(text) > catalogue.LONGEST:
        raise UserError(_("文字太长，或者有不能保存的控制字符"), "text")
    if text == row.text:
        return row
    if row.edition != edition:
        raise Overtaken(row)
    row.text, row.edition, row.changed_at = text, edition + 1, clock.now()
    row.save(update_fields=["text", "edition", "changed_at"])
    two_person.take_duty(actor, KIND, "prepare", row.pk)
    return row


@action("desk.submit_item_draft", roles=EDITOR)
def submit_item_draft(actor: Actor, *, draft_id: UUID) -> ItemVersion:
    """Hand it to a second person. It must be without mistakes and complete; UserErrors name what isn't."""
    row = _locked(draft_id, VersionState.DRAFT)
    if row.ends:
        _nobody_needs(row.code)
    else:
        _publishable(row)
    row.state, row.returned, row.changed_at = VersionState.SUBMITTED, "", clock.now()
    two_person.prepare(row, actor, KIND)
    row.save(update_fields=["state", "returned", "changed_at"])
    return row


@action("desk.send_back_item_draft", roles=EDITOR)
def send_back_item_draft(actor: Actor, *, draft_id: UUID, reason: str) -> ItemVersion:
    """The second person wants something changed: it is a draft again."""
    reason = reason.strip()
    if not reason:
        raise UserError(_("请写明哪里要改"), "reason", "required")
    row = _locked(draft_id, VersionState.SUBMITTED)
    row.state, row.returned, row.changed_at = VersionState.DRAFT, reason[:LONGEST_REASON], clock.now()
    row.prepared_by, row.prepared_at = None, None
    row.save(update_fields=["state", "returned", "changed_at", "prepared_by", "prepared_at"])
    return row


@action("desk.publish_item", roles=EDITOR)
def publish_item(actor: Actor, *, draft_id: UUID) -> ItemVersion:
    """The second signature: this text is in force from now on; running cases keep theirs.

    A proposal to end takes the item out instead. SelfApproval, IncompatibleDuty for whoever wrote any of it.
    """
    row = _locked(draft_id, VersionState.SUBMITTED)
    item = None if row.ends else _publishable(row)
    if row.ends:
        _nobody_needs(row.code)
    two_person.approve(row, actor, 0, KIND)
    for now in ItemVersion.objects.select_for_update(of=("self",)).filter(
        code=row.code, state=VersionState.PUBLISHED
    ):
        _retire(now)
    row.changed_at = row.closed_at = clock.now()
    if item is None:
        row.state = VersionState.WITHDRAWN
    else:
        row.state, row.version, row.published_at = VersionState.PUBLISHED, item.version, clock.now()
        row.review_by = item.review_by
    row.save(update_fields=["state", "version", "published_at", "review_by", "changed_at", "closed_at"])
    _announce()
    return row


@action("desk.withdraw_item_draft", roles=EDITOR)
def withdraw_item_draft(actor: Actor, *, draft_id: UUID) -> ItemVersion:
    """Given up; it stays readable in the history of the item."""
    row = _locked(draft_id, *OPEN)
    row.state, row.changed_at, row.closed_at = VersionState.WITHDRAWN, clock.now(), clock.now()
    row.save(update_fields=["state", "changed_at", "closed_at"])
    return row


@action("desk.confirm_item", roles=EDITOR)
def confirm_item(actor: Actor, *, code: str, review_by: date | None) -> ItemVersion:
    """The owner has looked: the published text is right. `review_by`: when to look again."""
    row = ItemVersion.objects.select_for_update(of=("self",)).filter(
        code=code, state=VersionState.PUBLISHED
    ).first()  # fmt: skip
    if row is None:
        raise NotFound
    today = clock.today()
    longest = city.whole("item_review_days", today)
    if review_by is None or not today < review_by <= today + timedelta(days=longest):
        raise UserError(
            _("请写一个以后的日期，最晚 %(days)s 天之内") % {"days": longest}, "review_by", "out_of_range"
        )
    row.review_by, row.reminded_on = review_by, None
    row.confirmed_at, row.confirmed_by_id = clock.now(), _user(actor)
    row.save(update_fields=["review_by", "reminded_on", "confirmed_at", "confirmed_by"])
    return row


@action("desk.remind_of_items", roles={Role.SYSTEM})
def remind_of_items(actor: Actor) -> int:
    """Tell the editors which items nobody has confirmed in time; each item once a week. How many."""
    today = clock.today()
    again = today - timedelta(days=city.whole("item_reminder_days", today))
    late = ItemVersion.objects.select_for_update(of=("self",)).filter(
        state=VersionState.PUBLISHED, review_by__lt=today
    )
    rows = [row for row in late if row.reminded_on is None or row.reminded_on <= again]
    if not rows:
        return 0
    titles = [catalogue.title(row.code)["zh"] for row in rows]
    editors = Grant.objects.active(today).filter(role=Role.CATALOGUE_EDITOR.value)
    for user_id in editors.values_list("user_id", flat=True).distinct():
        notify(
            user_id=user_id,
            kind="items_to_review",
            title=_("有 %(count)s 个事项过了复核日期") % {"count": len(rows)},
            body=_("、").join(titles),
            link="/catalogue/?only=overdue",
        )
    for row in rows:
        row.reminded_on = today
        row.save(update_fields=["reminded_on"])
    return len(rows)


def problems_of(row: ItemVersion) -> tuple[Item | None, list[catalogue.Problem]]:
    """The item of a draft, and everything that is wrong with its text, by line."""
    item, problems = catalogue.item_of(row.text, row.code)
    if item is not None:
        found = catalogue.current().problems_of(item, city.law())
        problems = [catalogue.Problem(_line_of(row.text, said), said) for said in found]
    return item, problems


def _line_of(text: str, said: str) -> int:
    """The first line with the name that a problem is about."""
    names = [word.strip(":,") for word in said.split()]
    lines = text.split("\n")
    for name in reversed(names):
        place = next((n for n, line in enumerate(lines, 1) if len(name) > 2 and name in line), 0)
        if place:
            return place
    return 1


def _nobody_needs(code: str) -> None:
    """An item that has to be granted before another can't be taken out before that one."""
    needing = [one.title["zh"] for one in catalogue.current().items.values() if one.after == code]
    if needing:
        raise UserError(_("这些事项要先办它：%(items)s") % {"items": _("、").join(needing)}, code="needed")


def _publishable(row: ItemVersion) -> Item:
    item, problems = problems_of(row)
    if item is None or problems:
        raise UserErrors(
            UserError(
                _("第 %(line)s 行：%(what)s") % {"line": one.line, "what": one.message}, "text", "wrong"
            )
            for one in problems
        )
    if lacking := catalogue.missing(item):
        raise UserErrors(
            UserError(_("缺少要素：%(what)s") % {"what": element.zh}, "text", element.key)
            for element in lacking
        )
    return item


def _draft(user_id: int | None, code: str, text: str, reason: str, ends: bool = False) -> ItemVersion:
    now = clock.now()
    return ItemVersion.objects.create(
        code=code, text=text, origin=EDITED, reason=reason, ends=ends, author_id=user_id, created_at=now,
        changed_at=now,
    )  # fmt: skip


def _install(item: Item) -> None:
    now = clock.now()
    ItemVersion.objects.create(
        code=item.code, version=item.version, text=item.text, state=VersionState.PUBLISHED, origin=SHIPPED,
        created_at=now, changed_at=now, published_at=now, closed_at=now, review_by=item.review_by,
    )  # fmt: skip


def _retire(row: ItemVersion) -> None:
    row.state, row.retired_at = VersionState.RETIRED, clock.now()
    row.save(update_fields=["state", "retired_at"])


def _announce() -> None:
    """Every process reads the items anew."""
    CatalogueRevision.objects.update_or_create(pk=1, defaults={"token": new_id()})


def _user(actor: Actor) -> int:
    if actor.user_id is None:
        raise Forbidden
    return actor.user_id


def _locked(draft_id: UUID, *states: str) -> ItemVersion:
    row = ItemVersion.objects.select_for_update(of=("self",)).filter(pk=draft_id).first()
    if row is None:
        raise NotFound
    if row.state not in states:
        raise Conflict(_("这份草稿的状态已经变了，请刷新后再看"))
    return row
