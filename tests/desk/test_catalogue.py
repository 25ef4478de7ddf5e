"""The catalogue reads the city's items, and says everything that is wrong with one."""

from __future__ import annotations

from pathlib import Path

import pytest

from jiuye.desk import catalogue, city
from jiuye.desk.catalogue import CatalogueError

ITEM = """
item: small
title: {zh: 小事, en: Small}
accepts: street
decides: district
rule: ui_eligible
promised_days: ui_review_working_days_promised
statutory_days: ui_review_working_days_statutory
"""


def write(folder: Path, name: str, text: str) -> None:
    path = folder / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_the_citys_items_fit_its_law() -> None:
    found = catalogue.read(city.folder())
    assert list(found.problems(city.law())) == []
    assert {"unemployment_registration", "unemployment_benefit", "employment_registration", "appeal"} <= set(
        found.items
    )
    assert [item.code for item in found.bundles["unemployed"].items] == [
        "unemployment_registration",
        "unemployment_benefit",
    ]


def test_time_limits_are_names_of_parameters() -> None:
    benefit = catalogue.item("unemployment_benefit")
    assert benefit.promised_days == "ui_review_working_days_promised"
    assert benefit.codes["one_net"] == "310500212001"


def test_the_version_is_the_text(tmp_path: Path) -> None:
    write(tmp_path, "items/small", ITEM)
    before = catalogue.read(tmp_path).items["small"].version
    assert catalogue.read(tmp_path).items["small"].version == before
    write(tmp_path, "items/small", ITEM + "fee: none\n")
    assert catalogue.read(tmp_path).items["small"].version != before


def test_everything_wrong_is_said_at_once(tmp_path: Path) -> None:
    write(tmp_path, "items/small", ITEM.replace("accepts: street", "accepts: moon\nmystery: 1"))
    write(tmp_path, "items/other", ITEM)
    write(tmp_path, "items/hasty", ITEM.replace("small", "hasty").replace("promised_days", "notes"))
    write(tmp_path, "bundles/all", "bundle: all\ntitle: {zh: 全, en: All}\nitems: [nobody]\n")
    with pytest.raises(CatalogueError) as caught:
        catalogue.read(tmp_path)
    text = str(caught.value)
    for part in ("unknown key mystery", "accepts must be one of", "item must be other", "unknown key notes"):
        assert part in text
    assert "promised and a statutory time limit" in text
    assert "no item nobody" in text


def test_names_the_law_does_not_know_are_problems(tmp_path: Path) -> None:
    text = ITEM.replace("ui_eligible", "no_such_rule").replace(
        "ui_review_working_days_promised", "no_such_limit"
    )
    write(tmp_path, "items/small", text + "held_when: no_such_fact\nafter: nothing\n")
    assert sorted(catalogue.read(tmp_path).problems(city.law())) == [
        "small: no fact no_such_fact",
        "small: no item nothing",
        "small: no parameter no_such_limit",
        "small: no rule no_such_rule",
    ]
