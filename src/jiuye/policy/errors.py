"""What the engine refuses."""

from __future__ import annotations


class LawError(ValueError):
    """A law folder that can't be read. `problems` holds every one as "file:line: what is wrong"."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class FactError(ValueError):
    """A fact nobody declared, or a value that isn't of its declared type or code table."""


class NotColumnar(TypeError):
    """The rule holds something only one case at a time can be asked (a schedule, a list as its value)."""
