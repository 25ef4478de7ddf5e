"""Numbers of cases, decisions, runs: 310101-26-0000123-4. From a sequence, so never the same twice.

District, year, running number in the whole city (a rolled-back transaction leaves a gap), check digit by
ISO 7064 MOD 11,10 over all digits before it: one wrong digit or a swap of two is noticed. All kinds share the
sequence: a case and a decision never carry the same number.
"""

from __future__ import annotations

import re
from typing import Final

from django.db import connection
from stdnum.iso7064 import mod_11_10

from jiuye.foundation import clock

KINDS: Final = ("case", "decision", "run", "letter", "recovery", "appeal")
_FORM: Final = re.compile(r"(\d{6})-(\d{2})-(\d{7,})-(\d)", re.ASCII)


def next_number(kind: str, unit_code: str) -> str:
    """A fresh number for a thing of this unit ('31' becomes 310000)."""
    if kind not in KINDS:
        raise ValueError(f"no numbers of kind {kind!r}")
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('foundation_number')")
        running = cursor.fetchone()[0]
    return compose(unit_code, clock.today().year, running)


def compose(unit_code: str, year: int, running: int) -> str:
    """The number of these parts; no database."""
    district = unit_code[:6].ljust(6, "0")
    digits = f"{district}{year % 100:02d}{running:07d}"
    return f"{district}-{year % 100:02d}-{running:07d}-{mod_11_10.calc_check_digit(digits)}"


def is_number(text: str) -> bool:
    """Whether this is a number with the right check digit."""
    found = _FORM.fullmatch(text.strip())
    return found is not None and bool(mod_11_10.is_valid("".join(found.groups())))
