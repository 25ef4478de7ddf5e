"""Text of law that somebody typed: refused before it is read when it could only do harm.

No aliases that multiply (a few lines can stand for millions), no tags, no second document, nothing huge or
endlessly deep.
"""

from __future__ import annotations

import yaml

from jiuye.policy.errors import Problem
from jiuye.policy.lines import events

MOST_BYTES = 200_000  # of one file; the largest of Shanghai's has 20,000
MOST_ENTRIES = 20_000  # written out; the largest of Shanghai's has 2,000
DEEPEST = 30
LONGEST = 8_000  # characters of one word, text or expression
_CONTROL = frozenset(chr(n) for n in range(32) if chr(n) not in "\n\t") | {
    "\x7f",
    "\ufeff",
    "\u2028",
    "\u2029",
}


def refused(file: str, text: str) -> Problem | None:
    """Why this text isn't read at all, or None."""

    def no(line: int, column: int, why: str) -> Problem:
        return Problem(f"{file}:{line}: {why}", column=column)

    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MOST_BYTES:
        return no(1, 1, f"the file has {size} bytes, at most {MOST_BYTES} are read")
    for number, line in enumerate(text.split("\n"), 1):
        for column, sign in enumerate(line, 1):
            if sign in _CONTROL or "\ud800" <= sign <= "\udfff":
                return no(number, column, f"the character U+{ord(sign):04X} can't stand here")
    documents = 0
    sizes: dict[str, int] = {}  # what each anchor stands for, itself written out
    open_nodes: list[tuple[str | None, int]] = []  # (anchor, entries before it)
    count = 0
    try:
        for event in events(text):
            at = event.start_mark
            line_column = (at.line + 1, at.column + 1) if at else (1, 1)
            anchor = getattr(event, "anchor", None)
            count += 1
            if isinstance(event, yaml.AliasEvent):
                if anchor not in sizes:
                    return no(*line_column, f"*{anchor} stands for nothing that is complete here")
                count += sizes[anchor]
            if count > MOST_ENTRIES:
                return no(*line_column, f"more than {MOST_ENTRIES} entries in one file")
            tag = getattr(event, "tag", None)
            if tag is not None and not (isinstance(event, yaml.ScalarEvent) and tag == "!"):
                return no(*line_column, f"the tag {tag} isn't read: plain data only")
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    return no(*line_column, "one file holds one document: leave out the ---")
            elif isinstance(event, yaml.ScalarEvent):
                if len(str(event.value)) > LONGEST:
                    return no(*line_column, f"a text of more than {LONGEST} characters")
                if anchor:
                    sizes[anchor] = 1
            elif isinstance(event, yaml.CollectionStartEvent):
                open_nodes.append((anchor, count))
                if len(open_nodes) > DEEPEST:
                    return no(*line_column, f"nested more than {DEEPEST} deep")
            elif isinstance(event, yaml.CollectionEndEvent):
                name, before = open_nodes.pop()
                if name:
                    sizes[name] = count - before
    except yaml.MarkedYAMLError:
        return None  # a slip of the pen: the reader says what and where
    except (yaml.YAMLError, RecursionError) as error:
        return no(1, 1, str(error).splitlines()[0])
    return None
