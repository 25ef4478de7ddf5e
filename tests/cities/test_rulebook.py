"""The printed rule book is the law that is in force here."""

from __future__ import annotations

from pathlib import Path

from jiuye.cities import rulebook
from jiuye.cities.city import city

BOOK = Path(__file__).parents[2] / "docs" / "rulebook"


def test_the_committed_book_is_the_law() -> None:
    """A change of the law shows here: read the difference, then accept it with `jiuye law rulebook`."""
    made = rulebook.pages(city())
    printed = {path.name: path.read_text(encoding="utf-8") for path in BOOK.glob("*.md")}
    assert printed.keys() == made.keys()
    for name, text in made.items():
        assert printed[name] == text, (
            f"docs/rulebook/{name} differs from the law; accept with `jiuye law rulebook`"
        )


def test_pages_that_no_longer_belong_go(tmp_path: Path) -> None:
    (tmp_path / "old_benefit.md").write_text("gone", encoding="utf-8")
    written = rulebook.write(city(), tmp_path)
    assert {path.name for path in tmp_path.glob("*.md")} == {path.name for path in written}
    assert "old_benefit.md" not in {path.name for path in written}


def test_every_rule_stands_in_the_book_with_its_clause() -> None:
    text = "\n".join(rulebook.pages(city()).values())
    for versions in city().law.rules.values():
        for rule in versions:
            assert f"`{rule.name}` · {rule.id} · {rule.basis}" in text
