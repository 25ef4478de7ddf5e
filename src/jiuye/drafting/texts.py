"""The texts of a proposal as files: laid out to be tried, as a patch, brought onto another law."""

from __future__ import annotations

import difflib
import hashlib
import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from jiuye.desk import city
from jiuye.desk.models import LawVersion, law
from jiuye.foundation import scope
from jiuye.policy.untrusted import MOST_BYTES

#: Where the law of a city stands in the repository: the paths of a patch begin here.
REPOSITORY = "src/jiuye/cities"
FOLDERS = ("rules", "parameters", "facts", "codes")
MOST_FILES = 60  # of one proposal
NEW = re.compile(r"(?:rules|parameters|facts|codes)/[a-z][a-z0-9_]{1,60}\.yaml")
CONTEXT = 3  # lines of a patch around each change


@lru_cache(maxsize=4)
def base_texts(version: str) -> Mapping[str, str]:
    """The files of an archived law by their names, calendar and sources among them. LookupError."""
    with scope.elevated("the base text of a proposal"):
        row = LawVersion.objects.filter(pk=version).first()
    if row is None:
        raise LookupError(version)
    with zipfile.ZipFile(io.BytesIO(bytes(row.text))) as kept:
        return {name: kept.read(name).decode() for name in kept.namelist()}


def present() -> str:
    """The version of the law in force here, archived so that proposals can build on it."""
    version = city.law().version
    law.keep(version)
    return version


def plain(text: str) -> str:
    """As files have it: lines end with \\n, the last one too, whatever a browser sent."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text + "\n" if text and not text.endswith("\n") else text


def split(text: str) -> list[str]:
    """Its lines with their ends, cut at \\n alone."""
    return list(io.StringIO(text, newline="\n"))


def digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def key(version: str, changed: Mapping[str, str]) -> str:
    """What makes two proposals the same text."""
    parts = [version, *(f"{path} {digest(text)}" for path, text in sorted(changed.items()))]
    return digest("\n".join(parts))


def editable(path: str, base: Mapping[str, str]) -> bool:
    """A file of the law that exists, or a new one in one of its folders."""
    return path.endswith(".yaml") and (path in base or NEW.fullmatch(path) is not None)


def too_large(text: str) -> bool:
    return len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES


def lay_out(folder: Path, version: str, changed: Mapping[str, str]) -> None:
    """`base` and `law` below `folder`, each a whole folder of law with the examples of the city."""
    base = base_texts(version)
    examples = {
        f"examples/{path.name}": path.read_text(encoding="utf-8")
        for path in sorted((city.folder() / "examples").glob("*.yaml"))
    }
    for name, texts in (("base", {**base, **examples}), ("law", {**base, **examples, **changed})):
        for path, text in texts.items():
            place = folder / name / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(text.encode("utf-8", "surrogatepass"))


# -- as a patch ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One line of a difference. kind: same, added, removed; numbers from 1, None on the other side."""

    kind: str
    before: int | None
    after: int | None
    text: str


def hunks(before: str, after: str, context: int = CONTEXT) -> list[list[Line]]:
    """What differs, in pieces with some lines around each."""
    ours, theirs = ([line.rstrip("\n") for line in split(text)] for text in (before, after))
    matcher = difflib.SequenceMatcher(None, ours, theirs, autojunk=False)
    return [list(_lines(group, ours, theirs)) for group in matcher.get_grouped_opcodes(context)]


def _lines(group: list[tuple[str, int, int, int, int]], ours: list[str], theirs: list[str]) -> Iterator[Line]:
    for tag, a, b, c, d in group:
        if tag == "equal":
            yield from (Line("same", a + n + 1, c + n + 1, ours[a + n]) for n in range(b - a))
            continue
        yield from (Line("removed", n + 1, None, ours[n]) for n in range(a, b))
        yield from (Line("added", None, n + 1, theirs[n]) for n in range(c, d))


def patch(city_code: str, base: Mapping[str, str], changed: Mapping[str, str]) -> str:
    """A unified difference for `git apply` at the root of the repository; '' when nothing differs."""
    out: list[str] = []
    for path, text in sorted(changed.items()):
        before = base.get(path)
        if before == text:
            continue
        name = f"{REPOSITORY}/{city_code}/{path}"
        out.append(f"diff --git a/{name} b/{name}\n")
        if before is None:
            out.append("new file mode 100644\n")
        old = "/dev/null" if before is None else f"a/{name}"
        sides = split(before or ""), split(text)
        for line in difflib.unified_diff(*sides, old, f"b/{name}", n=CONTEXT):
            out.append(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n")
    return "".join(out)


# -- onto another law ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Move:
    """One file of a proposal when its base becomes another law.

    how: kept (nobody else changed it), same (the law says it by now), conflict (both changed it).
    """

    path: str
    how: str
    base: str | None
    present: str | None
    mine: str


def moves(base: Mapping[str, str], onto: Mapping[str, str], changed: Mapping[str, str]) -> list[Move]:
    out = []
    for path, mine in sorted(changed.items()):
        before, now = base.get(path), onto.get(path)
        how = "same" if now == mine else "kept" if now == before else "conflict"
        out.append(Move(path, how, before, now, mine))
    return out
