"""Every sentence with which the engine complains about a text has its counterpart in other languages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

from jiuye import policy
from jiuye.web.present import law_problems

HERE = Path(policy.__file__).parent
MODULES = (
    "reader", "reading", "rule_text", "checks", "checking", "language", "contradictions", "lines",
    "untrusted",
)  # fmt: skip
SAYING = {"problem", "fail", "ExpressionError", "Problem", "append", "_wrong", "no", "YamlError", "say"}
WHERE = re.compile(r"\{[^{}]*(?:where[^{}]*|file|path)\}:(?:\{[^{}]*line\}:)? ")
ONLY_HOLES = re.compile(r"[\W]*(\{[^{}]*\}[\W]*)+(in )?“?(\{[^{}]*\})?”?")


def template(node: ast.expr) -> str:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return "".join(
                str(part.value) if isinstance(part, ast.Constant) else "{" + ast.unparse(part.value) + "}"  # type: ignore[attr-defined]
                for part in values
            )
    return ""


def sentences() -> Iterator[str]:
    for module in MODULES:
        for node in ast.walk(ast.parse((HERE / f"{module}.py").read_text(encoding="utf-8"))):
            if isinstance(node, ast.Assign | ast.Return) and module in ("contradictions", "reader"):
                arguments = [node.value] if node.value is not None else []
            elif isinstance(node, ast.Call):
                called = node.func
                name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
                arguments = list(node.args) if name in SAYING else []
            else:
                continue
            for argument in arguments:
                text = WHERE.sub("", template(argument))
                if " " in text and not ONLY_HOLES.fullmatch(text) and text != "{reason} ":
                    yield f"{module}: {text}"


FOUND = sorted(set(sentences()))


def test_the_engine_was_searched() -> None:
    assert len(FOUND) > 75


@pytest.mark.parametrize("said", FOUND)
def test_no_sentence_is_left_in_english(said: str) -> None:
    sentence = re.sub(r"\{[^{}]*(\{[^{}]*\})?[^{}]*\}", "X", said.partition(": ")[2])
    assert law_problems.known(sentence)
    assert re.search("[一-鿿]", law_problems.said(sentence))


def test_types_are_said_in_words() -> None:
    said = law_problems.said("comparison of number[month] and date in “ui_months_unused >= birth”")
    assert said == "数（month） 和日期 不能比较"
    with translation.override("en"):
        assert law_problems.said("what nobody foresaw") == "what nobody foresaw"
