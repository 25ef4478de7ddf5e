"""Letters and receipts as PDF, made with Typst.

A template in `documents_templates/` gets its data as JSON and never as markup; its first lines say which keys
it wants. Money is whole cents, dates are ISO texts or `date`. The same data gives the same bytes on any
machine, as long as the shipped font has every character; a rare one is printed with a font of the
installation or of the system, and where no font has it, as its visible code with a warning.

A letter against a person must name the unmet conditions and the remedies; a template refuses data without.

Sources: GB/T 9704-2012 (layout of official documents), GB/T 15835-2011 (numbers and dates), ISO 14289-1
(PDF/UA).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Final
from uuid import UUID

import typst

from jiuye.foundation import glyphs

TEMPLATES: Final = Path(__file__).parent / "documents_templates"


class DocumentError(Exception):
    """A document can't be made: no such template, or data it doesn't want. The message says which."""


@dataclass(frozen=True)
class Rendered:
    """A finished document, and what a person should look at before it is sent."""

    pdf: bytes
    warnings: tuple[str, ...]


def render_pdf(template: str, data: Mapping[str, object]) -> bytes:
    """The PDF of a template, e.g. 'decision_letter'. DocumentError when template or data are wrong."""
    return render(template, data).pdf


def render(template: str, data: Mapping[str, object]) -> Rendered:
    """Like `render_pdf`, and says which characters could not be printed."""
    source = TEMPLATES / f"{template}.typ"
    if not template.isidentifier() or not source.is_file():
        raise DocumentError(f"no document template {template!r}")
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, default=_plain)
    files, nowhere = glyphs.find_fonts(glyphs.missing(text))
    for character in nowhere:
        text = text.replace(character, glyphs.code_of(character))
    compiler = typst.Compiler(
        root=str(TEMPLATES),
        font_paths=_fonts(tuple(sorted(path.parent for path in files))),
        ignore_system_fonts=True,
        sys_inputs={"data": text},
    )
    try:
        pdf = compiler.compile(input=str(source), format="pdf", pdf_standards=["ua-1"], timestamp=0)
    except typst.TypstError as problem:
        raise DocumentError(f"{template}: {problem.message}") from problem
    if not isinstance(pdf, bytes):
        raise DocumentError(f"{template}: nothing was made")
    warnings = tuple(f"no font has {glyphs.describe(c)}; its code is printed" for c in sorted(nowhere))
    return Rendered(pdf, warnings)


@lru_cache(maxsize=4)
def _fonts(extra: tuple[Path, ...]) -> typst.Fonts:
    folders = [str(folder) for folder in (glyphs.FONTS, *dict.fromkeys(extra))]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)


def _plain(value: object) -> object:
    """Dates, identifiers and lazily translated words as text; anything else is a mistake of the caller."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, UUID) or type(value).__name__ == "__proxy__":  # Django's lazy translation
        return str(value)
    raise DocumentError(f"a document can't contain a {type(value).__name__}; money is whole cents")
