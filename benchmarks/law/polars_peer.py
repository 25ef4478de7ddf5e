"""The eight rules as Polars expressions: `python -m benchmarks.law.polars_peer FOLDER ROUNDS`.

Unknown is null, which Polars' `&`, `|` and `any(ignore_nulls=False)` treat as Kleene does. The lazy engine
shares subexpressions. POLARS_MAX_THREADS says how many threads; one costs the least processor time.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from benchmarks.law import data, watch

CODES = {
    "status": ("none", "employed", "flexible", "unemployed", "student"),
    "category": ("M60", "F55", "F50"),
}
TODAY = data.ON.year * 12 + data.ON.month - 1


def frame(columns: data.Columns, links: data.Columns) -> pl.DataFrame:
    """Nulls instead of what stands for unknown."""
    out: dict[str, pl.Series] = {}
    for name, column in (columns | links).items():
        if name in links:
            out[name] = pl.Series(name, column)
        elif column.dtype == np.uint8:
            known = pl.Series(name, column)
            out[name] = pl.DataFrame({name: known}).select(
                pl.when(pl.col(name) != 1).then(pl.col(name) == 2)
            )[name]
        else:
            none = data.NONE[str(column.dtype)]
            made = pl.DataFrame({name: column}).select(pl.when(pl.col(name) != none).then(pl.col(name)))[name]
            out[name] = made.cast(pl.Date) if column.dtype == np.int32 else made
    return pl.DataFrame(out)


def by_category(name: str, rows: tuple[int, int, int], man: int) -> pl.Expr:
    c = pl.col("category")
    other = pl.when(c == 0).then(rows[0]).when(c == 1).then(rows[1]).when(c == 2).then(rows[2])
    sex = pl.col("sex")
    # of unknown sex: the category decides only where it is the man's
    return (
        pl.when(sex == 0).then(pl.lit(man)).when(sex == 1).then(other).when(c == 0).then(pl.lit(man))
    ).cast(pl.Int32)  # fmt: skip


def months(column: str) -> pl.Expr:
    """Completed months up to the day."""
    d = pl.col(column).dt
    return TODAY - d.year().cast(pl.Int32) * 12 - d.month() + 1 - (d.day() > data.ON.day)


def years(column: str) -> pl.Expr:
    d = pl.col(column).dt
    before = (d.month() > data.ON.month) | ((d.month() == data.ON.month) & (d.day() > data.ON.day))
    return data.ON.year - d.year().cast(pl.Int32) - before


def query(people: pl.LazyFrame, employers: pl.LazyFrame) -> pl.LazyFrame:
    c = pl.col
    birth = c("birth").dt
    former = birth.year().cast(pl.Int32) * 12 + birth.month() - 1 + 12 * by_category("base", (60, 55, 50), 60)
    start = 2025 * 12
    delay = pl.min_horizontal(
        by_category("cap", (36, 36, 60), 36), (former - start) // by_category("step", (4, 4, 2), 4) + 1
    )
    first = people.with_columns(
        retirement=pl.when(former < start).then(former).when(former >= start).then(former + delay),
        works=c("status").is_in([1, 2]),
        jobless=c("status") == 3,
    ).with_columns(before_retirement=c("retirement") > TODAY)
    second = first.with_columns(
        could_work=c("jobless") & (years("birth") >= 16) & c("before_retirement"),
    ).with_columns(
        zero_household=~c("works").any(ignore_nulls=False).over("household")
        & c("could_work").any(ignore_nulls=False).over("household"),
        eligible=(c("insured_months") >= 12)
        & c("reason").is_in([0, 1, 2, 3, 4])
        & c("registered")
        & (months("left_on") < 24)
        & c("before_retirement"),
    )
    firms = employers.with_row_index("employer").select(
        c("employer").cast(pl.Int32),
        fits=~c("kind").is_in([1, 4]) & ~c("in_arrears") & (c("staff") > 0),
    )
    within = c("subsidy_months") < 36
    older = pl.when(c("sex") == 0).then(45).when(c("sex") == 1).then(40)
    amount = pl.when(c("benefit_months") < 12).then(2340).when(c("benefit_months") >= 12).then(1872)
    return second.join(firms, on="employer", how="left", maintain_order="left").select(
        "before_retirement",
        "zero_household",
        ui_eligible="eligible",
        ui_months=pl.when(~c("eligible"))
        .then(0)
        .when(c("eligible"))
        .then(
            pl.when(c("insured_months").is_not_null()).then(
                pl.min_horizontal(24, 2 * (c("insured_months") // 12))
            )
        )
        .cast(pl.Int16),
        ui_amount=pl.when(~c("eligible")).then(0).when(c("eligible")).then(amount).cast(pl.Int16),
        hardship=c("local")
        & c("could_work")
        & (
            ((years("birth") >= older) & (months("jobless_since") >= 6))
            | c("disabled")
            | c("minimum_income")
            | c("zero_household")
        ),
        flexible_subsidy=c("recognised")
        & (c("status") == 2)
        & c("contributions_paid")
        & (within | (c("retirement") - TODAY < 60)),
        hiring_subsidy=c("recognised")
        & (c("status") == 1)
        & (c("contract_months") >= 12)
        & within
        & c("fits"),
    )


def answers(found: pl.DataFrame) -> data.Columns:
    out: data.Columns = {}
    for name in data.RULES:
        column = found[name]
        if name in data.VALUES:
            eligible = found["ui_eligible"]
            missing = column.is_null().to_numpy()
            width = data.VALUES[name]
            out[f"{name}.value"] = np.where(
                missing, np.iinfo(width).min, column.fill_null(0).to_numpy()
            ).astype(width)
            state = np.where(missing, 1, 2)
            met = eligible.fill_null(value=True).to_numpy()
            out[f"{name}.state"] = np.where(met, np.where(eligible.is_null().to_numpy(), 1, state), 0).astype(
                np.uint8
            )
        else:
            state = np.where(column.is_null().to_numpy(), 1, 2 * column.fill_null(value=False).to_numpy())
            out[f"{name}.state"] = state.astype(np.uint8)
    return out


def main() -> None:
    folder, rounds = watch.arguments()
    people = frame(data.load(folder, "people"), data.load(folder, "links"))
    employers = frame(data.load(folder, "employers"), {})
    lazy = query(people.lazy(), employers.lazy())
    kept: list[pl.DataFrame] = []

    def run() -> None:
        kept[:] = [lazy.collect()]

    found = watch.timed(run, rounds)
    watch.report(folder, "polars", found | {"version": pl.__version__, "threads": pl.thread_pool_size()})
    data.save_answers(folder, "polars", answers(kept[0]))


if __name__ == "__main__":
    main()
