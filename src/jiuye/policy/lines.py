"""YAML that remembers on which line each key stood, so that every complaint can point at it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml


class LinedDict(dict[str, Any]):
    line: int = 0
    lines: dict[str, int]

    def line_of(self, key: str) -> int:
        return self.lines.get(key, self.line)


class _Loader(yaml.SafeLoader):
    pass


# `on`, `yes` and dates stay text; only true/false are booleans.
_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in items if not tag.endswith((":bool", ":timestamp"))]
    for first, items in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", __import__("re").compile(r"^(?:true|false)$"), list("tf")
)


def _build(node: yaml.Node, loader: _Loader) -> Any:
    if isinstance(node, yaml.MappingNode):
        out = LinedDict()
        out.line = node.start_mark.line + 1
        out.lines = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key in out:
                raise yaml.MarkedYAMLError(problem=f"{key} stands twice", problem_mark=key_node.start_mark)
            out[key] = _build(value_node, loader)
            out.lines[key] = key_node.start_mark.line + 1
        return out
    if isinstance(node, yaml.SequenceNode):
        return [_build(item, loader) for item in node.value]
    if node.tag.endswith(":float"):
        return Decimal(node.value)
    return loader.construct_object(node)  # type: ignore[no-untyped-call]


def read_yaml(path: Path) -> Any:
    """Content of a YAML file; mappings are LinedDict, decimals are exact."""
    with path.open(encoding="utf-8") as handle:
        loader = _Loader(handle)
        try:
            node = loader.get_single_node()
            return _build(node, loader) if node is not None else LinedDict()
        finally:
            loader.dispose()  # type: ignore[no-untyped-call]
