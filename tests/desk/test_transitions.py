"""The moves of a case: what the table doesn't list is refused by name."""

from __future__ import annotations

import pytest

from jiuye.desk import transitions
from jiuye.desk.models.case import OPEN_STATES, CaseState
from jiuye.desk.transitions import IllegalTransition


def test_every_pair_of_event_and_state_is_either_listed_or_refused() -> None:
    for row in transitions.TABLE:
        for state in CaseState:
            if state in row.sources:
                assert transitions.target(row.event, state) is row.target
            else:
                with pytest.raises(IllegalTransition) as caught:
                    transitions.target(row.event, state)
                assert caught.value.event == row.event
                assert caught.value.state == state
                assert transitions.label(row.event) in str(caught.value)
                assert str(CaseState(state).label) in str(caught.value)


def test_an_ended_case_moves_no_more() -> None:
    for state in set(CaseState) - set(OPEN_STATES):
        assert all(state not in row.sources for row in transitions.TABLE)


def test_every_open_state_leads_to_an_end() -> None:
    ends = set(CaseState) - set(OPEN_STATES)
    for start in OPEN_STATES:
        seen, todo = {start}, [start]
        while todo:
            state = todo.pop()
            for row in transitions.TABLE:
                if state in row.sources and row.target not in seen:
                    seen.add(row.target)
                    todo.append(row.target)
        assert {CaseState.GRANTED, CaseState.REFUSED} <= seen & ends


def test_a_refusal_is_only_reached_through_a_signature() -> None:
    sources = {state for row in transitions.TABLE if row.target is CaseState.REFUSED for state in row.sources}
    assert sources == {CaseState.PREPARED}
