"""Where in a text a complaint points: line, column and how many characters, all as a reader counts them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import yaml

from jiuye.policy.errors import Problem
from jiuye.policy.lines import plain_node

_SAID = re.compile(r"(?s)(?P<file>[^:\n]+):(?P<line>\d+): (?P<message>.*)")
_CYCLE = re.compile(r"cycle (.+)")
_GAP = re.compile(r"has no (?:value|version) from \S+ to (\d{4}-\d{2}-\d{2}):")
_AROUND = "“”'\"(),:;"
# Words of the complaints themselves: what is meant is the other word that stands on the line.
_GRAMMAR = (
    "a an and the is isn't of no not has have needs need unknown rule rules fact facts parameter parameters "
    "value values unit key keys condition conditions version versions name called nothing in on it to from "
    "until that this must be can't stands before only with for expected list table code group date month "
    "stops excludes prefer given otherwise basis title words label zh en type when all any schedule first "
    "count bind one two exactly least at already twice ends begins itself"
)
_OURS = frozenset(_GRAMMAR.split())


@dataclass(frozen=True)
class Place:
    """One complaint and where it is; line and column from 1, width in characters (at least 1)."""

    file: str
    line: int
    column: int
    width: int
    message: str

    def to_json(self) -> dict[str, Any]:
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "width": self.width,
            "message": self.message,
        }


def place(problem: str, texts: Mapping[str, str], changed: frozenset[str] = frozenset()) -> Place:
    """Find the word. `texts`: the files by their names; `changed`: those that are being worked on.

    A cycle goes through several rules: it is shown where one in a changed file speaks of the next.
    """
    said = _SAID.match(problem)
    if said is None:
        return Place("", 1, 1, 1, str(problem))
    file, line, message = said["file"], int(said["line"]), said["message"]
    text = texts.get(file)
    if text is None:
        return Place(file, line, 1, 1, message)
    if cycle := _CYCLE.match(message):
        found = _cycle(cycle[1].split(" → "), texts, changed)
        if found is not None:
            return Place(*found, message)
    if isinstance(problem, Problem):
        if problem.column is not None:
            return Place(file, *_at(text, line, problem.column), message)
        if problem.span is not None:
            inside = _inside(text, line, problem.text, problem.span)
            if inside is not None:
                return Place(file, *inside, message)
    return Place(file, *_word(text, line, message), message)


def _at(text: str, line: int, column: int) -> tuple[int, int, int]:
    """The word that begins there; at the end of a text or line what stands last before it."""
    lines = text.split("\n")
    line = min(line, len(lines))
    while line > 1 and not lines[line - 1].strip():
        line, column = line - 1, len(lines[line - 2]) + 1
    rest = lines[line - 1][column - 1 :]
    if not rest.strip():
        return _whole(lines, line)
    word = re.match(r"\s*(\S\w*)", rest)
    assert word is not None
    before = re.search(r"\w+\Z", lines[line - 1][: column - 1])
    if word[1] == ":" and before:  # a colon too many belongs to the word before it
        return line, before.start() + 1, len(before[0])
    return line, column + word.start(1), len(word[1])


def _whole(lines: list[str], line: int) -> tuple[int, int, int]:
    bare = lines[line - 1].strip()
    column = lines[line - 1].index(bare[0]) + 1 if bare else 1
    return line, column, max(len(bare), 1)


def _inside(text: str, line: int, expression: str, span: tuple[int, int]) -> tuple[int, int, int] | None:
    """Part of an expression whose value stands at or after `line`, however it was quoted or folded."""
    for node in _scalars(text):
        if node.start_mark.line + 1 < line or " ".join(str(node.value).split()).lower() != expression.lower():
            continue
        places = _aligned(text, node.start_mark.index, node.end_mark.index, expression, node.style)
        if places is None:
            return None
        first = places[min(span[0], len(places) - 1)]
        last = places[max(min(span[1], len(places)) - 1, 0)]
        before = text[:first]
        width = last - first + 1
        if "\n" in text[first : last + 1]:  # a mark ends with its line
            width = text.index("\n", first) - first
        return before.count("\n") + 1, first - (before.rfind("\n") + 1) + 1, max(width, 1)
    return None


def _aligned(text: str, start: int, end: int, value: str, style: str | None) -> list[int] | None:
    """For every character of the value its place in the text; a space has that of what follows it."""
    at = start
    if style in (">", "|"):
        at = text.find("\n", start) + 1
    elif style in ("'", '"'):
        at = start + 1
    places: list[int] = []
    spaces = 0
    for sign in value:
        if sign == " ":
            spaces += 1
            continue
        at = text.find(sign, at, end)
        if at < 0:
            return None
        places += [at] * (spaces + 1)
        spaces, at = 0, at + 1
    return places


def _scalars(text: str) -> Iterator[yaml.ScalarNode]:
    try:
        node = plain_node(text)
    except yaml.YAMLError:
        return
    waiting = [node] if node is not None else []
    found: list[yaml.ScalarNode] = []
    while waiting:
        one = waiting.pop()
        if isinstance(one, yaml.MappingNode):
            waiting += [part for pair in one.value for part in pair]
        elif isinstance(one, yaml.SequenceNode):
            waiting += one.value
        elif isinstance(one, yaml.ScalarNode):
            found.append(one)
    yield from sorted(found, key=lambda one: int(one.start_mark.index))


def _word(text: str, line: int, message: str) -> tuple[int, int, int]:
    """The longest word of the complaint, not one of our own, that stands on that line or soon after."""
    lines = text.split("\n")
    line = min(max(line, 1), len(lines))
    if gap := _GAP.search(message):
        wanted = [(date.fromisoformat(gap[1]) + timedelta(days=1)).isoformat()]
    else:
        parts = [part.strip(_AROUND) for part in message.split()]
        parts += [
            message.rpartition(": ")[2],
            *re.findall(r"[A-Za-z_]\w*", message),
            *re.findall("“(.+?)”", message),
        ]
        wanted = sorted({part for part in parts if part and part.lower() not in _OURS}, key=len, reverse=True)
    reach = range(line, min(line + (12 if gap else 1), len(lines) + 1))
    for number in reach:
        for word in wanted:
            found = re.search(rf"(?<!\w){re.escape(word)}(?!\w)", lines[number - 1])
            if found:
                return number, found.start() + 1, len(word)
    bare = re.match(r"[\s-]*([^\s:{\[]+)", lines[line - 1])
    return (line, bare.start(1) + 1, len(bare[1])) if bare else _whole(lines, line)


def _cycle(
    path: list[str], texts: Mapping[str, str], changed: frozenset[str]
) -> tuple[str, int, int, int] | None:
    """Where a rule of the cycle speaks of the next one, first in what was changed."""
    found = []
    for name, following in pairwise(path):
        for file, text in texts.items():
            head = re.search(rf"(?m)^\s*- rule: *[\"']?{re.escape(name)}[\"']?\s*$", text)
            if head is None:
                continue
            after = re.search(r"(?m)^\s*- rule:", text[head.end() :])
            stop = head.end() + after.start() if after else len(text)
            word = re.search(rf"(?<!\w){re.escape(following)}(?!\w)", text[head.end() : stop])
            if word:
                at = head.end() + word.start()
                before = text[:at]
                spot = (file, before.count("\n") + 1, at - before.rfind("\n"), len(following))
                found.append((file not in changed, spot))
    return min(found)[1] if found else None
