"""What every reader of a file of law needs: complaints with their line, small checks, names."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from jiuye.policy.errors import Problem
from jiuye.policy.language import NAME, RESERVED, Expression, ExpressionError
from jiuye.policy.lines import LinedDict, LinedList, YamlError, read_yaml


def both(node: Any, fallback: str = "") -> dict[str, str]:
    """A text in both languages; one text stands for both."""
    if isinstance(node, dict):
        zh = str(node.get("zh", fallback))
        return {"zh": zh, "en": str(node.get("en", zh))}
    text = str(node or fallback)
    return {"zh": text, "en": text}


class Reading:
    """A folder being read. What is wrong stands in `problems`, what is only odd in `warnings`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems: list[str] = []
        self.warnings: list[str] = []
        self.units: dict[str, str | None] = {}
        self.where: dict[tuple[str, str], str] = {}  # (kind, name): file:line
        self.digest = hashlib.sha256()

    def file(self, path: Path, take: Callable[[Any, str], None]) -> None:
        if not path.exists():
            return
        where = str(path.relative_to(self.path))
        self.digest.update(where.encode() + b"\0" + path.read_bytes())
        try:
            content = read_yaml(path)
        except YamlError as error:
            self.problems.append(Problem(f"{where}:{error.line}: {error}", column=error.column))
            return
        take(content, where)

    def problem(self, where: str, line: int, message: str) -> None:
        self.problems.append(f"{where}:{line}: {message}")

    def mapping(self, node: Any, where: str, line: int, what: str) -> LinedDict:
        """The node if it is a mapping; otherwise a complaint and an empty one."""
        if isinstance(node, LinedDict):
            return node
        self.problem(where, line, f"{what}: keys with values expected")
        empty = LinedDict()
        empty.line, empty.lines = line, {}
        return empty

    def sequence(self, node: Any, where: str, line: int, what: str) -> list[tuple[int, Any]]:
        if isinstance(node, LinedList):
            return list(zip(node.lines, node, strict=True))
        if not isinstance(node, LinedDict) or node:
            self.problem(where, line, f"{what}: a list expected")
        return []

    def keys(self, node: LinedDict, allowed: set[str], where: str) -> None:
        for key in node:
            if key not in allowed:
                self.problem(where, node.line_of(key), f"unknown key {key}")

    def one_of(
        self, node: LinedDict, key: str, allowed: tuple[str, ...], fallback: str, where: str, what: str
    ) -> str:
        """The word under `key`; another one than these is complained about."""
        found = str(node.get(key, fallback))
        if found not in allowed:
            self.problem(where, node.line_of(key), f"unknown {what} {found}")
        return found

    def named(self, kind: str, name: str, where: str, line: int) -> None:
        """One namespace for facts, parameters and rules; words of the language are taken."""
        if not NAME.match(name):
            self.problem(where, line, f"{name!r} can't be a name: letters, digits and _ only")
        elif name in RESERVED:
            self.problem(where, line, f"{name} is a word of the language")
        for other in ("fact", "parameter", "rule"):
            if (other, name) in self.where and (other != kind or kind != "rule"):
                self.problem(where, line, f"{name} is already a {other} ({self.where[other, name]})")
        self.where.setdefault((kind, name), f"{where}:{line}")

    def unit(self, text: Any, where: str, line: int) -> str | None:
        if text is None:
            return None
        if str(text) not in self.units:
            self.problem(where, line, f"unknown unit {text}")
            return None
        return self.units[str(text)]

    def day(self, text: Any, where: str, line: int) -> date | None:
        if text is None:
            return None
        try:
            return date.fromisoformat(str(text))
        except ValueError:
            self.problem(where, line, f"not a date: {text}")
            return None

    def expression(self, text: Any, where: str, line: int) -> Expression | None:
        if text is None:
            return None
        if isinstance(text, bool):
            text = str(text)
        if isinstance(text, dict | list):
            self.problem(where, line, "an expression expected (put it in quotes)")
            return None
        try:
            return Expression(str(text), f"{where}:{line}")
        except ExpressionError as error:
            plain = " ".join(str(text).split())
            self.problems.append(Problem(f"{where}:{line}: {error}", plain, error.span))
            return None
