"""Nightly integrity of the ground floor, one small class each. Findings are logged, nothing is changed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, Final

import structlog
from django.db import connection

from jiuye.foundation import clock, keyring, rotation
from jiuye.foundation.models import OutboxDelivery

log = structlog.get_logger(__name__)
MOST: Final = 200  # findings of one kind that are listed


@dataclass(frozen=True)
class Finding:
    """`check` names the class, `about` the row or table, `text` says it to staff."""

    check: str
    about: str
    text: str


class Check(ABC):
    """One thing that must not be. `find` reads only."""

    name: ClassVar[str]

    @abstractmethod
    def find(self) -> Iterable[Finding]: ...


class Undelivered(Check):
    """An event that a handler gave up on, or that waits for longer than any retry."""

    name = "undelivered"
    patience = timedelta(hours=12)

    def find(self) -> Iterable[Finding]:
        open_ones = OutboxDelivery.objects.exclude(state=OutboxDelivery.State.DONE)
        found = open_ones.filter(state=OutboxDelivery.State.FAILED) | open_ones.filter(
            event__at__lt=clock.now() - self.patience
        )
        for delivery in found.select_related("event").order_by("event__at")[:MOST]:
            text = f"{delivery.event.kind} 未送达 {delivery.handler}：{delivery.last_error[:200]}"
            yield Finding(self.name, str(delivery.pk), text)


class NoKey(Check):
    """Sealed values whose key is not in the ring: they can't be opened."""

    name = "no_key"

    def find(self) -> Iterable[Finding]:
        known = set(keyring.default().versions)
        for column in rotation.columns():
            for version, values in rotation.counts(column).items():
                if version not in known:
                    text = f"{column.label} 有 {values} 个值由密钥版本 {version} 加密，密钥环中没有该版本"
                    yield Finding(self.name, column.label, text)


class Unprotected(Check):
    """A table about people without row-level security, or neither with history nor frozen for good."""

    name = "unprotected"
    sql = """
        SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity,
               EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgenabled <> 'D'
                       AND (t.tgname = 'keep_history' OR t.tgname = 'keep_frozen' AND t.tgnargs = 0))
          FROM pg_class c
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
           AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND NOT a.attisdropped
                       AND a.attname IN ('person_id', 'document_number'))
         ORDER BY 1"""

    def find(self) -> Iterable[Finding]:
        with connection.cursor() as cursor:
            cursor.execute(self.sql)
            for table, secured, tracked in cursor.fetchall():
                if not secured:
                    yield Finding(self.name, table, f"{table} 没有行级权限")
                if not tracked:
                    yield Finding(self.name, table, f"{table} 没有变更记录")


CHECKS: Final[tuple[type[Check], ...]] = (Undelivered, NoKey, Unprotected)


def run() -> dict[str, list[Finding]]:
    """Every check, within a scope that sees everything."""
    found = {check.name: list(check().find()) for check in CHECKS}
    for name, findings in found.items():
        if findings:
            log.warning(
                "check_found", check=f"foundation.{name}", count=len(findings), first=findings[0].text
            )
    return found
