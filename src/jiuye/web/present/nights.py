"""The nights of policy finding people, in words and as charts; for the street, the district and the lead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from jiuye.desk.models import OutreachRun
from jiuye.desk.outreach import words as said
from jiuye.desk.queries.nights import Night, NightLine
from jiuye.foundation.errors import NotFound
from jiuye.web import words
from jiuye.web.present import law

Data = dict[str, Any]


def _what(failure: dict[str, str]) -> str:
    """The fact that couldn't be read, or the benefit for which the law couldn't be asked."""
    return law.label(failure["fact"]) if "fact" in failure else words.pick(said.title(failure["benefit"]))


def day(text: str) -> date:
    """NotFound for what is no date."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise NotFound from error


def listed(nights: list[Night], url: Callable[[date], str]) -> Data:
    """Context for outreach/nights.html. `url`: of one night, by its date."""
    rows = [
        {
            "url": url(night.run.on),
            "cells": [
                {"text": words.day(night.run.on)},
                {"text": f"{night.told:,}", "number": True},
                {"text": f"{night.ending:,}", "number": True},
                {"text": f"{night.unclaimed:,}", "number": True},
                {"text": f"{night.applied:,}", "number": True},
                _state(night.run),
            ],
        }
        for night in nights
    ]
    return {
        "columns": [
            {"label": _("哪天夜里")},
            {"label": _("告诉了"), "number": True},
            {"label": _("快到期的"), "number": True},
            {"label": _("请街镇联系的"), "number": True},
            {"label": _("后来办了"), "number": True},
            {"label": _("做完了吗")},
        ],
        "rows": rows,
        "chart": [
            {
                "label": words.short_day(night.run.on),
                "value": night.told,
                "text": f"{night.told:,}",
                "url": url(night.run.on),
                "note": _share(night.applied, night.told),
            }
            for night in nights
            if night.told
        ],
    }


def _state(run: OutreachRun) -> Data:
    if run.finished_at is None:
        return {"text": _("没有做完"), "state": "attention"}
    if run.failures:
        return {"text": _("%(n)s 个没有比对成") % {"n": len(run.failures)}, "state": "attention"}
    return {"text": _("做完了"), "state": "good"}


def _share(part: int, whole: int) -> str:
    return _("其中 %(part)s 办了（%(share)s%%）") % {"part": f"{part:,}", "share": round(100 * part / whole)}


def one(run: OutreachRun, lines: list[NightLine]) -> Data:
    """Context for outreach/night.html."""
    names = {
        "told": _("告诉了"),
        "message": _("发消息"),
        "prepared": _("备好或直接办"),
        "task": _("请街镇联系"),
        "applied": _("后来办了"),
        "later": _("街镇排不下，往后"),
        "instead": _("另一项更好"),
        "opted_out": _("不想被找"),
        "failed": _("没有比对成"),
    }
    shown = [name for name in names if any(getattr(line, name) is not None for line in lines)]
    return {
        "lead": _("比对了 %(n)s 人、%(m)s 个单位，规则版本 %(version)s。")
        % {"n": f"{run.looked_at:,}", "m": f"{run.employers_looked_at:,}", "version": run.law_version[:12]},
        "heads": [names[name] for name in shown],
        "rows": [
            {
                "title": words.pick(said.title(line.benefit)),
                "cells": [f"{getattr(line, name) or 0:,}" for name in shown],
            }
            for line in lines
        ],
        "chart": [
            {
                "label": words.pick(said.title(line.benefit)),
                "value": line.told,
                "text": f"{line.told:,}",
                "note": _share(line.applied, line.told),
            }
            for line in lines
            if line.told
        ],
        "left_out": [words.pick(said.title(code)) for code in run.left_out],
        "failures": [
            _("%(what)s：%(n)s 个") % {"what": what, "n": n}
            for what, n in Counter(_what(one) for one in run.failures).items()
        ],
        "unfinished": run.finished_at is None,
    }
