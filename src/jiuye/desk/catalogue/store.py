"""Which items are in force: the published versions of the database, cached until their revision changes.

The revision comes along with the statement that tells who acts, so nothing is asked twice and every process
notices a publication with its next request. Without anybody acting (commands, tests), or with nothing
installed yet, the shipped files are in force. A version is never changed, so it is read once.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import structlog

from jiuye.desk import city
from jiuye.desk.catalogue.item import Item
from jiuye.desk.catalogue.reading import item_of, version_of
from jiuye.foundation import session

if TYPE_CHECKING:
    from jiuye.desk.catalogue import Catalogue

log = structlog.get_logger(__name__)
ALONG: Final = "catalogue"
REVISION: Final = "SELECT token FROM desk_cataloguerevision"
REMEMBERED: Final = 4096  # texts of items


def current(shipped: Catalogue) -> Catalogue:
    """The items in force; bundles and life events are those of the shipped files."""
    token = session.along(ALONG)
    return _published(token, shipped.key) if token else shipped


def version(code: str, wanted: str, shipped: Catalogue) -> Item | None:
    """An item as it was published once; None for a text that isn't kept."""
    now = shipped.items.get(code)
    if now is not None and now.version == wanted:
        return now
    if session.along(ALONG) is None:
        return None
    text = _text(code, wanted)
    return parsed(code, text) if text is not None else None


def last(code: str) -> Item | None:
    """The item as it was when it was taken out; None for what the city never had."""
    token = session.along(ALONG)
    return _retired(token).get(code) if token else None


@lru_cache(maxsize=4)
def _retired(_token: str) -> dict[str, Item]:
    """Items that were published once and aren't any more, by code."""
    from jiuye.desk.models import ItemVersion, VersionState

    now = ItemVersion.objects.filter(state=VersionState.PUBLISHED).values("code")
    rows = ItemVersion.objects.filter(state=VersionState.RETIRED).exclude(code__in=now).order_by("retired_at")
    found = {code: parsed(code, text) for code, text in rows.values_list("code", "text")}
    return {code: item for code, item in found.items() if item is not None}


@lru_cache(maxsize=REMEMBERED)
def parsed(code: str, text: str) -> Item | None:
    """The item of a published text; None when this release can't read it any more."""
    found, problems = item_of(text, code)
    if found is None:
        log.error("catalogue_text_unreadable", item=code, version=version_of(text), line=problems[0].line)
    return found


@lru_cache(maxsize=REMEMBERED)
def _kept(code: str, wanted: str) -> str:
    """LookupError for a text that isn't kept, so that a lack is never remembered."""
    from jiuye.desk.models import ItemVersion
    from jiuye.desk.models.catalogue import KEPT

    rows = ItemVersion.objects.filter(code=code, version=wanted, state__in=KEPT)
    text = rows.values_list("text", flat=True).first()
    if text is None:
        raise LookupError(f"{code} {wanted}")
    return text


def _text(code: str, wanted: str) -> str | None:
    try:
        return _kept(code, wanted)
    except LookupError:
        return None


@lru_cache(maxsize=4)
def _published(token: str, _shipped: tuple[str, ...]) -> Catalogue:
    """The catalogue of a revision. What doesn't fit the law of this release is left as it was shipped."""
    from jiuye.desk.catalogue import shipped as shipped_catalogue
    from jiuye.desk.models import ItemVersion, VersionState
    from jiuye.desk.models.catalogue import KEPT

    shipped, law = shipped_catalogue(), city.law()
    rows = ItemVersion.objects.filter(state=VersionState.PUBLISHED).order_by("code")
    known = set(ItemVersion.objects.filter(state__in=KEPT).values_list("code", flat=True))
    # what came with a release and isn't installed yet is in force as it came
    items = {code: item for code, item in shipped.items.items() if code not in known}
    for code, text in rows.values_list("code", "text"):
        found = parsed(code, text)
        if found is not None:
            items[code] = found
    items = dict(sorted(items.items()))
    whole = replace(shipped, items=items)
    for code, one in list(items.items()):
        if problems := list(whole.problems_of(one, law)):
            log.error("catalogue_item_unfit", item=code, version=one.version, problem=problems[0])
            del items[code]
            if code in shipped.items:
                items[code] = shipped.items[code]
    bundles = {}
    for code, one_bundle in shipped.bundles.items():
        inside = tuple(items[item.code] for item in one_bundle.items if item.code in items)
        if inside:
            bundles[code] = replace(one_bundle, items=inside)
    return replace(shipped, items=items, bundles=bundles)
