"""Every write about proposals. Nothing here changes the law in force."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.utils.translation import gettext as _

from jiuye.drafting import queries, sandbox, texts
from jiuye.drafting.models import Proposal, ProposalFile, ProposalState, Trial, TrialKind, TrialState
from jiuye.drafting.queries import Draft
from jiuye.foundation import clock, two_person
from jiuye.foundation.action import action
from jiuye.foundation.errors import Conflict, Forbidden, NotFound, UserError, UserErrors
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor

KIND = "law_proposal"
OFFICER = {Role.LEGAL_OFFICER}
LONGEST_TITLE, LONGEST_REASON = 200, 5000


class Overtaken(Conflict):
    """Somebody saved the same file meanwhile: nothing was overwritten. `theirs` is what stands there now."""

    def __init__(self, theirs: str, edition: int, who: str) -> None:
        self.theirs, self.edition, self.who = theirs, edition, who
        super().__init__(_("您打开这个文件以后，它在别处被改过"))


@action("drafting.open_proposal", roles=OFFICER)
def open_proposal(actor: Actor, *, title: str, reason: str) -> Proposal:
    """Begin with the law in force as the base; that text is archived with it."""
    title, reason = _described(title, reason)
    if actor.user_id is None:
        raise Forbidden
    now = clock.now()
    proposal = Proposal.objects.create(
        unit_code=actor.prefix, title=title, reason=reason, author_id=actor.user_id, base_id=texts.present(),
        created_at=now, changed_at=now,
    )  # fmt: skip
    two_person.take_duty(actor, KIND, "prepare", proposal.pk)
    return proposal


@action("drafting.describe_proposal", roles=OFFICER)
def describe_proposal(actor: Actor, *, proposal_id: UUID, title: str, reason: str, edition: int) -> Proposal:
    """Other words for what it is about and why. Conflict when somebody else changed them meanwhile."""
    title, reason = _described(title, reason)
    proposal = _open(proposal_id).proposal
    if (proposal.title, proposal.reason) == (title, reason):
        return proposal
    if proposal.edition != edition:
        raise Conflict(_("标题或理由在别处被改过，请先看看现在的内容"))
    proposal.title, proposal.reason, proposal.edition = title, reason, edition + 1
    _touch(actor, proposal)
    return proposal


@action("drafting.save_text", roles=OFFICER)
def save_text(actor: Actor, *, proposal_id: UUID, path: str, text: str, edition: int) -> int:
    """Keep another text of one file; the edition it has now. A text with mistakes is kept, too.

    `edition` is the one that was opened (0: the law's own). Raises Overtaken when it is no longer that one.
    """
    found = _open(proposal_id)
    if not texts.editable(path, found.base) and path not in found.files:
        raise NotFound
    text = texts.plain(text)
    _within_limits(found, path, text)
    return _write(actor, found, path, text, edition)


@action("drafting.drop_text", roles=OFFICER)
def drop_text(actor: Actor, *, proposal_id: UUID, path: str, edition: int) -> None:
    """Back to the text of the base."""
    found = _open(proposal_id)
    row = found.files.get(path)
    if row is None:
        return
    if row.edition != edition:
        raise Overtaken(row.text, row.edition, row.changed_by.display_name)
    row.delete()
    _touch(actor, found.proposal)


@action("drafting.rebase_proposal", roles=OFFICER)
def rebase_proposal(actor: Actor, *, proposal_id: UUID, onto: str, resolved: Mapping[str, str]) -> Proposal:
    """Start from the law in force instead. Files that both changed take the text in `resolved`.

    Raises UserErrors naming the files that are not resolved, Conflict when `onto` isn't in force any more.
    """
    found = _open(proposal_id)
    if texts.present() != onto:
        raise Conflict(_("现行规则刚刚又变了，请重新核对"))
    missing = []
    for move in texts.moves(found.base, texts.base_texts(onto), found.changed):
        row = found.files[move.path]
        if move.how == "same":
            row.delete()
        elif move.how == "conflict":
            if move.path not in resolved:
                missing.append(UserError(_("%s 两边都改过，请决定用哪些文字") % move.path, field=move.path))
                continue
            text = texts.plain(resolved[move.path])
            _within_limits(found, move.path, text)
            _write(actor, found, move.path, text, row.edition)
    if missing:
        raise UserErrors(missing)
    found.proposal.base_id = onto
    _touch(actor, found.proposal)
    return found.proposal


@action("drafting.ask_trial", roles=OFFICER)
def ask_trial(actor: Actor, *, proposal_id: UUID, kind: str) -> Trial:
    """Run the examples or the city with the text as it stands; asked again, the one under way unless lost.

    UserErrors when the text has mistakes: then there is nothing to run.
    """
    if kind not in TrialKind.values or actor.user_id is None:
        raise NotFound
    found = _open(proposal_id)
    if not found.changed:
        raise UserError(_("还没有改动任何文字"), code="nothing")
    now = queries.trials(found).get(kind)
    if now is not None and not now.over and not now.lost:
        return now
    _right(found)
    fresh = {
        "state": TrialState.WAITING, "asked_by_id": actor.user_id, "asked_at": clock.now(), "attempts": 0,
        "started_at": None, "finished_at": None, "step": "", "done": 0, "total": 0, "problem": "",
        "details": "", "result": {},
    }  # fmt: skip
    trial, _new = Trial.objects.update_or_create(
        proposal=found.proposal, kind=kind, key=found.key, defaults=fresh
    )
    from jiuye.drafting.tasks import try_out

    try_out.defer(trial_id=str(trial.pk))
    return trial


@action("drafting.submit_proposal", roles=OFFICER)
def submit_proposal(actor: Actor, *, proposal_id: UUID) -> Proposal:
    """Hand it to a second person. It must be without mistakes, and tried with exactly this text."""
    found = _open(proposal_id)
    if not found.changed:
        raise UserError(_("还没有改动任何文字"), code="nothing")
    if found.outdated:
        raise UserError(_("现行规则已经变了，请先把修订稿移到现行规则上"), code="outdated")
    _right(found)
    if not queries.tried(found):
        raise UserError(_("请先用现在的文字跑一遍算例和全市"), code="untried")
    found.proposal.state, found.proposal.returned = ProposalState.SUBMITTED, ""
    found.proposal.changed_at = clock.now()
    two_person.prepare(found.proposal, actor, KIND)
    found.proposal.save(update_fields=["state", "returned", "changed_at"])
    return found.proposal


@action("drafting.send_back", roles=OFFICER)
def send_back(actor: Actor, *, proposal_id: UUID, reason: str) -> Proposal:
    """The second person wants something changed: it is a draft again."""
    if not reason.strip():
        raise UserError(_("请写明哪里要改"), field="reason")
    proposal = _locked(proposal_id, ProposalState.SUBMITTED).proposal
    proposal.state, proposal.returned = ProposalState.DRAFT, reason.strip()
    proposal.prepared_by, proposal.prepared_at = None, None
    proposal.changed_at = clock.now()
    proposal.save(update_fields=["state", "returned", "prepared_by", "prepared_at", "changed_at"])
    return proposal


@action("drafting.approve_proposal", roles=OFFICER)
def approve_proposal(actor: Actor, *, proposal_id: UUID) -> Proposal:
    """The second signature: the text may be published. Nothing comes into force by that.

    Raises IncompatibleDuty for everybody who wrote any of it.
    """
    found = _locked(proposal_id, ProposalState.SUBMITTED)
    if found.outdated:
        raise UserError(_("现行规则已经变了，请退回起草人重新核对"), code="outdated")
    two_person.approve(found.proposal, actor, 0, KIND)
    return _close(found.proposal, ProposalState.APPROVED)


@action("drafting.withdraw_proposal", roles=OFFICER)
def withdraw_proposal(actor: Actor, *, proposal_id: UUID) -> Proposal:
    """Given up before it was approved; everything stays readable."""
    found = _locked(proposal_id, ProposalState.DRAFT, ProposalState.SUBMITTED)
    return _close(found.proposal, ProposalState.WITHDRAWN)


def _close(proposal: Proposal, state: str) -> Proposal:
    """From now on nothing of it changes."""
    proposal.state, proposal.changed_at, proposal.closed_at = state, clock.now(), clock.now()
    proposal.save(update_fields=["state", "changed_at", "closed_at"])
    return proposal


def _described(title: str, reason: str) -> tuple[str, str]:
    title, reason = title.strip(), reason.strip()
    wrong = []
    if not title:
        wrong.append(UserError(_("请写一个标题，让人一眼看出要改什么"), field="title"))
    elif len(title) > LONGEST_TITLE:
        wrong.append(UserError(_("标题最多 %d 个字") % LONGEST_TITLE, field="title"))
    if not reason:
        wrong.append(UserError(_("请写明为什么要改"), field="reason"))
    elif len(reason) > LONGEST_REASON:
        wrong.append(UserError(_("理由最多 %d 个字") % LONGEST_REASON, field="reason"))
    if wrong:
        raise UserErrors(wrong)
    return title, reason


def _locked(proposal_id: UUID, *states: str) -> Draft:
    """The proposal, locked, with its texts. Conflict when it is in none of these states any more."""
    row = Proposal.objects.select_for_update(of=("self",)).filter(pk=proposal_id).first()
    if row is None:
        raise NotFound
    if row.state not in states:
        raise Conflict(_("这份修订稿的状态已经变了，请刷新后再看"))
    return queries.of(row)


def _open(proposal_id: UUID) -> Draft:
    return _locked(proposal_id, ProposalState.DRAFT)


def _write(actor: Actor, found: Draft, path: str, text: str, edition: int) -> int:
    row = found.files.get(path)
    if row is not None and row.text == text:
        return row.edition  # saved twice
    if row is None and found.base.get(path) == text:
        return 0
    if (row.edition if row else 0) != edition:
        theirs, who = (row.text, row.changed_by.display_name) if row else (found.base.get(path, ""), "")
        raise Overtaken(theirs, row.edition if row else 0, who)
    if actor.user_id is None:
        raise Forbidden
    if row is None:
        row = ProposalFile(proposal=found.proposal, path=path, edition=0)
    row.text, row.digest, row.edition = text, texts.digest(text), edition + 1
    row.changed_by_id, row.changed_at = actor.user_id, clock.now()
    row.save()
    _touch(actor, found.proposal)
    return row.edition


def _touch(actor: Actor, proposal: Proposal) -> None:
    """Whoever writes any of it can't approve it."""
    two_person.take_duty(actor, KIND, "prepare", proposal.pk)
    proposal.changed_at = clock.now()
    proposal.save(update_fields=["title", "reason", "edition", "base", "changed_at"])


def _within_limits(found: Draft, path: str, text: str) -> None:
    if "\x00" in text:
        raise UserError(_("文字里有不能保存的控制字符"), field="text")
    if texts.too_large(text):
        raise UserError(_("一个文件最多 20 万字节，请拆成几个文件"), field="text", code="too_large")
    if path not in found.files and len(found.files) >= texts.MOST_FILES:
        raise UserError(_("一份修订稿最多改 %d 个文件") % texts.MOST_FILES, code="too_many")


def _right(found: Draft) -> None:
    checked = sandbox.check(found.proposal.base_id, found.changed, clock.today().isoformat())
    if not checked.good:
        raise UserError(_("文字还有错误，请先检查、改好"), code="wrong")
