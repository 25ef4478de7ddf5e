"""The menu of the city fits its law, and says everything that is wrong with an entry."""

from __future__ import annotations

from pathlib import Path

import pytest

from jiuye.desk import catalogue, city, menu_data
from jiuye.desk.menu_data import MenuError

ENTRY = """
- benefit: small
  for: person
  title: {zh: 小, en: Small}
  plain: {zh: 小, en: Small}
  rule: ui_eligible
  schedule: ui_schedule
  months: ui_months
  instead: {zh: 到窗口, en: At the counter}
  group: income
"""


def write(folder: Path, text: str) -> Path:
    (folder / "menu.yaml").write_text(text, encoding="utf-8")
    (folder / "menu_groups.yaml").write_text("income: {zh: 钱, en: Money}\n", encoding="utf-8")
    return folder


def problems(folder: Path) -> list[str]:
    return list(menu_data.read(folder).problems(city.law(), catalogue.current().items))


def test_every_entry_of_the_city_fits_its_law() -> None:
    found = menu_data.current()
    codes = {entry.code for entry in found.entries}
    assert {
        "unemployment_benefit",
        "flexible_subsidy",
        "hardship_recognition",
        "employer_hiring_subsidy",
    } <= codes
    assert {entry.audience for entry in found.entries} == {"person", "household", "employer"}
    assert {entry.group for entry in found.entries} <= set(found.groups)


def test_a_city_without_a_menu_has_an_empty_one(tmp_path: Path) -> None:
    assert menu_data.read(tmp_path).entries == ()


def test_everything_wrong_with_the_shape_is_said_at_once(tmp_path: Path) -> None:
    wrong = ENTRY.replace("for: person", "for: nobody").replace(
        "title: {zh: 小, en: Small}", "title: {zh: 小}"
    )
    wrong = wrong.replace("instead: {zh: 到窗口, en: At the counter}", "instead: {zh: 到窗口}")
    write(
        tmp_path,
        ENTRY
        + ENTRY
        + wrong.replace("small", "odd")
        + "  mystery: 1\n  amount: ui_rate\n  about: worker\n- {}\n",
    )
    with pytest.raises(MenuError) as caught:
        menu_data.read(tmp_path)
    assert set(caught.value.problems) == {
        "small: twice in the menu",
        "odd: unknown key mystery",
        "odd: title in zh and en expected",
        "odd: an entry without an item says in zh and en what to do instead",
        "odd: for must be one of person, household, employer",
        "odd: about: worker belongs to an employer's benefit",
        "odd: per must be one of month, once, year",
        "odd: an amount or a schedule, not both",
        "entry 4: benefit expected",
    }


def test_names_and_units_are_those_of_the_law(tmp_path: Path) -> None:
    wrong = (
        ENTRY.replace("rule: ui_eligible", "rule: age")
        .replace("schedule: ui_schedule", "schedule: ui_months")
        .replace("months: ui_months", "months: no_such_rule")
        .replace("group: income", "group: nowhere")
    )
    write(
        tmp_path,
        wrong + "  held_when: no_such_fact\n  item: no_such_item\n  deadline: ui_eligible\n"
        "  effort: {minutes: 1, documents: [birth]}\n",
    )
    assert set(problems(tmp_path)) == {
        "small: no rule no_such_rule",
        "small: no fact no_such_fact",
        "small: no item no_such_item",
        "small: no document proves birth",
        "small: age is not a condition",
        "small: ui_months is not a schedule in yuan",
        "small: ui_eligible is not a date",
        "small: no group nowhere",
    }


def test_an_employers_benefit_is_decided_about_the_employer_or_about_a_worker(tmp_path: Path) -> None:
    employers = ENTRY.replace("for: person", "for: employer")
    write(tmp_path, employers)
    assert "small: ui_eligible does not speak about an employer" in problems(tmp_path)
    write(tmp_path, employers + "  about: worker\n")
    assert problems(tmp_path) == []
