"""Every word that a page may say is there in every language; compiled catalogues are those of the text."""

from __future__ import annotations

import re

import pytest

from jiuye.web import catalogues

HOLES = re.compile(r"%\(\w+\)[sd]|%[sd]|\{n\}|</?\w+>")


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_nothing_is_missing(language: str) -> None:
    assert catalogues.read(catalogues.po(language)).missing() == []


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_every_translation_has_the_holes_of_the_source(language: str) -> None:
    for (text, _plural, _context), forms in catalogues.read(catalogues.po(language)).items():
        for form in forms if text else ():
            assert set(HOLES.findall(form)) == set(HOLES.findall(text)), text


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_the_compiled_catalogue_is_that_of_the_text(language: str) -> None:
    text = catalogues.po(language)
    assert text.with_suffix(".mo").read_bytes() == catalogues.compiled(catalogues.read(text))


def test_the_english_has_no_chinese_in_it() -> None:
    for (text, *_rest), forms in catalogues.read(catalogues.po("en")).items():
        assert not (text and re.search(r"[一-鿿]", "".join(forms))), text
