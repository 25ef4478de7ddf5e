"""What the checks of the law complain about, in the reader's language.

The engine says it in English, once; here every one of its sentences has its counterpart. A test walks through
the engine's source and finds none missing.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jiuye.web import words

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# The engine's sentence, holes in braces; ours. Without the text of the expression: the word is marked.
_TABLE: Final[tuple[tuple[str, StrOrPromise], ...]] = (
    # names and types
    ("nothing is called {name}", _("没有叫 %(name)s 的信息项、参数或规则")),
    ("no function is called {name}", _("没有叫 %(name)s 的函数")),
    ("{name} is the employer's: employer.{name2}", _("%(name)s 是单位的信息，要写成 employer.%(name2)s")),
    (
        "{name} is a person's: a rule for the employer can't read it",
        _("%(name)s 是个人的信息，单位的规则不能用"),
    ),
    ("employer.{name}: {name2} isn't the employer's", _("%(name)s 不是单位的信息，不能写在 employer. 后面")),
    ("{name} isn't a member's", _("%(name)s 不是家庭成员的信息")),
    ("{name} stands in a person's rule only", _("%(name)s 只能写在个人的规则里")),
    ("{name} ({type}) can't stand in an expression", _("%(name)s（%(type)s）不能写在算式里")),
    ("{name} can't stand alone", _("%(name)s 不能单独写")),
    ("{what} needs a condition, {name} is a {type}", _("%(what)s 里要写一个条件，%(name)s 是%(type)s")),
    ("{what} needs a condition, not {type}", _("%(what)s 的位置要写一个条件，这里是%(type)s")),
    ("{what} must be a {wanted}, {rest} is a {type}", _("%(what)s 应当是%(wanted)s，这里是%(type)s")),
    ("{what} of units {a} and {b}", _("%(what)s：单位不一致，一边是 %(a)s，一边是 %(b)s")),
    ("{what} of code tables {a} and {b}", _("%(what)s：代码表不一致，一边是 %(a)s，一边是 %(b)s")),
    ("arithmetic of {a} and {b}", _("%(a)s 和%(b)s 不能一起运算")),
    ("`in` of {a} and {b}", _("in 的左边要是代码、右边要是清单，这里是%(a)s 和%(b)s")),
    ("comparison of {a} and {b}", _("%(a)s 和%(b)s 不能比较")),
    ("sum of {a} and {b}", _("%(a)s 和%(b)s 不能相加减")),
    ("if/else of {a} and {b}", _("if 和 else 两边不是同一类：%(a)s 和%(b)s")),
    ("list of {a} and {b}", _("清单里不是同一类：%(a)s 和%(b)s")),
    ("{name} of {a} and {b}", _("%(name)s 里不是同一类：%(a)s 和%(b)s")),
    ("comparison of {a}", _("%(a)s 不能比较")),
    ("order of {a}", _("%(a)s 不能比大小")),
    ("nothing can be compared with unknown", _("unknown（法规没有写明）不能拿来比较")),
    ("{name} of unknown", _("%(name)s 里不能有 unknown")),
    ("{name} needs two or more values that can be ordered", _("%(name)s 里要有两个以上能比大小的值")),
    ("{name} takes {kinds} (whole), not {types}", _("%(name)s 里要依次写 %(kinds)s，这里是 %(types)s")),
    ("a month moves by whole numbers", _("年月只能加减整数")),
    ("// needs whole numbers", _("// 两边都要是整数")),
    ("minus needs a number, not {type}", _("减号后面要是数，这里是%(type)s")),
    ("{text} isn't in code table {table}", _("%(text)s 不在代码表 %(table)s 里")),
    (
        "{of} can't be looked up by {by}: a table is looked up by a code",
        _("查表要用代码：%(of)s 不能用%(by)s 来查"),
    ),
    ("a list holds texts, not {type}", _("清单里要是文字，这里是%(type)s")),
    # the expression language
    ("can't read: {reason}", _("这里读不懂：%(reason)s")),
    ("{what} isn't part of the language", _("规则里不能这样写（%(what)s）")),
    ("a dot stands only in employer.NAME", _("点号只能写在 employer. 后面")),
    ("a function is called by its name and takes plain values", _("函数要直接写名字，里面写普通的值")),
    ("{name} takes the name of one fact or rule", _("%(name)s 里写一个信息项或规则的名字")),
    ("write {digits} as a plain decimal", _("%(digits)s 请写成普通的小数")),
    ("{text} isn't a value of the language", _("%(text)s 不是规则里能写的值")),
    ("an expression expected (put it in quotes)", _("这里要写一个算式，请加上引号")),
    # rules
    ("cycle {path}", _("规则绕成了一圈：%(path)s")),
    ("versions of {name} give different kinds of value", _("%(name)s 的几个版本得出的不是同一类值")),
    ("excludes {name}: no rule is called so", _("excludes 里的 %(name)s：没有这条规则")),
    ("a {type} can't be the value of a rule", _("规则的结果不能是%(type)s")),
    ("{name} mixes units {units}", _("%(name)s 的单位不一致：%(units)s")),
    ("count must be a whole number", _("count（几个月）要是整数")),
    ("two versions of {name} on {day}", _("%(name)s 在 %(day)s 有两个版本")),
    (
        "one version of {name} is about the {a}, another about the {b}",
        _("%(name)s 的几个版本，有的讲 %(a)s，有的讲 %(b)s"),
    ),
    ("{name} isn't a fact to bind", _("bind 里的 %(name)s 不是信息项")),
    ("rule {name} has no basis", _("规则 %(name)s 没有写依据（basis）")),
    ("rule {name} has no title", _("规则 %(name)s 没有写名称（title）")),
    (
        "rule {name} needs exactly one of all, any, when, value, schedule",
        _("规则 %(name)s 里，all、any、when、value、schedule 要写、也只能写一个"),
    ),
    ("given stands before a value or a schedule only", _("given 只能写在 value 或 schedule 前面")),
    ("otherwise needs given and value", _("写 otherwise 就要写 given 和 value")),
    ("a group needs at least one condition", _("一组条件里至少要有一个")),
    (
        "condition {name} needs exactly one of when, all, any",
        _("条件 %(name)s 里，when、all、any 要写、也只能写一个"),
    ),
    ("condition {name} needs its words in zh and en", _("条件 %(name)s 要写中文（zh）和英文（en）")),
    ("a schedule needs first, count and value", _("schedule 里要写 first、count 和 value")),
    ("goes_on_for needs until", _("写 goes_on_for 就要写 until")),
    ("prefer needs excludes", _("写 prefer 就要写 excludes")),
    ("prefer needs its words in zh and en", _("prefer 要写中文（zh）和英文（en）")),
    ("{name} can't exclude itself", _("%(name)s 不能排除它自己")),
    ("{name} excludes {other} twice", _("%(name)s 里 %(other)s 写了两次")),
    ("can never be met beside the conditions it stands with", _("和旁边的条件放在一起，永远不可能满足")),
    ("can never be met here", _("在这里永远不可能满足")),
    ("with the others one of these is always met", _("加上旁边的几个，总有一个满足，等于没有写")),
    ("the same for everybody", _("这个条件对谁都一样，等于没有写")),
    ("the same for everybody as long as it stands", _("参数不变的话，这个条件对谁都一样")),
    # facts, parameters, codes, files
    (
        "{name} has no value from {first} to {last}: fill it or say why (gap_before)",
        _("%(name)s 从 %(first)s 到 %(last)s 没有值：请补上，或者写明为什么空着（gap_before）"),
    ),
    (
        "{name} has no {what} from {first} to {last}: fill it or say why (gap_before)",
        _("%(name)s 从 %(first)s 到 %(last)s 没有版本：请补上，或者写明为什么空着（gap_before）"),
    ),
    ("{name} has two values on {day}", _("%(name)s 在 %(day)s 有两个值")),
    ("{name} ends before it begins", _("%(name)s 还没开始就结束了，请看起止日期")),
    ("not a date: {text}", _("%(text)s 不是日期，请写成 2026-01-31 这样")),
    ("not a month: {text}", _("%(text)s 不是年月，请写成 2026-01 这样")),
    ("unknown key {key}", _("没有 %(key)s 这个栏目")),
    ("unknown unit {unit}", _("没有 %(unit)s 这个单位")),
    ("unknown type {type}", _("没有 %(type)s 这个类型")),
    ("unknown status {status}", _("没有 %(status)s 这个状态")),
    ("unknown code table {table}", _("没有 %(table)s 这张代码表")),
    ("unknown {what} {word}", _("不能写 %(word)s（%(what)s）")),
    ("code table {table} is already in {place}", _("代码表 %(table)s 已经写在 %(place)s 了")),
    ("fact {name} has no label", _("信息项 %(name)s 没有写名称（label）")),
    ("{name} can't be a name: letters, digits and _ only", _("%(name)s 不能做名字：只能用字母、数字和 _")),
    ("{name} is a word of the language", _("%(name)s 是规则语言自己的词，不能做名字")),
    ("{name} is already a {kind} ({place})", _("%(name)s 这个名字已经用在 %(place)s 了")),
    ("{what}: keys with values expected", _("%(what)s：这里要写“栏目: 内容”")),
    ("{what}: a list expected", _("%(what)s：这里要写一列，每项前面加“- ”")),
    ("no such folder", _("没有这个文件夹")),
    ("no rule reads the {kind} {name}", _("没有规则用到 %(name)s")),
    (
        "examples/questions.yaml: {question}: nothing is called {name}",
        _("算例“%(question)s”要用的 %(name)s 没有了：改名或删去它，要先改算例"),
    ),
    # YAML, and text that isn't read at all
    ("{key} stands twice", _("%(key)s 写了两次")),
    ("a key must be a word", _("冒号前面要是一个词")),
    ("{tag} isn't plain data", _("这里只能写普通的内容，不能写 %(tag)s")),
    ("did not find expected {what}", _("写法有误：这里应当有 %(what)s")),
    ("could not find expected {what}", _("写法有误：前面应当有 %(what)s")),
    ("mapping values are not allowed in this context", _("写法有误：这里不能有冒号，内容里有冒号请加引号")),
    ("block sequence entries are not allowed in this context", _("写法有误：这里不能用“- ”开头，请看缩进")),
    ("block mapping keys are not allowed in this context", _("写法有误：这里不能另起一个栏目，请看缩进")),
    ("found undefined alias", _("* 后面的名字前面没有用 & 写过")),
    (
        "found character that cannot start any token",
        _("写法有误：这个字符不能放在开头，请加引号；缩进要用空格"),
    ),
    ("found a tab character {rest}", _("缩进要用空格，不能用制表符")),
    ("found unexpected {what}", _("写法有误：没有写完就到了%(what)s")),
    ("found {what}", _("写法有误（%(what)s）")),
    ("while {what}", _("写法有误（%(what)s）")),
    (
        "the file has {size} bytes, at most {most} are read",
        _("这个文件有 %(size)s 字节，最多读 %(most)s 字节"),
    ),
    ("the character {code} can't stand here", _("这里有一个看不见的控制字符（%(code)s），请删去")),
    (
        "more than {most} entries in one file",
        _("一个文件里超过 %(most)s 项（用 * 重复的也算），没有再读下去"),
    ),
    ("the tag {tag} isn't read: plain data only", _("不读 %(tag)s 这样的标签，只读普通的内容")),
    ("*{anchor} stands for nothing that is complete here", _("*%(anchor)s 在这里还没有写完，不能引用自己")),
    ("one file holds one document: leave out the ---", _("一个文件里只能有一份内容，请删去 ---")),
    ("a text of more than {most} characters", _("一段文字超过 %(most)s 个字")),
    ("nested more than {most} deep", _("一层套一层，超过 %(most)s 层")),
    ("can't be read: {reason}", _("这些文字没有办法读（%(reason)s）")),
)
_TYPES: Final[dict[str, StrOrPromise]] = {
    "number": _("数"), "bool": _("条件"), "date": _("日期"), "month": _("年月"), "text": _("文字"),
    "list": _("清单"), "table": _("表"), "mixed": _("混在一起的值"), "schedule": _("按月的表"),
    "unknown": _("没有写明的值"),
}  # fmt: skip
_KINDS: Final = ("type", "wanted", "a", "b", "of", "by")  # holes that may hold a type
_TYPE: Final = re.compile(r"([a-z]+)(?:\[(.+)\])?")
_EXPRESSION: Final = re.compile(r" in “.*”|: “.*”", re.DOTALL)
_UNREADABLE: Final = re.compile(r"can't read “.*”: (.*)", re.DOTALL)


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], StrOrPromise], ...]:
    return tuple((_pattern(theirs), ours) for theirs, ours in _TABLE)


def _pattern(sentence: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", sentence)
    text = "".join(
        re.escape(part) if place % 2 == 0 else f"(?P<{part}>.+?)" for place, part in enumerate(parts)
    )
    return re.compile(f"{text}\\Z", re.DOTALL)


def known(message: str) -> bool:
    """Whether the sentence has its counterpart here."""
    return any(pattern.match(_bare(message)) for pattern, _ours in _patterns())


def said(message: str) -> str:
    """The complaint in the reader's language; one that nobody foresaw stays as it is."""
    bare = _bare(message)
    for pattern, ours in _patterns():
        found = pattern.match(bare)
        if found:
            holes = {
                name: _type(text) if name in _KINDS else text for name, text in found.groupdict().items()
            }
            return str(ours) % holes
    return message


def _bare(message: str) -> str:
    """Without the text of the expression."""
    unreadable = _UNREADABLE.fullmatch(message)
    if unreadable:
        return f"can't read: {unreadable[1]}"
    return _EXPRESSION.sub("", message)


def _type(text: str) -> str:
    """number[month] as 数（month）; what is no type, and English, stays as it is."""
    found = _TYPE.fullmatch(text)
    if found is None or found[1] not in _TYPES or not words.chinese():
        return text
    word = str(_TYPES[found[1]])
    return gettext("%(type)s（%(unit)s）") % {"type": word, "unit": found[2]} if found[2] else word
