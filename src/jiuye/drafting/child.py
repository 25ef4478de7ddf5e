"""Another text of the law is read and asked here, in a process of its own: `python -m jiuye.drafting.child`.

What somebody typed is data, never executed; but it may be huge or slow. This process has a limit of memory
and of CPU time, no environment, no database, and whoever started it ends it when time is up.

    child check FOLDER        what is wrong with FOLDER/law, at the word
    child examples FOLDER     every worked example, put to FOLDER/base and FOLDER/law
    child city FOLDER         both asked of everybody

Prints JSON, one object a line: {"step", "done", "total"} while it works, {"need"} when whoever started it
must put columns of everybody into FOLDER/people and send a line, at the end {"result"} or {"problem"}.
Knows no Django.
"""

from __future__ import annotations

import ctypes
import json
import pickle
import resource
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jiuye.cities.people import People

MEMORY = {"check": 600, "examples": 900, "city": 4000}  # MB
CPU = {"check": 20, "examples": 120, "city": 900}  # seconds
MOST_PROBLEMS = 200
MB = 1024 * 1024
PR_SET_PDEATHSIG = 1  # linux/prctl.h
Data = dict[str, Any]


def say(**words: Any) -> None:
    print(json.dumps(words, ensure_ascii=False), flush=True)


def progress(step: str, done: int, total: int) -> None:
    say(step=step, done=done, total=total)


# -- check ---------------------------------------------------------------------------------------------------


def check(folder: Path, given: Data) -> Data:
    """{"version", "problems": places, "warnings": places}; version is "" while anything is wrong."""
    from jiuye.cities.city import load
    from jiuye.cities.examples import Examiner
    from jiuye.policy import LawError
    from jiuye.policy.errors import Problem
    from jiuye.policy.places import place
    from jiuye.policy.untrusted import refused

    there = folder / "law"
    changed: list[str] = given["changed"]
    texts = {
        path.relative_to(there).as_posix(): path.read_bytes().decode("utf-8", "surrogatepass")
        for path in sorted(there.rglob("*.yaml"))
    }
    problems: list[str] = [
        problem for name in changed if (problem := refused(name, texts.get(name, ""))) is not None
    ]
    warnings: list[str] = []
    version = ""
    if not problems:
        try:
            city = load(there)
            version, warnings = city.law.version, list(city.law.warnings)
            problems += Examiner(city).problems()
        except LawError as error:
            problems += error.problems
        except (RecursionError, ValueError, OverflowError, ArithmeticError) as error:
            # what no check foresaw is still a complaint about the text, not a page that fails
            problems.append(f"{changed[0] if changed else ''}:1: can't be read: {type(error).__name__}")
    unreadable = [one for one in problems if isinstance(one, Problem) and one.column is not None]
    shown = unreadable or problems  # what isn't read makes everything that speaks of it an error, too
    names = frozenset(changed)
    found = dict.fromkeys(place(problem, texts, names) for problem in shown[:MOST_PROBLEMS])
    mine = sorted(found, key=lambda one: (one.file not in names, one.file, one.line, one.column))
    odd = [place(warning, texts) for warning in warnings]
    return {
        "version": "" if problems else version,
        "problems": [one.to_json() for one in mine],
        "warnings": [one.to_json() for one in odd if one.file in names],
        "more": max(len(shown) - MOST_PROBLEMS, 0),
    }


# -- worked examples -----------------------------------------------------------------------------------------


def examples(folder: Path, given: Data) -> Data:
    """Every case of every file of examples, before and after: those whose answers differ, and the counts."""
    from jiuye.cities.city import load
    from jiuye.cities.examples import Examiner
    from jiuye.foundation.worked_examples import SPECIAL
    from jiuye.policy.lines import read_yaml

    both = [Examiner(load(folder / name), SPECIAL) for name in ("base", "law")]
    cases: list[tuple[str, Data, Callable[[Any], Data]]] = []
    for path in sorted((folder / "law" / "examples").glob("*.yaml")):
        content = read_yaml(path)
        if isinstance(content, dict) and isinstance(content.get("examples"), list):
            today = date.fromisoformat(str(content.get("compiled") or given["today"]))
            cases += [(path.name, case, _question(case, today)) for case in content["examples"]]
        elif isinstance(content, dict) and isinstance(content.get("cases"), list):
            cases += [(path.name, case, _rules(case, content.get("base", {}))) for case in content["cases"]]
    changed: list[Data] = []
    passed = [0, 0]
    progress("examples", 0, len(cases))
    for number, (file, case, put) in enumerate(cases, 1):
        before, after = (_put(put, examiner) for examiner in both)
        for side, answer in enumerate((before, after)):
            passed[side] += answer["passed"]
        if before != after:
            changed.append(
                {
                    "file": file,
                    "id": str(case.get("id", number)),
                    "title": str(case.get("title") or case.get("of") or ""),
                    "strict": bool(case.get("strict", True)),
                    "passed_before": before["passed"],
                    "passed_after": after["passed"],
                    "problem": after["problem"],
                    "answers": _answers(case.get("expect") or {}, before["got"], after["got"]),
                }
            )
        if number % 10 == 0 or number == len(cases):
            progress("examples", number, len(cases))
    return {"total": len(cases), "passed_before": passed[0], "passed_after": passed[1], "changed": changed}


def _put(put: Callable[[Any], Data], examiner: Any) -> Data:
    """{"got": {key: answer}, "passed", "problem"}: a case that can't be put any longer is no answer."""
    try:
        return put(examiner) | {"problem": ""}
    except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError, RecursionError) as problem:
        return {"got": {}, "passed": False, "problem": str(problem)[:300]}


def _question(case: Data, today: date) -> Callable[[Any], Data]:
    """A case in the words of questions.yaml."""
    from jiuye.cities.examples import plain_any, same

    expect = case.get("expect") or {}

    def put(examiner: Any) -> Data:
        got = examiner.answer(str(case.get("ask")), case.get("given") or {}, expect, today)
        passed = all(same(expect[name], value) for name, value in got.items())
        return {"got": {name: plain_any(value) for name, value in got.items()}, "passed": passed}

    return put


def _rules(case: Data, base: Data) -> Callable[[Any], Data]:
    """A case that names the rules (cities.law_cases)."""
    from jiuye.cities import law_cases
    from jiuye.cities.examples import plain_any

    def put(examiner: Any) -> Data:
        got, passed = {}, True
        for rule, expected in case["expect"].items():
            outcome = law_cases.ask(examiner.law, case, base, rule)
            got[rule] = law_cases.told(examiner.law, outcome, case.get("to_the_cent", False))
            wanted = law_cases.wanted(examiner.law, rule, expected)
            passed = passed and got[rule] in (expected, wanted)
        return {"got": {rule: plain_any(value) for rule, value in got.items()}, "passed": passed}

    return put


def _answers(expect: Mapping[str, Any], before: Data, after: Data) -> list[Data]:
    from jiuye.cities.examples import plain_any

    return [
        {
            "key": name,
            "expected": plain_any(expect[name]),
            "before": before.get(name),
            "after": after.get(name),
        }
        for name in expect
        if before.get(name) != after.get(name)
    ]


# -- the city ------------------------------------------------------------------------------------------------


class Asking:
    """Everybody, read by the process that waits for us: it has the registers, we have none."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, on: date, names: frozenset[str], employer_names: frozenset[str]) -> People:
        say(need={"on": on.isoformat(), "names": sorted(names), "employer_names": sorted(employer_names)})
        sys.stdin.readline()  # it has put them there
        with (self.folder / "people").open("rb") as handle:
            people: People = pickle.load(handle)  # noqa: S301  written a moment ago by whoever started us
        return people


def city(folder: Path, given: Data) -> Data:
    """Whom the other text affects how: `cities.comparing.Comparison` without small cells and keys."""
    from jiuye.cities import changes, groups
    from jiuye.cities.city import load
    from jiuye.cities.comparing import compare
    from jiuye.cities.small_cells import shareable

    before, after = (load(folder / name).law for name in ("base", "law"))
    found = changes.changes(before, after)
    on = changes.first_day(before, after, date.fromisoformat(given["today"]), found)
    grouped = groups.read(Path(given["city"]))
    done = compare(before, after, Asking(folder), grouped, on, progress=progress)
    out = shareable(done.to_json(), given["least"])
    out["not_compared"] = sorted(out["not_compared"])  # why names a person's key
    return out


COMMANDS: dict[str, Callable[[Path, Data], Data]] = {
    "check": check,
    "examples": examples,
    "city": city,
}


def limit(command: str) -> None:
    """Nobody else's memory or time, and no files of any size; it ends with whoever started it."""
    with suppress(OSError, AttributeError):  # Linux only; elsewhere the limit of time ends it
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    space = MEMORY[command] * MB
    resource.setrlimit(resource.RLIMIT_AS, (space, space))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU[command], CPU[command] + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> int:
    command, folder = sys.argv[1], Path(sys.argv[2])
    limit(command)
    try:
        given = json.loads((folder / "given.json").read_text(encoding="utf-8"))
        say(result=COMMANDS[command](folder, given))
    except MemoryError:
        print('{"problem": "memory"}', flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
