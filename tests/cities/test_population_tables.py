"""Rules over tables of a database and into tables of it, by any engine: always the same answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from jiuye.cli.main import app
from jiuye.policy import inside_postgresql as inside
from jiuye.policy.columns import ColumnError
from jiuye.policy.tables import Place
from tests.cities import test_population
from tests.cities.test_population import ON, RULES, command, expected, law

files = test_population.files
pytestmark = [pytest.mark.django_db, pytest.mark.owner]
ENGINES = ["columns", "postgresql", "duckdb"]
PEOPLE = """
id, household, employer, birth, sex, ui_months_unused, employed, able_to_work, at_school, flexible_registered,
self_employed_licence, pension_kind"""
ROWS = [
    (0, "b", "x", "1980-02-29", "1", 30, False, True, False),
    (1, "a", "y", None, "2", 11, False, None, False),
    (2, "b", None, "2012-01-01", None, None, None, True, True),
    (3, None, "z", "1950-12-31", "2", 400, True, False, False),
    (4, "a", "x", "1999-07-01", "1", 24, False, True, False),
]


@pytest.fixture(scope="module")
def database(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, Any]]:
    """How to reach the test database; what was made in it is removed at the end."""
    from django.db import connection

    with django_db_blocker.unblock():
        given = connection.get_connection_params()
    found = {name: given[name] for name in ("dbname", "user", "password", "host", "port") if given.get(name)}
    yield found | {"options": "-c lock_timeout=20s"}
    with psycopg.connect(**found, autocommit=True) as made:
        made.execute("DROP SCHEMA IF EXISTS people_of_test, answers_of_test CASCADE")


@pytest.fixture
def own(database: dict[str, Any]) -> Iterator[psycopg.Connection[Any]]:
    """A connection to the test database that commits. Tables of an earlier test go when the next one begins:
    until its end the test's own transaction may have read them."""
    with psycopg.connect(**database, autocommit=True) as made:
        made.execute("DROP SCHEMA IF EXISTS people_of_test, answers_of_test CASCADE")
        made.execute("CREATE SCHEMA people_of_test")
        made.execute(
            "CREATE TABLE people_of_test.people (id int, household text, employer text, birth date, sex text,"
            " ui_months_unused smallint, employed bool, able_to_work bool, at_school bool,"
            " flexible_registered bool, self_employed_licence bool, pension_kind text)"
        )
        made.execute(
            "CREATE TABLE people_of_test.firms"
            " (id text, layoff_planned int, staff_count int, payroll_year numeric)"
        )
        with made.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO people_of_test.people ({PEOPLE})"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, false, false, 'none')",
                ROWS,
            )
        made.execute(
            "INSERT INTO people_of_test.firms VALUES ('x', 20, 300, 1234567.89), ('y', 19, 300, NULL)"
        )
        yield made


PLACE = Place("answers_of_test", "answers")


def work(part: int = 2) -> inside.Work:
    return inside.Work(law(), RULES, ON, "people_of_test.people", "people_of_test.firms", part)


def answers(connection: psycopg.Connection[Any]) -> list[dict[str, Any]]:
    cursor = connection.execute("SELECT * FROM answers_of_test.answers ORDER BY id")
    names = [column.name for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def right(found: list[dict[str, Any]]) -> None:
    assert [answer["id"] for answer in found] == list(range(5))
    for row, answer in enumerate(found):
        for rule in RULES:
            state, value = expected(row, rule)
            assert answer[f"{rule}_state"] == state, (row, rule)
            assert answer.get(f"{rule}_value") == value, (row, rule)


def asked(people: str, out: str, *more: str) -> Any:
    rules = [part for name in RULES for part in ("-r", name)]
    return CliRunner().invoke(app, ["law", "population", people, out, "--on", str(ON), *rules, *more])


@pytest.mark.parametrize("engine", ENGINES)
def test_from_a_table_into_a_table(own: psycopg.Connection[Any], engine: str) -> None:
    url = (
        f"postgresql://{own.info.user}:{own.info.password}@{own.info.host}:{own.info.port}/{own.info.dbname}"
    )
    people, firms = f"{url}#people_of_test.people", "#people_of_test.firms"
    for _ in range(2):  # the second time it is there already, or made anew
        done = asked(people, "#answers_of_test.answers", "--employers", firms, "--engine", engine)
        assert done.exit_code == 0, done.output
        right(answers(own))
    named = own.execute("SELECT obj_description('answers_of_test.answers'::regclass)").fetchone()
    assert named is not None
    assert law().version in named[0]
    tables = own.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'answers_of_test'").fetchall()
    assert tables == [("answers",)]


@pytest.mark.parametrize("engine", ENGINES)
def test_from_a_table_into_a_file_and_from_a_file_into_a_table(
    own: psycopg.Connection[Any],
    engine: str,
    files: tuple[Path, Path],
    tmp_path: Path,
) -> None:
    done = asked(
        "#people_of_test.people", str(tmp_path / "out.parquet"), "--employers", "#people_of_test.firms",
        "--engine", engine,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    right(pq.read_table(tmp_path / "out.parquet").sort_by("id").to_pylist())
    done = command(files, "#of_city.answers", "--engine", engine)  # type: ignore[arg-type]
    assert done.exit_code == 0, done.output
    from django.db import connection

    with connection.cursor() as cursor:  # the city's database, in the transaction of this test
        cursor.execute("SELECT * FROM of_city.answers ORDER BY id")
        names = [column.name for column in cursor.description]
        right([dict(zip(names, row, strict=True)) for row in cursor.fetchall()])


def test_a_file_by_postgresql(files: tuple[Path, Path], tmp_path: Path) -> None:
    done = command(files, tmp_path / "out.parquet", "--engine", "postgresql")
    assert done.exit_code == 0, done.output
    right(pq.read_table(tmp_path / "out.parquet").sort_by("id").to_pylist())


def killed_after(own: psycopg.Connection[Any], parts: int) -> None:
    """A run whose connection is cut when so many parts are there."""
    seen = []
    with psycopg.connect(own.info.dsn, password=own.info.password, autocommit=True) as other:

        def progress(done: int, total: int) -> None:
            seen.append(done)
            if len(seen) > parts:
                own.execute("SELECT pg_terminate_backend(%s)", (other.info.backend_pid,))

        with pytest.raises(psycopg.OperationalError):
            inside.to_table(other, work(1), PLACE, progress)


def parts_made(own: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Runs again; which parts it made."""
    made: list[int] = []
    answer = inside.Snapshot.answer

    def noted(self: inside.Snapshot, number: int, into: str) -> None:
        made.append(number)
        answer(self, number, into)

    monkeypatch.setattr(inside.Snapshot, "answer", noted)
    inside.to_table(own, work(1), PLACE)
    monkeypatch.undo()
    return made


def test_a_run_that_was_killed_goes_on(own: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    killed_after(own, 2)
    assert own.execute("SELECT to_regclass('answers_of_test.answers')").fetchone() == (None,)
    assert parts_made(own, monkeypatch) == [2, 3, 4]
    right(answers(own))
    assert parts_made(own, monkeypatch) == []  # nothing differs: nothing is done


def test_other_facts_begin_anew(own: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    killed_after(own, 2)
    own.execute("UPDATE people_of_test.people SET sex = '2' WHERE id = 0")
    assert parts_made(own, monkeypatch) == [0, 1, 2, 3, 4]
    changed = answers(own)
    own.execute("UPDATE people_of_test.people SET sex = '1' WHERE id = 0")
    assert parts_made(own, monkeypatch) == [0, 1, 2, 3, 4]
    right(answers(own))
    assert changed != answers(own)


def test_while_one_run_makes_a_table_another_waits_outside(own: psycopg.Connection[Any]) -> None:
    with psycopg.connect(own.info.dsn, password=own.info.password, autocommit=True) as other:

        def progress(done: int, total: int) -> None:
            with pytest.raises(ColumnError, match="another run is making this table"):
                inside.to_table(other, work(), PLACE)

        inside.to_table(own, work(5), PLACE, progress)
    right(answers(own))


@pytest.mark.parametrize("engine", ENGINES)
def test_every_bad_row_is_named(own: psycopg.Connection[Any], engine: str) -> None:
    own.execute("UPDATE people_of_test.people SET sex = '7' WHERE id IN (1, 3)")
    own.execute("INSERT INTO people_of_test.people (id, sex) VALUES (4, '1'), (NULL, '2')")
    own.execute("UPDATE people_of_test.firms SET payroll_year = 1.005 WHERE id = 'x'")
    more = ("--employers", "#people_of_test.firms", "--engine", engine)
    done = asked("#people_of_test.people", "#answers_of_test.answers", *more)
    assert done.exit_code == 1
    said = done.output.splitlines()
    for line in (
        "people, id 1: sex: not in code table sex: 7",
        "people, id 3: sex: not in code table sex: 7",
        "people, id 4: id: this id is there more than once",
        "people, id –: id: no id",
        "employers, id x: payroll_year: not a number of 2 decimal places: 1.005",
    ):
        assert line in said, said
    assert said.count("people, id 4: id: this id is there more than once") == 2
    assert "6 bad rows; nothing was answered" in said
    assert own.execute("SELECT to_regnamespace('answers_of_test')").fetchone() == (None,)


def test_every_bad_row_of_a_file_is_named(files: tuple[Path, Path], tmp_path: Path) -> None:
    import pyarrow as pa

    table = pq.read_table(files[0])
    table = table.set_column(table.column_names.index("sex"), "sex", pa.array(["1", "7", "2", "8", "1"]))
    table = table.set_column(0, "id", pa.array([0, 1, 1, None, 4]))
    pq.write_table(table, files[0])
    for engine in ENGINES:
        done = command(files, tmp_path / "out.parquet", "--engine", engine)
        assert done.exit_code == 1
        for line in (
            "people.parquet, row 2, id 1: sex: not in code table sex: '7'",
            "people.parquet, row 4, id –: sex: not in code table sex: '8'",
            "people.parquet, row 2, id 1: id: this id is there more than once",
            "people.parquet, row 3, id 1: id: this id is there more than once",
            "people.parquet, row 4, id –: id: no id",
            "5 bad rows; nothing was answered",
        ):
            assert line in done.output, done.output
        assert not (tmp_path / "out.parquet").exists()


@pytest.mark.parametrize(
    ("people", "out", "message"),
    [
        ("#people_of_test.nobody", "#answers_of_test.answers", "nobody"),
        ("#people_of_test.people", "#public.answers", "answers want a schema of their own"),
        ("#people_of_test.people", "#answers", "write schema.table"),
        ("postgresql://localhost/x", "out.parquet", "which table?"),
        ("nothing.parquet", "out.parquet", "no such file"),
        ("#people_of_test.people", "postgresql://localhost/x#a.b", "it lies in the database of the people"),
    ],
)
def test_what_cannot_be_is_said(own: psycopg.Connection[Any], people: str, out: str, message: str) -> None:
    done = asked(people, out)
    assert done.exit_code == 1
    assert message in " ".join(done.output.split())


def test_floating_numbers_are_refused(own: psycopg.Connection[Any]) -> None:
    own.execute("ALTER TABLE people_of_test.firms ALTER payroll_year TYPE double precision")
    with pytest.raises(ColumnError, match="floating point numbers aren't exact"):
        inside.to_table(own, work(), PLACE)
