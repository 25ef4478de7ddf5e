"""Who may take which step of an item: its levels as the catalogue names them, and the roles that work there.

Sources: 国务院关于在线政务服务的若干规定 (行使层级); 前台综合受理、后台分类处理.
"""

from __future__ import annotations

from typing import Final

from jiuye.desk.catalogue.item import LEVELS, Item
from jiuye.foundation.roles import CASE_STAFF, Role, describe

ACCEPT, CHECK, DECIDE = "accept", "check", "decide"
ACTS = (ACCEPT, CHECK, DECIDE)
#: Who does what at their level: an approver signs and doesn't look into what they will sign.
DOES: Final = {
    ACCEPT: frozenset({Role.STREET_CLERK, Role.DISTRICT_CASEWORKER}),
    CHECK: frozenset({Role.STREET_CLERK, Role.DISTRICT_CASEWORKER}),
    DECIDE: frozenset(CASE_STAFF),
}


def roles_at(level: str) -> frozenset[Role]:
    """Staff who work on files of that level: its own, else those of the nearest level that has any."""
    wanted = LEVELS.index(level)
    distance = {role: abs(LEVELS.index(describe(role).level) - wanted) for role in CASE_STAFF}
    nearest = min(distance.values())
    return frozenset(role for role, far in distance.items() if far == nearest)


def levels_of(item: Item, act: str) -> frozenset[str]:
    """Levels where this is done. What a rule decides takes two signatures, which a counter doesn't have."""
    named = {step.level for step in item.flow if step.step == act}
    if act == ACCEPT:
        return frozenset({item.accepts, *named})
    if act == CHECK:
        return frozenset({item.accepts, item.decides, *named} | ({"district"} if item.rule else set()))
    if item.rule and item.decides in ("community", "street"):
        return frozenset({"district"})
    return frozenset({item.decides})


def roles_for(item: Item, act: str) -> frozenset[Role]:
    """Roles that may accept, check or decide this item."""
    return frozenset(role for level in levels_of(item, act) for role in roles_at(level) & DOES[act])


def may(item: Item, role: Role, act: str) -> bool:
    return role in roles_for(item, act)
