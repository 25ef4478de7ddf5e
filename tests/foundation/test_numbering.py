"""Numbers: unique under any concurrency, and a slip of the pen is noticed."""

from __future__ import annotations

import threading

import pytest
from django.db import connections, transaction
from hypothesis import given
from hypothesis import strategies as st

from jiuye.foundation import numbering
from jiuye.foundation.numbering import compose, is_number, next_number


@pytest.mark.django_db
def test_form() -> None:
    number = next_number("case", "310101002001")
    assert number.startswith("310101-")
    assert is_number(number)
    assert next_number("case", "31").startswith("310000-")
    with pytest.raises(ValueError, match="kind"):
        next_number("case; DROP TABLE", "31")


@pytest.mark.django_db
def test_no_two_things_carry_the_same_number() -> None:
    numbers = [next_number(kind, "31") for kind in numbering.KINDS for _ in range(2)]
    assert len(set(numbers)) == 2 * len(numbering.KINDS)


@pytest.mark.django_db(transaction=True)
def test_unique_under_concurrency() -> None:
    """Eight threads, real transactions, some rolled back: no number twice."""
    found: list[str] = []
    lock, barrier = threading.Lock(), threading.Barrier(8)

    def work(me: int) -> None:
        barrier.wait(10)
        try:
            for i in range(25):
                with transaction.atomic():
                    number = next_number("case", "310101")
                    with lock:
                        found.append(number)
                    if (i + me) % 5 == 0:
                        transaction.set_rollback(True)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(me,)) for me in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(found) == len(set(found)) == 200
    running = sorted(int(number.split("-")[2]) for number in found)
    assert running[-1] - running[0] == 199


@given(st.integers(1, 99_999_999), st.integers(2020, 2099), st.sampled_from(["31", "310101", "310151"]))
def test_check_digit_notices_one_wrong_digit_and_neighbours_swapped(
    running: int, year: int, unit: str
) -> None:
    number = compose(unit, year, running)
    assert is_number(number)
    digits = [i for i, c in enumerate(number) if c.isdigit()]
    for i in digits:
        wrong = number[:i] + str((int(number[i]) + 1 + running % 9) % 10) + number[i + 1 :]
        assert wrong == number or not is_number(wrong)


def test_what_is_no_number() -> None:
    number = compose("310101", 2026, 123)
    assert number == f"310101-26-0000123-{number[-1]}"
    for wrong in ("", number[:-1], number + "0", number.replace("-", ""), "３１" + number[2:]):
        assert not is_number(wrong)
    assert is_number(f" {number} ")
    assert set(numbering.KINDS) == {"case", "decision", "run", "letter", "recovery", "appeal"}
