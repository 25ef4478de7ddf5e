"""What an item still lacks before it may be published: the national elements, each by name.

Sources: GB/T 39554.1-2020; 国务院关于在线政务服务的若干规定 7条 (what authorities share isn't asked for);
国务院办公厅《政务服务事项实施清单》要素.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jiuye.desk.catalogue.item import Item, Words
from jiuye.policy import Law

REGISTER = "register"


@dataclass(frozen=True)
class Element:
    """A national element. `key`: of the entry's text."""

    key: str
    zh: str
    en: str

    @property
    def words(self) -> Words:
        return {"zh": self.zh, "en": self.en}


ELEMENTS = (
    Element("codes", "事项编码（基本编码、实施编码）", "Item codes (basic and implementation code)"),
    Element("title", "事项名称", "Name"),
    Element("plain", "通俗说明", "Plain description"),
    Element("basis", "设定依据", "Legal basis"),
    Element("applicant", "服务对象", "Who it is for"),
    Element("handling", "办件类型（即办件、承诺件）", "Kind of handling (at once, promised)"),
    Element("accepts", "受理层级", "Level that accepts"),
    Element("decides", "行使层级", "Level that decides"),
    Element("conditions", "受理条件", "Conditions"),
    Element("materials", "申请材料", "Documents"),
    Element("flow", "办理流程", "Procedure"),
    Element("statutory_days", "法定办结时限", "Statutory time limit"),
    Element("promised_days", "承诺办结时限", "Promised time limit"),
    Element("visits", "到现场次数", "Number of visits"),
    Element("fee", "收费", "Fee"),
    Element("result", "办理结果", "Result"),
    Element("advice", "咨询方式", "Where to ask"),
    Element("supervision", "监督投诉方式", "Where to complain"),
    Element("faq", "常见问题", "Frequent questions"),
    Element("checks", "审查要点", "Review points"),
    Element("owner", "责任部门", "Owner"),
    Element("review_by", "复核日期", "Review date"),
)


def missing(item: Item) -> list[Element]:
    """The elements that the entry doesn't have, in the order of the list."""
    return [element for element in ELEMENTS if not _has(item, element.key)]


def unassigned(item: Item) -> list[str]:
    """Codes that the entry names and that nobody has assigned, or that weren't seen yet: no obstacle."""
    return [name for name, value in item.codes.items() if value is None]


def _has(item: Item, key: str) -> bool:
    match key:
        case "codes":
            return {"basic", "implementation"} <= set(item.codes)
        case "conditions":
            return item.rule is not None or bool(item.conditions)
        case "checks":  # conditions of a rule are the review points of its item, one for one
            return item.rule is not None or bool(item.checks)
        case "flow":
            steps = {step.step for step in item.flow}
            return "accept" in steps and bool(steps & {"decide", "deliver"})
        case "materials" | "fee" | "visits" | "applicant" | "handling":
            return key in item.given  # "none" and 0 are said, not left out
        case "plain":
            return key in item.given and bool(item.plain)
    return bool(getattr(item, key))


def needless(item: Item, law: Law) -> Iterator[str]:
    """Documents that one would have to bring although registers supply all that they prove (A11-06)."""
    for material in item.to_bring:
        facts = [law.facts[name] for name in material.proves if name in law.facts]
        if facts and all(fact.supplier == REGISTER for fact in facts):
            yield material.name["zh"]
