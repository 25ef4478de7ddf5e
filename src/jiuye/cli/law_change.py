"""`jiuye law diff` and `simulate`: another text, or other values, over everybody."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress as Bars
from rich.table import Column, Table

from jiuye.cities import changes, effects, simulate
from jiuye.cities.answers import Progress
from jiuye.cities.comparing import Comparison, compare
from jiuye.cities.people_files import FileError
from jiuye.cities.small_cells import shareable
from jiuye.cli.errors import fail
from jiuye.cli.law_common import CityOption, chosen, day
from jiuye.cli.law_versions import (
    LEFT_OUT,
    EmployersOption,
    PeopleOption,
    SetOption,
    groups_of,
    law_of,
    report_bad,
    source_of,
    supposing,
)
from jiuye.policy import Law
from jiuye.policy.columns import ColumnError
from jiuye.policy.values import Month

HEADS = ("newly", "lost", "more", "less", "changed", "newly unknown")
WIDE = 160
HIDDEN = "*"  # a cell of a table that isn't told: small, or gone for the sake of a small one
AFFECTED = 4  # code of `diff --exit-code` when anybody is affected


def register(app: typer.Typer) -> None:
    app.command()(diff)
    app.command(name="simulate")(simulated)


def diff(
    a: Annotated[
        str,
        typer.Argument(help="current, a folder of law, git:REVISION, or the beginning of an archived hash."),
    ] = "current",
    b: Annotated[str, typer.Argument(help="The same; without it A with --set, otherwise current.")] = "",
    settings: SetOption = None,
    people: PeopleOption = None,
    employers: EmployersOption = None,
    on: Annotated[str, typer.Option("--on", help="Day; otherwise the first they differ on.")] = "",
    rules: Annotated[list[str] | None, typer.Option("--rule", "-r", help="Only these rules.")] = None,
    examples: Annotated[int, typer.Option("--examples", min=0, help="People explained for each effect.")] = 3,
    listed: Annotated[bool, typer.Option("--list", help="Everybody affected, their keys masked.")] = False,
    handed_on: Annotated[
        bool, typer.Option("--shareable", help="Without small cells, examples and people.")
    ] = False,
    text_only: Annotated[bool, typer.Option("--text", help="Only what the texts say.")] = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="End with 4 when anybody is affected.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print for machines.")] = False,
    code: CityOption = "shanghai",
) -> None:
    """What another text of the law, or --set values in it, say, and whom it affects how.

    Newly entitled, no longer, more, less, newly unknown, with amounts and by group. Code 1: it couldn't be
    asked; 3: rows of a file were left out (all of them named, the others counted).
    """
    if handed_on and listed:
        fail("--list names people: it can't be shared.")
    before = law_of(a, code)
    after = supposing(law_of(b or "current", code) if b or not settings else before, settings)
    _there((before, after), rules)
    found = changes.changes(before, after)
    when = day(on) if on else changes.first_day(before, after, day(""), found)
    out: dict[str, Any] = {
        "a": before.version, "b": after.version, "on": when.isoformat(),
        "changes": [change.to_json() for change in found],
    }  # fmt: skip
    bad, compared = 0, None
    if not text_only and found:
        source = source_of((before, after), people, employers)
        with _shown() as progress, _refused():
            compared = compare(before, after, source, groups_of(code), when, rules, progress)
        out = compared.to_json()
        bad = report_bad(source)
        if handed_on:
            out = shareable(out, _least(chosen(code).path))
        else:
            out["examples"] = compared.examples(examples)
    if as_json:
        if listed and compared is not None:
            out["listed"] = list(compared.listed())
        typer.echo(json.dumps(out, ensure_ascii=False, indent=1))
    else:
        _print(out, compared if listed else None)
    if bad:
        raise typer.Exit(LEFT_OUT)
    if exit_code and out.get("effects"):
        raise typer.Exit(AFFECTED)


def simulated(
    settings: SetOption = None,
    folder: Annotated[str, typer.Option("--law", help="A law to try instead, as `diff` takes it.")] = "",
    people: PeopleOption = None,
    employers: EmployersOption = None,
    start: Annotated[str, typer.Option("--from", help="First month, YYYY-MM; this one if not given.")] = "",
    months: Annotated[int, typer.Option("--months", min=1, max=240)] = 12,
    rules: Annotated[list[str] | None, typer.Option("--rule", "-r", help="Only these rules.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print for machines.")] = False,
    code: CityOption = "shanghai",
) -> None:
    """What if: people and money by month, with other values of parameters or another text.

    A rule is asked on the first day of every month (this month: today), with the law of that day. Of a
    schedule, what is paid in every month if all are granted on the first day. Codes as of `diff`.
    """
    law = law_of("current", code)
    other = supposing(law_of(folder, code) if folder else law, settings)
    try:
        first = Month.parse(start) if start else Month.of_date(day(""))
    except ValueError as problem:
        fail(str(problem))
    _there((law, other), rules)
    asked = rules or changes.affected(law, other, changes.changes(law, other))
    source = source_of((law, other), people, employers)
    with _shown() as progress, _refused():
        rows, bad, read = simulate.by_month(
            (law, other), asked, [Month(first + n) for n in range(months)], source, day(""), progress
        )
    left_out = report_bad(source)
    if as_json:
        out = {
            "people": len(read),
            "employers": len(read.employers) if read.employers is not None else 0,
            "months": [row.to_json() for row in rows],
            "not_compared": bad,
        }
        typer.echo(json.dumps(out, ensure_ascii=False, indent=1))
    else:
        table = Table("rule", "month", "people", "then", "amount", "then", "difference")
        for row in rows:
            if row.people != (0, 0):
                change = f"{row.amount[1] - row.amount[0]:+,.2f}"
                numbers = (f"{row.people[0]:,}", f"{row.people[1]:,}", *(f"{one:,.2f}" for one in row.amount))
                table.add_row(row.rule, str(row.month), *numbers, change)
        _console().print(table)
        _not_compared(bad)
    if left_out:
        raise typer.Exit(LEFT_OUT)


def _there(laws: tuple[Law, Law], rules: list[str] | None) -> None:
    if missing := [name for name in rules or () if not any(name in law.rules for law in laws)]:
        fail(f"no rule is called {', '.join(missing)}")


@contextmanager
def _refused() -> Iterator[None]:
    try:
        yield
    except (FileError, ColumnError) as problem:
        fail(str(problem))


@contextmanager
def _shown() -> Iterator[Progress]:
    """A bar for each step, on standard error."""
    with Bars(console=Console(stderr=True), transient=True) as shown:
        bars: dict[str, Any] = {}

        def tell(step: str, done: int, total: int) -> None:
            if step not in bars:
                bars[step] = shown.add_task(step)
            shown.update(bars[step], completed=done, total=total)

        yield tell


def _console() -> Console:
    """As wide as the terminal; into a file or pipe wide enough for the tables."""
    console = Console()
    return console if console.is_terminal else Console(width=max(console.width, WIDE))


def _least(folder: Path) -> int:
    from jiuye.insight.definitions import small_cell_of

    return small_cell_of(folder)


def _print(out: dict[str, Any], listed: Comparison | None) -> None:
    console = _console()
    for change in out["changes"]:
        console.print(f"{change['how']} {change['kind']} {change['name']}", highlight=False, markup=False)
        for row in change["details"]:
            text = f"    {row['what']}: {row['before']} → {row['after']}"
            console.print(text, highlight=False, markup=False)
    if not out["changes"]:
        console.print("The two say the same.")
    if "effects" not in out:
        return
    console.print(f"{out['people']:,} people, {out['employers']:,} employers on {out['on']}", highlight=False)
    if supposed := {name: count for name, count in out["supposed"].items() if count}:
        said = ", ".join(f"{name} ({count:,})" for name, count in supposed.items())
        console.print(f"supposed where nobody knows: {said}", highlight=False, markup=False)
    table = Table(Column("rule", no_wrap=True), *HEADS, "sum before", "sum after")
    for one in out["effects"]:
        if one["same_for_all"]:
            was, now = one["same_for_all"]
            console.print(f"{one['rule']}, the same for all: {was} → {now}", highlight=False, markup=False)
            continue
        numbers = [_count(one["counts"].get(kind), out) for kind in effects.KINDS]
        table.add_row(one["rule"], *numbers, _text(one["sum_before"]), _text(one["sum_after"]))
    console.print(table)
    for one in out["effects"]:
        _print_groups(console, out, one)
    for row in out.get("examples", ()):
        said = f"{row['what']} {row['key']} {row['rule']}: {row['before']} → {row['after']}"
        conditions = "; ".join(f"{name} {was} → {now}" for name, (was, now) in row["conditions"].items())
        console.print(f"{said}  {conditions}".rstrip(), highlight=False, markup=False)
    for row in listed.listed() if listed is not None else ():
        groups = " ".join(str(value) for key, value in row.items() if key.startswith("group_"))
        values = f"{_text(row['value_before'])} → {_text(row['value_after'])}"
        said = (
            f"{row['rule']} {row['what']} {row['key']} {groups}: {row['before']} → {row['after']}  {values}"
        )
        console.print(said, highlight=False, markup=False, soft_wrap=True)
    _not_compared(out["not_compared"])


def _print_groups(console: Console, out: dict[str, Any], one: dict[str, Any]) -> None:
    labels = out["labels"].get(one["for"], {})
    for group, rows in one["groups"].items():
        for key, counts in sorted(rows.items()):
            said = ", ".join(f"{what} {HIDDEN if count is None else count}" for what, count in counts.items())
            amount = one["group_amounts"].get(group, {}).get(key)
            word = labels.get(group, {}).get("words", {}).get(key, {}).get("zh", key)
            money = f"  ({amount})" if amount not in (None, "0") else ""
            console.print(f"{one['rule']} {group} {word}: {said}{money}", highlight=False, markup=False)
    for month in one["months"]:
        if month["amount"] is not None and month["amount"][0] != month["amount"][1]:
            was, now = month["amount"]
            console.print(f"{one['rule']} {month['month']}: {was} → {now}", highlight=False, markup=False)


def _count(count: int | None, out: dict[str, Any]) -> str:
    return f"<{out['least']}" if count is None else f"{count:,}"


def _text(value: Any) -> str:
    return "–" if value is None else str(value)


def _not_compared(bad: dict[str, str]) -> None:
    for name, why in sorted(bad.items()):
        typer.echo(f"not asked: {name}: {why}")
