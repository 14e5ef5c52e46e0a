"""A lake of the bills, asked the same questions: by `cloudbill-lake`, and by DuckDB over the same folder."""

import csv
import io
import re
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

import questions
from charges import Charge


def check(program: Path, folder: Path, accounts: list[str], months: list[str], charges: list[Charge]) -> list[str]:
    sync(program, folder, accounts, months[0])
    wrong = [f"lake, by cloudbill-lake: {text}" for text in by_program(program, folder, charges)]
    return wrong + [f"lake, by DuckDB: {text}" for text in questions.ask(database(folder), charges)]


def sync(program: Path, folder: Path, accounts: list[str], since: str) -> None:
    arguments = [program, "sync", folder, "--quiet", "--since", since, "--all-orgs"]
    arguments += [text for account in accounts for text in ("--account", account)]
    # The sandbox has bills that do not add up, which the status counts.
    status = subprocess.run(arguments, stdout=subprocess.DEVNULL).returncode
    if not 0 <= status <= 100:
        raise SystemExit(f"cloudbill-lake sync ends with {status}")


def by_program(program: Path, folder: Path, charges: list[Charge]) -> list[str]:
    wrong = []
    for name, _ in questions.each():
        arguments = [program, "sql", folder, "--question", name, "--month", "2026-10", "-o", "csv"]
        text = subprocess.run(arguments, check=True, stdout=subprocess.PIPE, text=True).stdout
        found = list(csv.reader(io.StringIO(text)))[1:]
        expected = questions.answer(name, charges)
        print(f"{name}: {len(found)} rows of the lake")
        wrong += [f"{name}: {text}" for text in questions.differences(read(found, expected), expected)]
    return wrong


def read(found: list[list[str]], like: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Texts of CSV as what the columns of the answer have."""
    kinds = [{type(value) for value in column} - {type(None)} for column in zip(*like)]
    return [tuple(value(text, kind) for text, kind in zip(row, kinds, strict=True)) for row in found]


def value(text: str, kinds: set[type]) -> Any:
    if text == "":
        return None
    return next((kind(text) for kind in (int, Decimal) if kind in kinds), text)


def database(folder: Path) -> duckdb.DuckDBPyConnection:
    """The folder as a table, with the variable and the functions of load.sql."""
    found = duckdb.connect()
    found.execute("SET TimeZone = 'UTC'")
    files = f"{folder}/focus/**/*.parquet"
    found.execute(f"CREATE VIEW focus AS SELECT * FROM read_parquet('{files}', hive_partitioning = true)")
    script = (questions.FOLDER / "load.sql").read_text()
    found.execute(re.sub(r"CREATE TABLE.*?;", "", script, count=1, flags=re.DOTALL))
    return found
