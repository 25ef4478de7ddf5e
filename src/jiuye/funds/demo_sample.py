"""The control sample of the demonstration city."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date, timedelta

from jiuye.foundation import clock
from jiuye.foundation.models import User
from jiuye.funds.actions.control import fraction
from jiuye.funds.city import funds
from jiuye.funds.models import Award, ControlSample, ControlSeed

SAMPLED_DAYS = 90
BATCH = 2000


def draw(awards: Iterable[Award], today: date, auditor: User) -> None:
    """Some of the newest grants, drawn as real ones are; those of more than a month ago were looked
    at.
    """
    seeds: dict[int, str] = {}
    drawn: list[ControlSample] = []
    for award in awards:
        at = award.created_at
        if at.date() < today - timedelta(days=SAMPLED_DAYS):
            continue
        seed = seeds.setdefault(at.year, hashlib.sha256(f"demo {at.year}".encode()).hexdigest())
        if fraction(seed, award.decision_id) >= funds().control.rate:
            continue
        seen = at.date() < today - timedelta(days=30)
        drawn.append(
            ControlSample(
                decision_id=award.decision_id,
                person_id=award.person_id,
                unit_code=award.unit_code,
                seed=seed,
                drawn_at=at,
                state="confirmed" if seen else "drawn",
                looked_by_id=auditor.pk if seen else None,
                looked_at=at + timedelta(days=5) if seen else None,
            )
        )
    ControlSeed.objects.bulk_create(
        [ControlSeed(year=year, seed=seed, made_at=clock.now()) for year, seed in seeds.items()],
        ignore_conflicts=True,
    )
    ControlSample.objects.bulk_create(drawn, batch_size=BATCH)
