"""Items for their editors, in words: states, elements that are missing, mistakes in a text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiuye.desk import catalogue
from jiuye.desk.catalogue import Item, Problem
from jiuye.desk.models import VersionState
from jiuye.policy.places import Place
from jiuye.web import words
from jiuye.web.present import law_listing

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Data = dict[str, Any]
# What the reader of an entry says (desk/catalogue/reading.py), in the editor's language.
_TABLE: Final[tuple[tuple[str, StrOrPromise], ...]] = (
    (r"unknown key (?P<a>\S+)", gettext_lazy("没有 %(a)s 这一项")),
    (r"(?P<a>\w+): unknown key (?P<b>\S+)", gettext_lazy("%(a)s 里没有 %(b)s 这一项")),
    (r"item must be (?P<a>\S+)", gettext_lazy("item 应当写 %(a)s")),
    (r"(?P<a>\w+) in zh and en expected", gettext_lazy("%(a)s 要写中文（zh）和英文（en）")),
    (
        r"(?P<a>\w+): (?P<b>[\w ]+) in zh and en expected",
        gettext_lazy("%(a)s：%(b)s 要写中文（zh）和英文（en）"),
    ),
    (r"(?P<a>[\w: ]+) must be one of (?P<b>.+)", gettext_lazy("%(a)s 只能是：%(b)s")),
    (r"(?P<a>\w+): a list expected", gettext_lazy("%(a)s 要写成清单")),
    (r"(?P<a>\w+): a text expected", gettext_lazy("%(a)s 里要写文字")),
    (r"(?P<a>\w+): (?P<b>[\w, ]+) expected", gettext_lazy("%(a)s 要写全：%(b)s")),
    (
        r"an item that is decided has a promised and a statutory time limit",
        gettext_lazy("由规则决定的事项要写承诺时限和法定时限"),
    ),
    (r"the service always promises a time limit", gettext_lazy("承诺时限不能写 none")),
    (r"no parameter (?P<a>\S+)", gettext_lazy("规则里没有参数 %(a)s")),
    (r"no rule or fact (?P<a>\S+)", gettext_lazy("没有叫 %(a)s 的规则或信息项")),
    (r"no rule (?P<a>\S+)", gettext_lazy("没有叫 %(a)s 的规则")),
    (r"no fact (?P<a>\S+)", gettext_lazy("没有叫 %(a)s 的信息项")),
    (r"no item (?P<a>\S+)", gettext_lazy("没有叫 %(a)s 的事项")),
    (r"no life event (?P<a>\S+)", gettext_lazy("没有叫 %(a)s 的人生事件")),
    (
        r"(?P<a>.+): registers supply it, its source is shared",
        gettext_lazy("“%(a)s”登记里都有，不能再让人交（来源应当是 shared）"),
    ),
    (r"flow: no role (?P<a>\S+)", gettext_lazy("flow：没有叫 %(a)s 的岗位")),
    (r"review_by: a day like .+", gettext_lazy("review_by 要写成 2027-03-31 这样的日期")),
    (r"visits: a number of times", gettext_lazy("visits 要写次数")),
    (r"no anchors and aliases", gettext_lazy("不能用 & 和 * 引用")),
    (r"at most (?P<a>\d+) characters", gettext_lazy("最多写 %(a)s 个字")),
    (r"(?P<a>\S+) stands twice", gettext_lazy("%(a)s 写了两遍")),
)


def said(message: str) -> str:
    """A mistake in the reader's language; in the words of the check where they have no counterpart."""
    if words.chinese():
        for pattern, ours in _TABLE:
            found = re.fullmatch(pattern, message)
            if found:
                return str(ours) % found.groupdict()
    return message


def state(value: str, ends: bool = False) -> Data:
    named = {
        VersionState.DRAFT: ("neutral", _("起草中")),
        VersionState.SUBMITTED: ("waiting", _("等复核")),
        VersionState.PUBLISHED: ("good", _("使用中")),
        VersionState.RETIRED: ("neutral", _("已停用")),
        VersionState.WITHDRAWN: ("neutral", _("已撤回")),
    }
    shown, word = named[VersionState(value)]
    if ends and value in (VersionState.DRAFT, VersionState.SUBMITTED):
        word = _("申请停用：%(state)s") % {"state": word}
    return {"state": shown, "word": word}


def origin(value: str) -> str:
    return {"shipped": _("随系统发布"), "edited": _("本市修改")}.get(value, value)


def elements(item: Item | None) -> list[Data]:
    """Every national element, and whether the entry has it."""
    if item is None:
        return []
    lacking = {element.key for element in catalogue.missing(item)}
    return [
        {"label": words.pick(element.words), "key": element.key, "missing": element.key in lacking}
        for element in catalogue.ELEMENTS
    ]


def unassigned(item: Item | None) -> bool:
    """Whether a code is still to be assigned: no obstacle, but to be seen."""
    return item is not None and bool(catalogue.unassigned(item))


def checked(text: str, item: Item | None, problems: list[Problem]) -> Data:
    """For catalogue/_checked.html: mistakes at their lines, elements one by one."""
    rows = text.split("\n")
    places = []
    for one in problems:
        line = rows[one.line - 1] if 0 < one.line <= len(rows) else ""
        indent = len(line) - len(line.lstrip())
        places.append(Place("", one.line, indent + 1, max(len(line.strip()), 1), said(one.message)))
    return {
        "problems": [
            {
                "id": law_listing.anchor(place),
                "text": _("第 %(line)s 行：%(what)s") % {"line": place.line, "what": place.message},
            }
            for place in places
        ],
        "lines": law_listing.lines(text, places),
        "elements": elements(item),
        "lacking": sum(element["missing"] for element in elements(item)),
        "unassigned": unassigned(item),
    }
