"""What pages read of proposals. Wrong scope and unknown are the same: NotFound."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Count

from jiuye.desk import city
from jiuye.drafting import texts
from jiuye.drafting.models import Proposal, ProposalFile, ProposalState, Trial, TrialKind, TrialState
from jiuye.foundation.errors import Forbidden, NotFound
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor

MAY_SEE = {Role.LEGAL_OFFICER, Role.AUDITOR, Role.SYSTEM}
PAGE = 50


@dataclass(frozen=True)
class Draft:
    """A proposal with its texts. `base`: every file of the law it starts from."""

    proposal: Proposal
    files: Mapping[str, ProposalFile]
    base: Mapping[str, str]

    @property
    def changed(self) -> dict[str, str]:
        """Path -> text of what is really written differently."""
        return {path: row.text for path, row in self.files.items() if self.base.get(path) != row.text}

    @property
    def key(self) -> str:
        return texts.key(self.proposal.base_id, self.changed)

    @property
    def open(self) -> bool:
        """Whether its texts may still change."""
        return self.proposal.state == ProposalState.DRAFT

    @property
    def outdated(self) -> bool:
        """The law in force is another one by now."""
        return self.proposal.base_id != city.law().version

    def text(self, path: str) -> str:
        """Of the proposal, else of its base. NotFound for what is no file of the law and can't become one."""
        if path in self.files:
            return self.files[path].text
        if not texts.editable(path, self.base):
            raise NotFound
        return self.base.get(path, "")

    def edition(self, path: str) -> int:
        return self.files[path].edition if path in self.files else 0

    def paths(self) -> list[str]:
        """Every file that can be edited, the new ones among them."""
        known = {path for path in self.base if texts.editable(path, self.base)} | set(self.files)
        return sorted(known, key=lambda path: (path.count("/") == 0, path))


def proposals(actor: Actor) -> Paginator[Any]:
    """Those of the actor's city, last changed first, each with `file_count`; a page costs two queries."""
    if actor.role not in MAY_SEE:
        raise Forbidden
    rows = Proposal.objects.select_related("author").annotate(file_count=Count("files"))
    return Paginator(rows.order_by("-changed_at", "-pk"), PAGE)


def draft(proposal_id: UUID) -> Draft:
    """NotFound when there is none, or not within one's scope."""
    row = (
        Proposal.objects.select_related("author", "prepared_by", "approved_by").filter(pk=proposal_id).first()
    )
    if row is None:
        raise NotFound
    return of(row)


def of(proposal: Proposal) -> Draft:
    files = {row.path: row for row in proposal.files.select_related("changed_by")}
    return Draft(proposal, files, texts.base_texts(proposal.base_id))


def trials(found: Draft) -> dict[str, Trial]:
    """By kind: of the text as it stands."""
    return {row.kind: row for row in Trial.objects.filter(proposal=found.proposal, key=found.key)}


def earlier(found: Draft) -> dict[str, Trial]:
    """By kind: the last one of another text, so that nobody takes it for the present one."""
    rows = Trial.objects.filter(proposal=found.proposal).exclude(key=found.key).order_by("asked_at")
    return {row.kind: row for row in rows if row.over}


def tried(found: Draft) -> bool:
    """Examples and city were run with exactly this text, to their end: one that failed showed nothing."""
    rows = trials(found)
    return all(kind in rows and rows[kind].state == TrialState.DONE for kind in TrialKind.values)
