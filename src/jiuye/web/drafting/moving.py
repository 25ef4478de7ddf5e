"""A proposal whose base is no longer in force is brought onto the law that is."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from jiuye.drafting import actions, queries, texts
from jiuye.drafting.texts import Move
from jiuye.foundation.errors import Conflict, UserError
from jiuye.web.access import ActingRequest
from jiuye.web.drafting import frame
from jiuye.web.drafting.frame import OFFICER, show
from jiuye.web.present import law_listing

HOWS = ("conflict", "kept", "same")


@never_cache
@OFFICER
def onto(request: ActingRequest, proposal_id: UUID) -> HttpResponse:
    """GET: which files go by themselves, and what both sides wrote. POST: the texts decided on."""
    found = queries.draft(proposal_id)
    if not found.outdated or not found.open:
        return redirect("drafting:proposal", proposal_id)
    version = texts.present()
    moves = texts.moves(found.base, texts.base_texts(version), found.changed)
    # what was typed is kept by the number of its file: a path is no name of a field
    typed = {
        move.path: texts.plain(request.POST[f"text-{number}"])
        for number, move in enumerate(moves)
        if f"text-{number}" in request.POST
    }
    errors: list[dict[str, str]] = []
    if request.method == "POST":
        decided = {
            path: text for path, text in typed.items() if request.POST.get(f"decided-{_number(moves, path)}")
        }
        try:
            actions.rebase_proposal(
                request.actor, proposal_id=proposal_id, onto=request.POST.get("onto", ""), resolved=decided
            )
        except UserError as error:
            errors = [
                {"id": f"f-decided-{_number(moves, one.field)}" if one.field else "", "text": str(one)}
                for one in getattr(error, "errors", [error])
            ]
        except Conflict as stopped:
            errors = [{"id": "", "text": str(stopped)}]
        else:
            messages.success(request, _("修订稿已移到现行规则上，请再检查、再跑一遍"))
            return redirect("drafting:proposal", proposal_id)
    context = {
        "proposal": found.proposal,
        "back": reverse("drafting:proposal", args=[proposal_id]),
        "onto": version,
        "before": found.proposal.base_id[:12],
        "after": version[:12],
        "conflicts": [
            _conflict(move, number, typed.get(move.path), request.POST.get(f"decided-{number}", ""))
            for number, move in enumerate(moves)
            if move.how == "conflict"
        ],
        "kept": [move.path for move in moves if move.how == "kept"],
        "same": [move.path for move in moves if move.how == "same"],
        "titles": frame.titles(found),
        "errors": errors,
    }
    return show(request, "onto.html", context, status=422 if errors else 200)


def _number(moves: list[Move], path: str | None) -> int:
    return next((number for number, move in enumerate(moves) if move.path == path), -1)


def _conflict(move: Move, number: int, typed: str | None, decided: str) -> dict[str, object]:
    theirs = texts.hunks(move.base or "", move.present or "")
    mine = texts.hunks(move.base or "", move.mine)
    return {
        "path": move.path,
        "number": number,
        "theirs": law_listing.difference(theirs),
        "theirs_counted": law_listing.counted(theirs),
        "mine": law_listing.difference(mine),
        "mine_counted": law_listing.counted(mine),
        "present": move.present or "",
        "text": move.mine if typed is None else typed,
        "decided": decided,
    }
