"""YAML that remembers on which line everything stood, so that every complaint can point at it.

Only plain data: texts, whole numbers, exact decimals, true/false, null. Dates, `on` and `010` stay text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml


class LinedDict(dict[str, Any]):
    line: int = 1
    lines: dict[str, int]

    def line_of(self, key: str) -> int:
        return self.lines.get(key, self.line)


class LinedList(list[Any]):
    line: int = 1
    lines: list[int]


class YamlError(ValueError):
    """`line` and `column` (where known) from 1."""

    def __init__(self, line: int, message: str, column: int | None = None) -> None:
        self.line, self.column = line, column
        super().__init__(message)


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    yaml_implicit_resolvers: dict[str, list[tuple[str, Any]]] = {}


_CORE = "tag:yaml.org,2002:"
for _tag, _pattern, _first in (
    ("bool", r"^(?:true|false)$", "tf"),
    ("int", r"^-?(?:0|[1-9][0-9]*)$", "-0123456789"),
    ("float", r"^-?(?:0|[1-9][0-9]*)\.[0-9]+$", "-0123456789"),
    ("null", r"^(?:~|null|)$", ["~", "n", ""]),
):
    _Loader.add_implicit_resolver(_CORE + _tag, re.compile(_pattern), list(_first))


def _scalar(node: yaml.ScalarNode) -> Any:
    text = str(node.value)
    match node.tag.removeprefix(_CORE):
        case "str":
            return text
        case "int":
            return int(text)
        case "float":
            return Decimal(text)
        case "bool":
            return text == "true"
        case "null":
            return None
    raise YamlError(node.start_mark.line + 1, f"{node.tag} isn't plain data", node.start_mark.column + 1)


def _build(node: yaml.Node) -> Any:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        out = LinedDict()
        out.line, out.lines = line, {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise YamlError(line, "a key must be a word", key_node.start_mark.column + 1)
            key = str(key_node.value)
            if key in out:
                at = key_node.start_mark
                raise YamlError(at.line + 1, f"{key} stands twice", at.column + 1)
            out[key] = _build(value_node)
            out.lines[key] = key_node.start_mark.line + 1
        return out
    if isinstance(node, yaml.SequenceNode):
        items = LinedList(_build(item) for item in node.value)
        items.line, items.lines = line, [item.start_mark.line + 1 for item in node.value]
        return items
    return _scalar(node)  # type: ignore[arg-type]


def plain_node(text: str) -> yaml.Node | None:
    """The nodes of a text with their marks, nothing built. Raises yaml.YAMLError."""
    loader = _Loader(text)
    try:
        node: yaml.Node | None = loader.get_single_node()
        return node
    finally:
        loader.dispose()


def events(text: str) -> Iterator[yaml.Event]:
    """The text piece by piece as the parser meets it: nothing is kept, no alias is followed."""
    loader = _Loader(text)
    try:
        while loader.check_event():
            yield loader.get_event()
    finally:
        loader.dispose()


def read_yaml(path: Path) -> Any:
    """Content of a YAML file: LinedDict, LinedList and scalars; an empty file is an empty LinedDict.

    Raises YamlError with the line.
    """
    with path.open(encoding="utf-8") as handle:
        return _read(handle)


def read_yaml_text(text: str) -> Any:
    """Like `read_yaml`, of a text that is no file."""
    return _read(text)


def _read(source: Any) -> Any:
    try:
        loader = _Loader(source)
        try:
            node = loader.get_single_node()
            if node is not None:
                return _build(node)
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, None)
        raise YamlError(line, error.problem or str(error), column) from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise YamlError(1, str(error).splitlines()[0]) from None
    empty = LinedDict()
    empty.lines = {}
    return empty
