"""The catalogues of words: Chinese is the source, `locale/<language>/LC_MESSAGES/django.po` the translations.

`python -m jiuye.web.catalogues` collects every marked string of the house (needs xgettext), keeps what is
translated, and writes the .mo files that Django reads. Those are committed, so that no user needs gettext; a
test compares them. The traditional characters were made with OpenCC (s2hk) and read through.
Source of the .mo layout: GNU gettext manual, 10.3 "The Format of GNU MO Files".
"""

from __future__ import annotations

import ast
import os
import re
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "locale"
PACKAGE = Path(__file__).parent.parent
LANGUAGES = ("en", "zh_Hant")
MAGIC = 0x950412DE
PLURALS = {"en": "nplurals=2; plural=(n != 1);", "zh_Hant": "nplurals=1; plural=0;"}
OF_THE_LAW = {
    "zh",
    "basis",
    "name_zh",
    "rule",
    "note",
    "gap_before",
    "source",
    "text",
    "value",
}  # keys of its words
HAN = re.compile("[\u4e00-\u9fff]")
Key = tuple[str, str | None, str | None]  # text, plural, context


class Catalogue(dict[Key, list[str]]):
    """Translations by text; one string, or one for each plural form."""

    def missing(self) -> list[str]:
        return [key[0] for key, forms in self.items() if key[0] and not all(forms)]


def read(path: Path) -> Catalogue:
    """A .po file. ValueError for an entry marked fuzzy: it would be a guess."""
    found = Catalogue()
    entry: dict[str, str] = {}
    last = ""
    fuzzy = False

    def close() -> None:
        nonlocal entry, fuzzy
        if "msgid" in entry:
            if fuzzy and entry["msgid"]:
                raise ValueError(f"{path}: fuzzy: {entry['msgid']}")
            forms = [entry[name] for name in sorted(entry) if name.startswith("msgstr")]
            found[(entry["msgid"], entry.get("msgid_plural"), entry.get("msgctxt"))] = forms
        entry, fuzzy = {}, False

    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#~"):
            continue
        if not line.strip():
            close()
        elif line.startswith("#,") and "fuzzy" in line:
            fuzzy = True
        elif line.startswith('"'):
            entry[last] += ast.literal_eval(line)
        elif not line.startswith("#"):
            last, _space, text = line.partition(" ")
            if (last == "msgid" and "msgid" in entry) or (last == "msgctxt" and entry):
                close()
            entry[last] = ast.literal_eval(text)
    close()
    return found


def compiled(catalogue: Catalogue) -> bytes:
    """The bytes of the .mo file."""
    rows = []
    for (text, plural, context), forms in catalogue.items():
        if not all(forms):
            continue
        name = f"{context}\x04{text}" if context else text
        key = f"{name}\0{plural}" if plural is not None else name
        rows.append((key.encode(), "\0".join(forms).encode()))
    rows.sort()
    number = len(rows)
    start = 7 * 4
    offset = start + number * 16
    keys: list[bytes] = []
    values: list[bytes] = []
    blob = b""
    for table, index in ((keys, 0), (values, 1)):
        for row in rows:
            table.append(struct.pack("<II", len(row[index]), offset + len(blob)))
            blob += row[index] + b"\0"
    head = struct.pack("<7I", MAGIC, 0, number, start, start + number * 8, 0, start + number * 16)
    return head + b"".join(keys) + b"".join(values) + blob


def written(catalogue: Catalogue, language: str) -> str:
    """The text of the .po file."""
    lines = ["# Words of Jiuye. Chinese is the source.", 'msgid ""', 'msgstr ""']
    head = ["Content-Type: text/plain; charset=UTF-8", "Content-Transfer-Encoding: 8bit", "MIME-Version: 1.0"]
    head += [f"Language: {language}", f"Plural-Forms: {PLURALS[language]}"]
    lines += [_quoted(f"{line}\n") for line in head]
    for (text, plural, context), forms in catalogue.items():
        if not text:
            continue
        lines.append("")
        lines += [f"msgctxt {_quoted(context)}"] if context else []
        lines.append(f"msgid {_quoted(text)}")
        if plural is None:
            lines.append(f"msgstr {_quoted(forms[0])}")
        else:
            lines.append(f"msgid_plural {_quoted(plural)}")
            lines += [f"msgstr[{number}] {_quoted(form)}" for number, form in enumerate(forms)]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def po(language: str) -> Path:
    return FOLDER / language / "LC_MESSAGES" / "django.po"


def of_registers() -> list[str]:
    """Names of registers as the source of a fact."""
    from jiuye.registry.facts.definitions import REGISTER

    return list(dict.fromkeys(one.label for one in REGISTER.values()))


def of_the_examples() -> list[str]:
    """Titles of worked examples, which the rule book shows."""
    from jiuye.cities import folder

    path = folder("shanghai") / "examples" / "persons.yaml"
    rows = yaml.safe_load(path.read_text(encoding="utf-8"))["examples"]
    return list(dict.fromkeys(row["title"] for row in rows if row.get("title")))


def of_the_law() -> list[str]:
    """The Chinese words of law, catalogue and money: English they have of their own."""
    from jiuye.cities import folder

    found: dict[str, None] = {}

    def walk(node: Any, name: str = "") -> None:
        if isinstance(node, dict):
            for key, value in node.items():
                walk(value, str(key))
        elif isinstance(node, list):
            for value in node:
                walk(value, name)
        elif isinstance(node, str) and name in OF_THE_LAW and HAN.search(node):
            found[node] = None

    for path in sorted(folder("shanghai").rglob("*.yaml")):
        if "examples" not in path.parts:
            walk(yaml.safe_load(path.read_text(encoding="utf-8")))
    return list(found)


def collect() -> None:
    """Bring the .po files to what the source says now: what is marked, then the law's words.

    A changed text has no translation until somebody writes one: gettext's guesses are not taken.
    """
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jiuye.config.settings")
    django.setup()
    before = {language: read(po(language)) for language in LANGUAGES}
    command = [sys.executable, "-m", "django", "makemessages", "--no-location", "--no-wrap", "--keep-pot"]
    command += ["--ignore", "migrations", "--ignore", "gallery*", "-l", LANGUAGES[0]]
    subprocess.run(command, cwd=PACKAGE, check=True)  # noqa: S603 (our own command)
    template = FOLDER / "django.pot"
    marked = read(template)
    template.unlink()
    for language in LANGUAGES:
        words = Catalogue(marked)
        more = of_registers() + of_the_examples() + (of_the_law() if language == "zh_Hant" else [])
        words.update({(text, None, None): [""] for text in more})
        for key, empty in words.items():
            words[key] = before[language].get(key, empty)
        po(language).write_text(written(words, language), encoding="utf-8")


def write() -> None:
    for language in LANGUAGES:
        path = po(language)
        path.with_suffix(".mo").write_bytes(compiled(read(path)))


if __name__ == "__main__":
    if "--compile" not in sys.argv:
        collect()
    write()
    for tongue in LANGUAGES:
        left = read(po(tongue)).missing()
        print(f"{tongue}: {len(left)} without translation")
        for item in left[:20]:
            print("  ", item)
