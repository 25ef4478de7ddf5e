"""Small laws written where a test needs them."""

from __future__ import annotations

from pathlib import Path

from jiuye.policy import Law
from jiuye.policy.working_days import WorkingCalendar

UNITS = "year: year\nmonth: month\nday: day\ncrown: crown\n日期: date\n"
CODES = """
colour: {red: Red, green: Green, blue: Blue}
shape: {round: Round, square: Square}
"""
FACTS = """
born: {type: date, supplier: register, label: Born}
left_on: {type: date, supplier: document, label: Left on}
paid_until: {type: month, supplier: register, label: Paid until}
member: {type: bool, supplier: staff, label: Member}
willing: {type: bool, supplier: person, label: Willing}
able: {type: bool, supplier: register, label: Able}
months: {type: int, unit: month, supplier: register, label: Months}
count: {type: int, supplier: person, label: Count}
wage: {type: decimal, unit: crown, supplier: person, label: Wage}
hue: {type: "code:colour", supplier: person, label: Hue}
form: {type: "code:shape", supplier: person, label: Form}
hues: {type: "list:colour", supplier: document, label: Hues}
town: {type: text, supplier: person, label: Town}
"""
PARAMETERS = """
parameters:
- {id: limit, unit: month, values: [{from: 2000-01-01, to: 2009-12-31, value: 10, status: verified},
                                    {from: 2010-01-01, to: 2019-12-31, value: 12, status: recalled}]}
- {id: least_wage, unit: crown, values: [{value: 0.1, status: verified}]}
- {id: old, unit: year, values: [{value: 60, status: recalled}]}
- {id: warm, values: [{value: [red], status: verified}]}
- {id: shares, values: [{value: {red: 3, green: 5}, status: verified}]}
- {id: odd, values: [{value: {red: 3, green: many}, status: verified}]}
- {id: reform, unit: 日期, values: [{value: 2010-05-01, status: verified}]}
"""


def write(folder: Path, rules: str, **files: str) -> Path:
    """A folder of law; `files` replaces facts, codes, units or parameters."""
    texts = {"units": UNITS, "codes": CODES, "facts": FACTS, "parameters": PARAMETERS} | files
    (folder / "rules").mkdir(parents=True, exist_ok=True)
    (folder / "parameters").mkdir(exist_ok=True)
    for name in ("units", "codes", "facts"):
        (folder / f"{name}.yaml").write_text(texts[name], encoding="utf-8")
    (folder / "parameters" / "all.yaml").write_text(texts["parameters"], encoding="utf-8")
    (folder / "rules" / "all.yaml").write_text(rules, encoding="utf-8")
    return folder


def law(folder: Path, rules: str, working: WorkingCalendar | None = None, **files: str) -> Law:
    return Law.load(write(folder, rules, **files), working)


def rule(name: str, body: str, **keys: str) -> str:
    """One rule as YAML; `body` is e.g. `when: member`."""
    lines = [
        f"- rule: {name}",
        "  title: T",
        "  basis: B",
        *(f"  {key}: {text}" for key, text in keys.items()),
    ]
    return "\n".join([*lines, *(f"  {line}" for line in body.splitlines())]) + "\n"
