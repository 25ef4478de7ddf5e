"""The laws and the people that `jiuye law diff` and `simulate` are asked about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from jiuye.cities import archive, groups, simulate
from jiuye.cities.archive import ArchiveError
from jiuye.cities.groups import Groups
from jiuye.cities.people import People, Source
from jiuye.cities.people_files import PeopleFiles
from jiuye.cli.errors import explained, fail
from jiuye.cli.law_common import chosen
from jiuye.policy import FactError, Law, LawError

LEFT_OUT = 3  # code of a command that did its work without some rows of a file
PeopleOption = Annotated[
    Path | None,
    typer.Option("--people", help="Parquet or CSV file of people; otherwise the registers.", dir_okay=False),
]
EmployersOption = Annotated[
    Path | None,
    typer.Option("--employers", help="Parquet or CSV file of employers, beside --people.", dir_okay=False),
]
SetOption = Annotated[
    list[str] | None, typer.Option("--set", help="PARAMETER=VALUE[@YYYY-MM-DD]; may be repeated.")
]
GIT = "git:"


def law_of(text: str, code: str = "shanghai") -> Law:
    """`current`, a folder, `git:REVISION`, or the beginning of the hash of an archived version."""
    if text == "current":
        return chosen(code).law
    if text.startswith(GIT):
        try:
            return archive.from_git(chosen(code).path, text.removeprefix(GIT)).law
        except (ArchiveError, LawError) as problem:
            fail(str(problem))
    if Path(text).is_dir():
        return chosen(text).law
    from jiuye.runtime.database import opened

    with explained(), opened("app"):
        from jiuye.desk.models import LawVersion
        from jiuye.desk.replay import archived
        from jiuye.foundation import scope

        with scope.acting(scope.SYSTEM):
            found = list(LawVersion.objects.filter(hash__startswith=text).values_list("hash", flat=True)[:2])
            if len(found) != 1:
                fail(f"{text} is no folder, and {len(found) or 'no'} archived version(s) begin so.")
            return archived(found[0]).law


def supposing(law: Law, settings: Sequence[str] | None) -> Law:
    """The law with other values of parameters."""
    try:
        return simulate.supposing(law, [simulate.Supposed.parse(text) for text in settings or []])
    except FactError as problem:
        fail(str(problem))


def source_of(laws: tuple[Law, Law], people: Path | None, employers: Path | None) -> Source:
    """Files, or the registers of the database."""
    if people is None:
        if employers is not None:
            fail("--employers stands beside --people.")
        return _Registers()
    return PeopleFiles(laws, people, employers)


class _Registers:
    """The registers, with the database open for as long as they are read."""

    def read(self, on: date, names: frozenset[str], employer_names: frozenset[str]) -> People:
        from jiuye.runtime.database import opened

        with explained(), opened("app"):
            from jiuye.desk.whole_city import Registers
            from jiuye.foundation import scope

            with scope.acting(scope.SYSTEM):
                return Registers().read(on, names, employer_names)


def groups_of(code: str = "shanghai") -> Groups:
    try:
        return groups.read(chosen(code).path)
    except groups.GroupsError as problem:
        fail(str(problem))


def report_bad(source: Source) -> int:
    """Every row left out, on standard error; how many there are."""
    bad = source.bad if isinstance(source, PeopleFiles) else []
    console = Console(stderr=True, soft_wrap=True)
    for row in bad:
        console.print(str(row), highlight=False, markup=False)
    if bad:
        count = len({(row.source, row.row) for row in bad})
        console.print(f"{count} row(s) left out, the others count.", highlight=False)
    return len(bad)
