"""What the engine refuses, always all of it at once."""

from __future__ import annotations


class LawError(ValueError):
    """A law folder that can't be read. `problems` holds every one as "file:line: what is wrong"."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))
