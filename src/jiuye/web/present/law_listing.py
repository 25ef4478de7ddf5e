"""A text of the law on a page: numbered lines with what is wrong marked at the word, and differences."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from jiuye.drafting.texts import Line
from jiuye.policy.places import Place
from jiuye.web.present import law_problems

Data = dict[str, Any]


def anchor(place: Place) -> str:
    """Where the word is, as the id of its mark: the script reads line, column and width from it."""
    return f"L{place.line}C{place.column}W{place.width}"


def problem(place: Place, file: str, url: str = "") -> Data:
    """`url`: of the page of another file."""
    here = place.file == file
    said = law_problems.said(place.message)
    return {
        "here": here,
        "file": place.file,
        "line": place.line,
        "column": place.column,
        "said": said,
        "id": anchor(place) if here else "",
        "url": f"#{anchor(place)}" if here else f"{url}#{anchor(place)}" if url else "",
        "text": where(place, said, here),
    }


def where(place: Place, said: str, here: bool) -> str:
    if not place.file:
        return said
    if here:
        return _("第 %(line)s 行第 %(column)s 字：%(said)s") % {
            "line": place.line, "column": place.column, "said": said,
        }  # fmt: skip
    return _("%(file)s 第 %(line)s 行第 %(column)s 字：%(said)s") % {
        "file": place.file, "line": place.line, "column": place.column, "said": said,
    }  # fmt: skip


def lines(text: str, problems: Iterable[Place]) -> list[Data]:
    """Every line: `parts` [{text, id?}] (a part with an id is marked), `said`: what is wrong with it."""
    by_line: dict[int, list[Place]] = {}
    for place in problems:
        by_line.setdefault(place.line, []).append(place)
    out = []
    for number, line in enumerate(text.removesuffix("\n").split("\n"), 1):
        places = sorted(by_line.get(number, ()), key=lambda one: one.column)
        said = [law_problems.said(one.message) for one in places]
        out.append({"number": number, "parts": _parts(line, places), "said": list(dict.fromkeys(said))})
    return out


def _parts(line: str, places: list[Place]) -> list[Data]:
    parts: list[Data] = []
    at = 0
    for place in places:
        first = place.column - 1
        if first < at:  # two complaints about the same word: one mark
            continue
        last = min(first + place.width, len(line)) if first < len(line) else first
        if first > at:
            parts.append({"text": line[at:first], "id": ""})
        parts.append({"text": line[first:last] or " ", "id": anchor(place)})
        at = last
    if line[at:] or not parts:
        parts.append({"text": line[at:], "id": ""})
    return parts


def difference(hunks: list[list[Line]]) -> list[list[Data]]:
    """Pieces of a difference; each line says in words whether it came or went."""
    said = {"added": _("新增："), "removed": _("删去："), "same": ""}
    signs = {"added": "+", "removed": "−", "same": ""}
    return [
        [
            {
                "kind": line.kind,
                "sign": signs[line.kind],
                "word": said[line.kind],
                "before": line.before or "",
                "after": line.after or "",
                "text": line.text or " ",
            }
            for line in hunk
        ]
        for hunk in hunks
    ]


def counted(hunks: list[list[Line]]) -> str:
    """新增 3 行，删去 1 行."""
    every = [line.kind for hunk in hunks for line in hunk]
    return _("新增 %(added)s 行，删去 %(removed)s 行") % {
        "added": every.count("added"), "removed": every.count("removed"),
    }  # fmt: skip
