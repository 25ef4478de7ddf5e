"""What the engine refuses."""

from __future__ import annotations


class Problem(str):
    """One complaint, "file:line: what is wrong".

    text, span: the expression complained about and which part of it (offsets of characters), where it is one;
    column: of the line, from 1, where the reader of YAML gave it.
    """

    __slots__ = ("column", "span", "text")

    text: str
    span: tuple[int, int] | None
    column: int | None

    def __new__(
        cls, said: str, text: str = "", span: tuple[int, int] | None = None, column: int | None = None
    ) -> Problem:
        out = super().__new__(cls, said)
        out.text, out.span, out.column = text, span, column
        return out


class LawError(ValueError):
    """A law folder that can't be read. `problems` holds every one as "file:line: what is wrong"."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class FactError(ValueError):
    """A fact nobody declared, or a value that isn't of its declared type or code table."""


class NotColumnar(TypeError):
    """The rule holds something only one case at a time can be asked (a schedule, a list as its value)."""
