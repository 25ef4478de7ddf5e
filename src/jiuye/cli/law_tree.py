"""One outcome of the law, printed as a tree."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.tree import Tree

from jiuye.policy import Condition, Law, Outcome, State
from jiuye.policy.values import Value, plain

MARKS = {State.MET: "[green]✓[/]", State.NOT_MET: "[red]✗[/]", State.UNKNOWN: "[yellow]?[/]"}
WORDS: Mapping[str, Mapping[str | State, str]] = {
    "zh": {
        State.MET: "符合",
        State.NOT_MET: "不符合",
        State.UNKNOWN: "未定",
        "not_in_force": "该日没有有效的规定",
        "any": "符合其中之一",
        "all": "须全部符合",
        "remedy": "可以这样做",
        "ask": "还需要",
        "recalled": "所依据的参数未经核实，须人工复核",
        "gaps": "该日没有数值，或条文未作规定",
        "month": "月份",
        "number": "第几个月",
        "amount": "金额",
        "total": "合计",
        "unknown": "未知",
        "yes": "是",
        "no": "否",
    },
    "en": {
        State.MET: "met",
        State.NOT_MET: "not met",
        State.UNKNOWN: "unknown",
        "not_in_force": "nothing is in force on that day",
        "any": "one of these",
        "all": "all of these",
        "remedy": "what can be done",
        "ask": "still needed",
        "recalled": "rests on parameters nobody verified: a person has to look",
        "gaps": "no value on that day, or the text is silent",
        "month": "Month",
        "number": "No.",
        "amount": "Amount",
        "total": "Total",
        "unknown": "unknown",
        "yes": "yes",
        "no": "no",
    },
}


def show(console: Console, law: Law, outcome: Outcome, facts: Mapping[str, Value], language: str) -> None:
    """Title, conditions, the way to the value or the months, what is missing."""
    words = WORDS[language]
    head = f"{MARKS[outcome.state]} [bold]{escape(outcome.title[language])}[/]  {words[outcome.state]}"
    tree = Tree(f"{head}  [dim]{escape(outcome.basis)}  {outcome.on}[/]")
    rule = law.rule_at(outcome.rule, outcome.on)
    if rule is None:
        tree.add(words["not_in_force"])
    elif rule.note:
        tree.add(f"[dim]{escape(rule.note)}[/]")
    for condition in outcome.conditions:
        _branch(tree, condition, law, language)
    if outcome.value is not None or outcome.calculation:
        tree.add(f"{_shown(law, outcome.rule, outcome.value, language)} = {escape(outcome.calculation)}")
    _inner(tree, law, outcome, facts, language)
    console.print(tree, highlight=False)
    if outcome.schedule:
        console.print(_months(outcome, words))
    for key, names in (("ask", outcome.ask), ("recalled", outcome.recalled), ("gaps", outcome.gaps)):
        if names:
            listed = "；".join(f"{_label(law, name, language)} ({name})" for name in names)
            console.print(f"[yellow]{words[key]}[/]: {escape(listed)}", highlight=False)


def _branch(tree: Tree, condition: Condition, law: Law, language: str) -> None:
    words = WORDS[language]
    text = f"{MARKS[condition.state]} {escape(condition.label[language])}"
    if condition.basis:
        text += f"  [dim]{escape(condition.basis)}[/]"
    if condition.children and condition.quantifier == "any":
        text += f"  [dim]({words['any']})[/]"
    branch = tree.add(text)
    if not condition.children:
        for name, value in condition.inputs.items():
            branch.add(f"[dim]{_label(law, name, language)}:[/] {_shown(law, name, value, language)}")
    if condition.state != State.MET and condition.remedy.get(language):
        branch.add(f"[cyan]{words['remedy']}:[/] {escape(condition.remedy[language])}")
    for child in condition.children:
        _branch(branch, child, law, language)


def _inner(tree: Tree, law: Law, outcome: Outcome, facts: Mapping[str, Value], language: str) -> None:
    """The rules a value or schedule is made of, each with its own calculation."""
    rule = law.rule_at(outcome.rule, outcome.on)
    if rule is None or rule.condition is not None:
        return
    parts = [rule.given, rule.value]
    if rule.schedule is not None:
        parts += [rule.schedule.first, rule.schedule.count]
    for name in dict.fromkeys(name for part in parts if part is not None for name in part.names):
        if name in law.rules and name not in facts:
            inner = law.explain(name, facts, outcome.on)
            if inner.conditions:
                branch = tree.add(f"{MARKS[inner.state]} {escape(inner.title[language])}")
                for condition in inner.conditions:
                    _branch(branch, condition, law, language)
            else:
                shown = _shown(law, name, inner.value, language)
                tree.add(f"{_label(law, name, language)}: {shown}  [dim]= {escape(inner.calculation)}[/]")


def _months(outcome: Outcome, words: Mapping[str | State, str]) -> Table:
    table = Table(words["number"], words["month"], words["amount"])
    for line in outcome.schedule:
        table.add_row(
            str(line.index), str(line.month), words["unknown"] if line.value is None else f"{line.value:,.2f}"
        )
    if outcome.total is not None:
        table.add_row("", words["total"], f"{outcome.total:,.2f}")
    return table


def _label(law: Law, name: str, language: str) -> str:
    if name in law.facts:
        return escape(law.facts[name].label[language])
    if name in law.parameters:
        return escape(law.parameters[name].label[language])
    return escape(law.rules[name][-1].title[language]) if name in law.rules else escape(name)


def _shown(law: Law, name: str, value: Value, language: str) -> str:
    if value is None:
        return WORDS[language]["unknown"]
    of = law.type_of(name)
    table = law.codes.get(of.codes or "", {}) if of else {}
    if isinstance(value, tuple | list):
        return escape("、".join(table.get(word, {}).get(language, str(word)) for word in value) or "—")
    if isinstance(value, bool):
        return WORDS[language]["yes" if value else "no"]
    return escape(str(table[value][language] if isinstance(value, str) and value in table else plain(value)))
