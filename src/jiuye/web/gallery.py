"""The component gallery: every component in every state, with made-up people, places and figures.

It is the place to look at a change of style, and the page that the accessibility test reads.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from jiuye.foundation.access import public

Data = dict[str, Any]
FRAMES = ("phone", "desk", "lead", "audit")


@public
def gallery(request: HttpRequest) -> HttpResponse:
    """`?frame=phone|desk|lead|audit` chooses the frame, `?elder=1` the elder mode."""
    frame = request.GET.get("frame", "phone")
    if frame not in FRAMES:
        frame = "phone"
    context = {
        "frame": f"base/{frame}.html",
        "elder": request.GET.get("elder") == "1",
        "demonstration": True,
        "nav": [
            {"label": _("首页"), "url": "#", "current": False},
            {"label": _("我能享受的"), "url": "#", "current": True, "count": 2},
            {"label": _("我的办件"), "url": "#", "current": False, "count": 1},
            {"label": _("我的发放"), "url": "#", "current": False},
            {"label": _("我的档案"), "url": "#", "current": False},
        ],
        **_public(),
        **_work(),
        **_figures(),
    }
    return render(request, "gallery/index.html", context)


def _public() -> Data:
    reasons = [
        {
            "state": "met",
            "words": _("失业前缴费满一年"),
            "clause": "沪人社规〔2026〕18号 二（一）",
            "text": "失业前用人单位和本人已经缴纳失业保险费满一年的；",
            "inputs": [
                {
                    "label": _("还没用过的缴费月数"),
                    "value": _("84 个月"),
                    "source": _("社会保险登记，截至 2026年10月"),
                }
            ],
        },
        {
            "state": "not_met",
            "words": _("非因本人意愿中断就业"),
            "clause": "沪人社规〔2026〕18号 二（二）",
            "inputs": [
                {
                    "label": _("单位报的离职原因"),
                    "value": _("本人辞职"),
                    "source": _("单位申报，2026年11月3日"),
                }
            ],
            "remedy": _("如果不是您自己要走的，告诉我们实际情况，我们向单位核实。"),
            "children": [
                {"state": "not_met", "words": _("劳动合同到期终止")},
                {
                    "state": "unknown",
                    "words": _("被单位解除劳动合同"),
                    "remedy": _("交解除通知书，或者让我们去查劳动仲裁。"),
                },
            ],
        },
        {
            "state": "unknown",
            "words": _("已登记失业并有求职要求"),
            "clause": "沪人社规〔2026〕18号 二（三）",
            "remedy": _("登记可以和这次申领一起办，不用另跑。"),
        },
    ]
    months: list[Data] = [
        {
            "label": "2026年11月",
            "amount": 2340,
            "text": "2,340.00 元",
            "state": "paid",
            "word": _("已发放"),
            "note": _("前 12 个月的标准"),
        },
        {"label": "2026年12月", "amount": 2340, "text": "2,340.00 元", "state": "due", "word": _("待发放")},
        {"label": "2027年1月", "amount": 2340, "text": "2,340.00 元"},
        {
            "label": "2027年2月",
            "amount": 1872,
            "text": "1,872.00 元",
            "note": _("第 13 个月起，按规定降一档"),
        },
        {
            "label": "2027年3月",
            "amount": 1872,
            "text": "1,872.00 元",
            "state": "stopped",
            "word": _("已停发"),
        },
    ]
    return {
        "reasons": reasons,
        "months": months,
        "missing": [
            {"text": _("离职的原因还没有核实"), "url": "#", "action": _("告诉我们实际情况")},
            {"text": _("最早从 2026年12月起可以再申请")},
        ],
        "errors": [
            {"id": "f-account", "text": _("银行卡号少了 2 位，应是 19 位")},
            {"id": "f-leaving", "text": _("还没选离职的原因")},
        ],
        "separation": [
            {"value": "expiry", "label": _("合同到期，没有续签")},
            {
                "value": "dismissal",
                "label": _("单位让我走的"),
                "hint": _("包括裁员、协商解除由单位提出"),
            },
            {"value": "resignation", "label": _("我自己要走的")},
        ],
        "wishes": [
            {"value": "work", "label": _("找工作")},
            {"value": "training", "label": _("学技能")},
            {"value": "business", "label": _("自己创业")},
        ],
        "chosen": ["work", "training"],
        "districts": [
            {"value": "", "label": _("请选择")},
            {"value": "1", "label": _("东湖区")},
            {"value": "2", "label": _("西河区")},
        ],
        "life": [
            {
                "kind": "event",
                "title": _("登记失业"),
                "when": "2026年11月8日",
                "source": _("东湖街道受理窗口"),
            },
            {
                "kind": "spell",
                "state": "benefit",
                "title": _("领取失业保险金"),
                "when": "2026年11月",
                "now": True,
                "detail": _("每月 2,340.00 元，共 14 个月"),
            },
            {
                "kind": "spell",
                "title": _("示例食品有限公司"),
                "when": "2019年11月 – 2026年10月",
                "detail": _("劳动合同，缴费 84 个月"),
                "source": _("单位申报"),
            },
            {"kind": "spell", "state": "gap", "title": _("没有记录"), "when": "2019年3月 – 2019年10月"},
        ],
        "steps": [
            {"label": _("看看我的情况"), "url": "#", "state": "done"},
            {"label": _("补充几项"), "state": "current"},
            {"label": _("核对"), "state": "todo"},
            {"label": _("提交"), "state": "todo"},
        ],
        "answers": [
            {"label": _("姓名"), "value": "示例一", "source": _("来自您的登记信息")},
            {
                "label": _("离职的原因"),
                "value": _("合同到期，没有续签"),
                "source": _("单位申报，2026年11月3日"),
                "url": "#",
            },
            {
                "label": _("收款银行卡"),
                "value": "6222 **** **** 0017",
                "source": _("您填的"),
                "url": "#",
                "error": _("银行说这张卡已销户，请换一张"),
            },
        ],
    }


def _work() -> Data:
    def row(number: str, name: str, item: str, state: str, word: str, due: str, days: int, late: str) -> Data:
        return {
            "url": f"#{number}",
            "current": number.endswith("124"),
            "cells": [
                {"text": name, "sub": number},
                {"text": item},
                {"text": word, "state": state},
                {"text": due, "state": late},
                {"text": str(days), "number": True},
            ],
        }

    return {
        "columns": [
            {"label": _("当事人")},
            {"label": _("事项"), "sort_url": "?sort=item"},
            {"label": _("卡在哪里")},
            {"label": _("最晚"), "sort_url": "?sort=-due", "sorted": "ascending"},
            {"label": _("还剩工作日"), "number": True},
        ],
        "rows": [
            row(
                "UB-2026-0000123",
                "示例一",
                _("失业保险金"),
                "attention",
                _("离职原因两边说法不同"),
                "11月24日",
                -1,
                "stop",
            ),
            row(
                "UB-2026-0000124",
                "示例二",
                _("失业保险金"),
                "unknown",
                _("等本人答复"),
                "11月25日",
                0,
                "attention",
            ),
            row(
                "UR-2026-0000125",
                "买买提·艾力",
                _("失业登记"),
                "waiting",
                _("等区里批准"),
                "11月27日",
                2,
                "waiting",
            ),
            row(
                "UB-2026-0000126",
                "示例四",
                _("失业保险金"),
                "good",
                _("可以决定"),
                "11月30日",
                3,
                "waiting",
            ),
        ],
        "person_facts": [_("女，46 岁"), _("东湖区 湖滨街道"), _("户籍：本市")],
        "whys": [
            {"value": "identity", "label": _("当面核对身份")},
            {"value": "bank", "label": _("核对银行卡户名")},
        ],
        "lines": [
            {"label": _("决定"), "value": _("同意发放失业保险金")},
            {"label": _("月数"), "value": _("14 个月"), "before": _("12 个月"), "changed": True},
            {"label": _("每月"), "value": "2,340.00 元", "before": "2,340.00 元"},
        ],
        "statements": [
            {
                "label": _("离职的原因"),
                "left": _("本人辞职"),
                "left_source": _("单位申报，2026年11月3日"),
                "right": _("单位让我走的"),
                "right_source": _("本人申请，2026年11月9日"),
                "differs": True,
            },
            {"label": _("最后工作日"), "left": "2026年10月31日", "right": "2026年10月31日"},
        ],
    }


def _figures() -> Data:
    names = [
        "东湖",
        "西河",
        "南山",
        "北苑",
        "临江",
        "青石",
        "云桥",
        "白塔",
        "新港",
        "古城",
        "柳林",
        "星海",
        "长亭",
        "望川",
        "梅园",
        "丰泽",
    ]
    places = [(1, 0), (2, 0), (3, 0), (0, 1), (1, 1), (2, 1), (3, 1), (4, 1), (0, 2), (1, 2), (2, 2)]
    places += [(3, 2), (4, 2), (1, 3), (2, 3), (3, 3)]
    counts = [412, 96, 233, 518, 871, 640, 302, 77, 154, 1204, 733, 289, 0, 365, 481, 128]
    cuts = [1, 120, 300, 500, 800]
    areas: list[Data] = []
    for index, (name, (column, line), count) in enumerate(zip(names, places, counts, strict=True)):
        x, y = column * 20 + (0 if line % 2 else -4), line * 20
        level = sum(count >= cut for cut in cuts)
        areas.append(
            {
                "code": str(index + 1),
                "name": name + "区",
                "short": name,
                "path": f"M{x + 6} {y}h8l6 6v8l-6 6h-8l-6-6v-8z",
                "x": x + 10,
                "y": y + 10,
                "url": f"#{index + 1}",
                "value": count,
                "text": f"{count:,} 件" if count else _("人数太少，不显示"),
                "level_class": f"level-{level}",
            }
        )
    ranking = sorted(areas, key=lambda area: -int(area["value"]))[:6]
    return {
        "areas": areas,
        "legend": [
            {"level_class": "level-0", "text": _("不显示")},
            {"level_class": "level-1", "text": "1–119"},
            {"level_class": "level-2", "text": "120–299"},
            {"level_class": "level-3", "text": "300–499"},
            {"level_class": "level-4", "text": "500–799"},
            {"level_class": "level-5", "text": _("800 以上")},
        ],
        "ranking": [{**area, "label": area["name"]} for area in ranking],
    }
