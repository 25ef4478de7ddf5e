"""Rules as they are written: versions, conditions, schedules, what stops them and what they exclude."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from jiuye.policy.lines import LinedDict
from jiuye.policy.parts import ENTITIES, PERSON, ConditionText, Rule, ScheduleText
from jiuye.policy.reading import Reading, both

RULE_KEYS = {
    "rule", "id", "for", "title", "basis", "from", "until", "gap_before", "goes_on_for", "given", "otherwise",
    "all", "any", "when", "value", "unit", "schedule", "stops", "excludes", "prefer", "note", "remedy",
}  # fmt: skip
CONDITION_KEYS = {"when", "all", "any", "basis", "zh", "en", "remedy", "note"}
SCHEDULE_KEYS = {"first", "count", "value", "bind"}


class RuleReading(Reading):
    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.rules: dict[str, tuple[Rule, ...]] = {}
        self.excluding: list[tuple[str, str, int]] = []  # (name, file, line), looked up once all are read

    def take_rules(self, content: Any, where: str) -> None:
        for line, item in self.sequence(content, where, 1, "rules"):
            node = self.mapping(item, where, line, "rule")
            name = str(node.get("rule"))
            self.named("rule", name, where, line)
            rule = self.rule(name, node, where, line)
            self.add(rule)
            if "stops" in node:
                self.named("rule", f"{name}_stop", where, node.line_of("stops"))
                self.add(self.stop(rule, node, where))

    def add(self, rule: Rule) -> None:
        self.rules[rule.name] = (*self.rules.get(rule.name, ()), rule)

    def rule(self, name: str, node: LinedDict, where: str, line: int) -> Rule:
        self.keys(node, RULE_KEYS, where)
        if not node.get("basis"):
            self.problem(where, line, f"rule {name} has no basis")
        if "title" not in node:
            self.problem(where, line, f"rule {name} has no title")
        kinds = [key for key in ("all", "any", "when", "value", "schedule") if key in node]
        if len(kinds) != 1:
            self.problem(where, line, f"rule {name} needs exactly one of all, any, when, value, schedule")
        if "given" in node and not {"value", "schedule"} & set(kinds):
            self.problem(where, node.line_of("given"), "given stands before a value or a schedule only")
        if "otherwise" in node and not ("given" in node and "value" in kinds):
            self.problem(where, node.line_of("otherwise"), "otherwise needs given and value")
        title, basis, remedy = (
            both(node.get("title"), name),
            str(node.get("basis", "")),
            both(node.get("remedy")),
        )
        condition = None
        for group in ("all", "any"):
            if group in node:
                parts = self.parts(node[group], where, node.line_of(group))
                condition = ConditionText(name, basis, title, remedy, None, group, parts)
        if "when" in node:
            when = self.expression(node["when"], where, node.line_of("when"))
            condition = ConditionText(name, basis, title, remedy, when)
        first = self.day(node.get("from"), where, node.line_of("from")) or date.min
        last = self.day(node.get("until"), where, node.line_of("until"))
        if last and last < first:
            self.problem(where, line, f"{name} ends before it begins")
        return Rule(
            name, str(node.get("id", "")), title, basis, first, last,
            self.expression(node.get("given"), where, node.line_of("given")),
            self.expression(node.get("otherwise"), where, node.line_of("otherwise")),
            condition,
            self.expression(node.get("value"), where, node.line_of("value")),
            self.schedule(node, where) if "schedule" in node else None,
            self.unit(node.get("unit"), where, node.line_of("unit")),
            f"{where}:{line}", note=str(node.get("note", "")),
            entity=self.one_of(node, "for", ENTITIES, PERSON, where, "kind of case"),
            goes_on=self.goes_on(node, last, where) if "goes_on_for" in node else None,
            gap_before=str(node.get("gap_before") or ""),
            excludes=self.excludes(name, node, where) if "excludes" in node else (),
            prefer=self.prefer(node, where) if "prefer" in node else {},
        )  # fmt: skip

    def parts(self, node: Any, where: str, line: int) -> tuple[ConditionText, ...]:
        node = self.mapping(node, where, line, "conditions")
        if not node:
            self.problem(where, line, "a group needs at least one condition")
        return tuple(self.condition(name, node[name], where, node.line_of(name)) for name in node)

    def condition(self, name: str, item: Any, where: str, line: int) -> ConditionText:
        node = self.mapping(item, where, line, f"condition {name}")
        self.keys(node, CONDITION_KEYS, where)
        kinds = [key for key in ("all", "any", "when") if key in node]
        if len(kinds) != 1:
            self.problem(where, line, f"condition {name} needs exactly one of when, all, any")
        label, remedy = (
            {"zh": str(node.get("zh", "")), "en": str(node.get("en", ""))},
            both(node.get("remedy")),
        )
        if not (label["zh"] and label["en"]):
            self.problem(where, line, f"condition {name} needs its words in zh and en")
        basis = str(node.get("basis", ""))
        if kinds and kinds[0] != "when":
            parts = self.parts(node[kinds[0]], where, node.line_of(kinds[0]))
            return ConditionText(name, basis, label, remedy, None, kinds[0], parts)
        when = self.expression(node.get("when"), where, node.line_of("when"))
        return ConditionText(name, basis, label, remedy, when)

    def schedule(self, node: LinedDict, where: str) -> ScheduleText | None:
        line = node.line_of("schedule")
        part = self.mapping(node["schedule"], where, line, "schedule")
        self.keys(part, SCHEDULE_KEYS, where)
        first, count, value = (
            self.expression(part.get(key), where, part.line_of(key)) for key in ("first", "count", "value")
        )
        if first is None or count is None or value is None:
            self.problem(where, line, "a schedule needs first, count and value")
            return None
        bind = {}
        if "bind" in part:
            texts = self.mapping(part["bind"], where, part.line_of("bind"), "bind")
            for name, text in texts.items():
                found = self.expression(text, where, texts.line_of(name))
                if found is not None:
                    bind[name] = found
        return ScheduleText(first, count, value, bind)

    def stop(self, rule: Rule, node: LinedDict, where: str) -> Rule:
        """What ends a benefit, as a condition of its own beside it: any of `stops`."""
        name, line = f"{rule.name}_stop", node.line_of("stops")
        title = {"zh": f"停止：{rule.title['zh']}", "en": f"End of: {rule.title['en']}"}
        parts = self.parts(node["stops"], where, line)
        return Rule(
            name, rule.id, title, rule.basis, rule.first, rule.last, None, None,
            ConditionText(name, rule.basis, title, both(None), None, "any", parts), None, None, None,
            f"{where}:{line}", entity=rule.entity, stop_of=rule.name, gap_before=rule.gap_before,
        )  # fmt: skip

    def goes_on(self, node: LinedDict, last: date | None, where: str) -> ConditionText:
        """Whom the version still stands for once it has ended."""
        if last is None:
            self.problem(where, node.line_of("goes_on_for"), "goes_on_for needs until")
        return self.condition("goes_on_for", node["goes_on_for"], where, node.line_of("goes_on_for"))

    def excludes(self, name: str, node: LinedDict, where: str) -> tuple[str, ...]:
        items = self.sequence(node["excludes"], where, node.line_of("excludes"), "excludes")
        out: dict[str, None] = {}
        for line, item in items:
            other = str(item)
            if other == name:
                self.problem(where, line, f"{name} can't exclude itself")
            elif other in out:
                self.problem(where, line, f"{name} excludes {other} twice")
            self.excluding.append((other, where, line))
            out[other] = None
        return tuple(out)

    def prefer(self, node: LinedDict, where: str) -> dict[str, str]:
        line = node.line_of("prefer")
        words = self.mapping(node["prefer"], where, line, "prefer")
        self.keys(words, {"zh", "en"}, where)
        if "excludes" not in node:
            self.problem(where, line, "prefer needs excludes")
        if not (words.get("zh") and words.get("en")):
            self.problem(where, line, "prefer needs its words in zh and en")
        return both(words)
