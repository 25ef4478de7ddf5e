"""What every item of a city has unless it says otherwise: written into its text once, so that the text of a
version is whole and stays what it was when the city's defaults change.

The file is `catalogue.yaml` in the city's folder:

    inherited: {KEY: VALUE, …}           every item
    person: {…}, employer: {…}           items of that applicant
    decided: {…}                         items that a rule decides
    flow: {STEP: {LEVEL: ROLE}}          an item without a flow of its own goes from the level that accepts to
                                         the level that decides; `check` where a rule decides above a street
    unknown: {KEY: {zh, en}}             why something is null in every item
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from jiuye.policy.lines import YamlError, read_yaml, read_yaml_text

FILE = "catalogue.yaml"
WIDTH = 10_000  # one line a value: nothing is folded
NO_RULE = (None, "")


def texts(folder: Path) -> dict[str, str]:
    """The whole text of every item of a city's folder, by code."""
    defaults = defaults_of(folder)
    found = sorted((folder / "items").glob("*.yaml"))
    return {path.stem: whole(path.read_text(encoding="utf-8"), defaults) for path in found}


def defaults_of(folder: Path) -> Mapping[str, Any]:
    path = folder / FILE
    return read_yaml(path) if path.is_file() else {}


@cache
def unknown(folder: Path) -> Mapping[str, Mapping[str, str]]:
    """Why something isn't known of any item, in words by key."""
    return dict(defaults_of(folder).get("unknown", {}))


def whole(text: str, defaults: Mapping[str, Any]) -> str:
    """The text with what it inherits at its end: its own lines keep their numbers.

    A text that can't be read stays as it is; whoever reads it names its mistakes.
    """
    if not defaults:
        return text
    try:
        own = read_yaml_text(text)
    except (YamlError, yaml.YAMLError):
        return text
    if not isinstance(own, dict):
        return text
    added = {key: value for key, value in _given(own, defaults) if key not in own}
    if not added:
        return text
    lines = yaml.safe_dump(
        _plain(added), allow_unicode=True, sort_keys=False, default_flow_style=None, width=WIDTH
    )
    return f"{text.rstrip()}\n# from {FILE}\n{lines}"


def _given(own: Mapping[str, Any], defaults: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    ruled = own.get("rule") not in NO_RULE
    for part in ("inherited", own.get("applicant", "person"), *(("decided",) if ruled else ())):
        yield from dict(defaults.get(part, {})).items()
    steps = list(_flow(own, defaults.get("flow", {}), ruled))
    if steps:
        yield "flow", steps


def _flow(own: Mapping[str, Any], roles: Mapping[str, Any], ruled: bool) -> Iterator[dict[str, Any]]:
    accepts, decides = own.get("accepts"), own.get("decides")
    days = own.get("promised_days") if own.get("handling", "promised") == "promised" else None
    above = ruled and decides != accepts
    checked = [("check", decides)] if above else []
    for step, level in (("accept", accepts), *checked, ("decide", decides), ("deliver", accepts)):
        role = roles.get(step, {}).get(level)
        if role is not None:
            yield {"step": step, "role": role, "level": level, "days": days if step == "decide" else None}


def _plain(value: Any) -> Any:
    """Of values with lines, plain ones."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value
