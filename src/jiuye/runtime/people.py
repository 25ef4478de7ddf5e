"""Who can log in to the demonstration, and what each of them can see."""

from __future__ import annotations

import locale


def table() -> list[dict[str, str]]:
    """One row for each login that the first page offers. Empty without a demonstration.

    In Chinese where the terminal speaks it, else in English.
    """
    from django.utils import translation

    from jiuye.web.login.providers import DemoProvider

    language = "zh-hans" if (locale.setlocale(locale.LC_MESSAGES, "") or "").startswith("zh") else "en"
    with translation.override(language):
        return [
            {
                "portal": group.title,
                "login": choice.value,
                "name": choice.name,
                "role": choice.role,
                "sees": choice.sees,
            }
            for group in DemoProvider().offer()
            for choice in group.choices
        ]
