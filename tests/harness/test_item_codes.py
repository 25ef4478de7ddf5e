"""Adding an item is data: no module outside cities/ names the code of an item or of a bundle."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import jiuye
from jiuye import cities
from jiuye.desk import catalogue

ROOT = Path(jiuye.__file__).parent
LAW = Path(cities.__file__).parent
NAMES = ("item", "bundle", "code")  # what a code is called where one is given or compared


def codes() -> set[str]:
    found = catalogue.shipped()
    return {*found.items, *found.bundles}


def named(tree: ast.AST, known: set[str]) -> Iterator[tuple[int, str]]:
    """Codes in a module, but not in what explains it.

    A code of several words can't mean anything else. One that is a plain word (appeal, certificate) counts
    where it is given as an item or bundle or compared with one.
    """
    explanations = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and "_" in str(node.value) and id(node) not in explanations:
            if node.value in known:
                yield node.lineno, str(node.value)
        elif isinstance(node, ast.Call | ast.Compare):
            yield from ((one.lineno, str(one.value)) for one in _meant(node) if one.value in known)


def _meant(node: ast.Call | ast.Compare) -> Iterator[ast.Constant]:
    """Plain words that this call or comparison takes for a code."""
    if isinstance(node, ast.Call):
        where = ast.unparse(node.func)
        given = [one.value for one in node.keywords if one.arg and one.arg.rpartition("__")[0] in NAMES]
        given += [one.value for one in node.keywords if one.arg in NAMES]
        given += node.args if where.startswith("catalogue.") else []
    else:
        sides = [node.left, *node.comparators]
        about = any(isinstance(one, ast.Attribute) and one.attr in NAMES[:2] for one in sides)
        given = sides if about else []
    for one in given:
        for part in ast.walk(one):
            if isinstance(part, ast.Constant) and isinstance(part.value, str) and "_" not in part.value:
                yield part


def test_no_module_names_an_item() -> None:
    known = codes()
    assert len(known) > 10
    found = [
        f"{path.relative_to(ROOT)}:{line}: {code}"
        for path in sorted(ROOT.rglob("*.py"))
        if not path.is_relative_to(LAW) and "migrations" not in path.parts
        for line, code in named(ast.parse(path.read_text(encoding="utf-8")), known)
    ]
    assert found == []


def test_no_template_names_an_item() -> None:
    known = {code for code in codes() if "_" in code}
    texts = {path: path.read_text(encoding="utf-8") for path in (ROOT / "web" / "templates").rglob("*.html")}
    assert [
        f"{path.name}: {code}"
        for path, text in sorted(texts.items())
        for code in sorted(known)
        if f"'{code}'" in text or f'"{code}"' in text
    ] == []


def test_the_search_finds_what_it_looks_for() -> None:
    text = (
        '"""some_item"""\n'
        'CODE = "some_item"\n'
        'WORD = "appeal"\n'
        "def f(case):\n"
        '    """some_item"""\n'
        '    if case.item == "appeal" or case.item in ("some_item", "other"):\n'
        '        catalogue.item("appeal")\n'
        '    return rows.filter(item="appeal", item__in=["appeal"], about="appeal")\n'
    )
    known = {"some_item", "appeal"}
    assert sorted(named(ast.parse(text), known)) == [
        (2, "some_item"), (6, "appeal"), (6, "some_item"), (7, "appeal"), (8, "appeal"), (8, "appeal"),
    ]  # fmt: skip
