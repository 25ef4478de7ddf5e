"""Legal officers and proposals for tests, made as they would make them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from jiuye import cities
from jiuye.desk import city
from jiuye.drafting import actions, queries, trials
from jiuye.drafting.models import Proposal, Trial
from jiuye.drafting.queries import Draft
from jiuye.foundation import scope
from jiuye.foundation.roles import Role
from jiuye.foundation.scope import Actor
from tests import factories

TODAY = date(2026, 11, 25)
BENEFIT = "rules/unemployment_benefit.yaml"
RETIREMENT = "parameters/retirement.yaml"
MONTHS = "ui_months_per_contribution_year * (ui_months_unused //"  # two months for a year of contributions
GENEROUS = "3 * (ui_months_unused //"


def officer(name: str = "顾文") -> Actor:
    return factories.actor(Role.LEGAL_OFFICER, name=name)


def read(path: str) -> str:
    return (city.folder() / path).read_text(encoding="utf-8")


def changed(path: str, before: str, after: str) -> str:
    """The text of a file with one passage written differently."""
    text = read(path)
    assert before in text, f"{before} isn't in {path}"
    return text.replace(before, after)


def where(text: str) -> str:
    """The one file of rules in which these words stand."""
    found = [
        path.relative_to(city.folder()).as_posix()
        for path in (city.folder() / "rules").glob("*.yaml")
        if text in path.read_text(encoding="utf-8")
    ]
    assert len(found) == 1, found
    return found[0]


def proposal(actor: Actor, path: str = "", text: str = "", title: str = "每缴一年多领一个月") -> Proposal:
    made = actions.open_proposal(actor, title=title, reason="与邻市一致")
    if path:
        actions.save_text(actor, proposal_id=made.pk, path=path, text=text, edition=0)
    return made


def generous(actor: Actor) -> Proposal:
    """Three months of benefit for a year of contributions instead of two."""
    path = where(MONTHS)
    return proposal(actor, path, changed(path, MONTHS, GENEROUS))


def draft(actor: Actor, made: Proposal) -> Draft:
    with scope.acting(actor):
        return queries.draft(made.pk)


def tried(actor: Actor, made: Proposal) -> dict[str, Trial]:
    """Examples and city run with the text as it stands."""
    for kind in ("examples", "city"):
        trial = actions.ask_trial(actor, proposal_id=made.pk, kind=kind)
        trials.run(trial.pk)
    with scope.acting(actor):
        return queries.trials(queries.draft(made.pk))


def enact(folder: Path, path: str, before: str, after: str) -> None:
    """Another law is in force from now on."""
    file = folder / path
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after), encoding="utf-8")
    cities.law.cache_clear()
