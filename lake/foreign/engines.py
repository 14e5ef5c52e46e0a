"""Reads a lake with engines that were not made here: see engines.sh. What they find must be what `cloudbill export` says."""

import csv
import re
import sys
from collections import defaultdict
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any, Callable

import duckdb
import polars
from pyspark.sql import SparkSession

# Of focus/foreign.
import books
import exported
import lake

KEYS = ["service", "billing_period", "account"]
COSTS = ["BilledCost", "EffectiveCost", "ContractedCost"]
SUMS = [f"sum({cost}) AS {cost}" for cost in COSTS]
QUERY = f"SELECT {', '.join([*KEYS, 'count(*) AS charges', *SUMS])} FROM focus GROUP BY ALL"
DATASET = "focus/focus_version=1.4/dataset=cost_and_usage"
DIGITS = Decimal("1e-12")

Rows = list[Any]
# By the keys, how many charges a bill has, and the sums of their costs.
Sums = dict[tuple[str, str, str], tuple[int | Decimal, ...]]


@dataclass
class Found:
    """What an engine finds."""

    types: dict[str, str]
    rows: Rows
    # The costs of a service and period, by what docs/lake.md says.
    costs: Rows


def by_duckdb(folder: Path) -> Found:
    database = lake.database(folder)
    types = database.execute("SELECT column_name, column_type FROM (DESCRIBE focus)").fetchall()
    costs = duckdb.sql(of_guide(r'duckdb -c "(.*?)"', folder)).fetchall()
    return Found(dict(types), database.execute(QUERY).fetchall(), costs)


def by_polars(folder: Path) -> Found:
    program = run(of_guide(r"```python\n(import polars.*?)```", folder))
    types = {name: str(kind) for name, kind in program["focus"].collect_schema().items()}
    rows = polars.SQLContext(focus=program["focus"]).execute(QUERY).collect().rows()
    return Found(types, rows, program["costs"].rows())


def by_spark(folder: Path) -> Found:
    program = run(of_guide(r"```python\n(from pyspark.*?)```", folder))
    return Found(dict(program["focus"].dtypes), program["spark"].sql(QUERY).collect(), program["costs"].collect())


# How each of them names the types of amounts and texts.
ENGINES: dict[str, tuple[Callable[[Path], Found], str, str]] = {
    "DuckDB": (by_duckdb, "DECIMAL(30,12)", "VARCHAR"),
    "Polars": (by_polars, "Decimal(precision=30, scale=12)", "String"),
    "Spark": (by_spark, "decimal(30,12)", "string"),
}


def of_guide(pattern: str, folder: Path) -> str:
    """What docs/lake.md says to type, for this folder."""
    (text,) = re.findall(pattern, Path("docs/lake.md").read_text(), re.DOTALL)
    if text.count("bills/") != 1:
        raise SystemExit(f"docs/lake.md: this reads no `bills`: {text}")
    return text.replace("bills/", f"{folder}/")


def run(program: str) -> dict[str, Any]:
    variables: dict[str, Any] = {}
    exec(program, variables)
    return variables


def expected(files: dict[str, Path]) -> Sums:
    """Added up from CSV, which has all digits; the lake has twelve after the point."""
    sums: Sums = defaultdict(lambda: (0, *(Decimal(0) for _ in COSTS)))
    for service, file in files.items():
        with file.open(newline="") as lines:
            for row in csv.DictReader(lines):
                key = service, row["BillingPeriodStart"][:7], f"a-{row['BillingAccountId']}"
                values = 1, *(Decimal(row[cost]).quantize(DIGITS, ROUND_HALF_EVEN) for cost in COSTS)
                sums[key] = tuple(map(sum, zip(sums[key], values, strict=True)))
    return dict(sums)


def check(engine: str, folder: Path, sums: Sums) -> list[str]:
    read, amount, text = ENGINES[engine]
    found = read(folder)
    types = [(name, text) for name in KEYS] + [(name, amount) for name in COSTS]
    wrong = [f"{name} is {found.types[name]}" for name, kind in types if found.types[name] != kind]
    wrong += [f"{name} is {kind}" for name, kind in found.types.items() if kind.lower().startswith(("float", "double"))]
    wrong += differences({tuple(row[:3]): tuple(row[3:]) for row in found.rows}, sums)
    wrong += differences({tuple(row[:2]): tuple(row[2:]) for row in found.costs}, by_period(sums))
    print(f"{engine}: {sum(row[3] for row in found.rows)} charges")
    return [f"{engine}: {text}" for text in wrong]


def by_period(sums: Sums) -> dict[tuple[str, ...], tuple[Decimal]]:
    costs: dict[tuple[str, ...], tuple[Decimal]] = {}
    for (*key, _), (_, billed, *_) in sums.items():
        costs[tuple(key)] = (costs.get(tuple(key), (Decimal(0),))[0] + billed,)
    return costs


def differences(found: dict[Any, Any], sums: dict[Any, Any]) -> list[str]:
    keys = sorted((key for key in found.keys() | sums.keys() if found.get(key) != sums.get(key)), key=str)
    return [f"{key}: {show(found.get(key))} in the lake, {show(sums.get(key))} in the export" for key in keys]


def show(values: tuple[int | Decimal, ...] | None) -> str:
    return " ".join(map(str, values)) if values else "nothing"


def add_a_cent(folder: Path) -> None:
    """Replaces a file by one whose first charge costs a cent more."""
    file = min((folder / DATASET).rglob("*.parquet"))
    more = "(BilledCost + if(file_row_number = 0, 0.01, 0))::DECIMAL(30, 12) AS BilledCost"
    charges = f"read_parquet('{file}', file_row_number = true, hive_partitioning = false)"
    query = f"SELECT * EXCLUDE (file_row_number) REPLACE ({more}) FROM {charges}"
    duckdb.sql(f"COPY ({query}) TO '{file.parent}/more.parquet'")
    file.unlink()


def main() -> None:
    arguments = exported.arguments()
    folder = arguments.folder / "lake"
    accounts = books.accounts(exported.MONTHS[0])
    sums = expected(exported.files(arguments.program, arguments.folder, accounts, "1.4"))
    lake.sync(arguments.lake, folder, accounts, exported.MONTHS[0])
    # The program of the guide takes this session.
    spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", False)
    spark.config("spark.ui.showConsoleProgress", False).getOrCreate().sparkContext.setLogLevel("ERROR")
    wrong = [text for engine in ENGINES for text in check(engine, folder, sums)]
    add_a_cent(folder)
    # In the sums of the bill and of its period.
    wrong += [f"{engine} does not see a cent" for engine in ENGINES if len(check(engine, folder, sums)) != 2]
    for text in wrong:
        print(text)
    sys.exit(1 if wrong else 0)


main()
