"""Asks the files of the cost model, with SQL, and compares the answers with the bills."""

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any, Iterator

import duckdb

import answers
from charges import Charge

FOLDER = Path(__file__).parent / "questions"


def load(files: list[Path]) -> duckdb.DuckDBPyConnection:
    database = duckdb.connect()
    names = ", ".join(f"'{file}'" for file in files)
    script = (FOLDER / "load.sql").read_text()
    if script.count("'focus-*.csv'") != 1:
        raise SystemExit("load.sql reads no `focus-*.csv`")
    database.execute(script.replace("'focus-*.csv'", f"[{names}]"))
    return database


def check_digits(database: duckdb.DuckDBPyConnection, files: list[Path]) -> list[str]:
    """Whether the table has the amounts of the files with all digits. Only quantities may have more than it keeps."""
    described = database.execute("SELECT column_name, column_type FROM (DESCRIBE focus)").fetchall()
    columns = [name for name, kind in described if kind.startswith("DECIMAL")]
    expected = dict.fromkeys(columns, Decimal(0))
    for file in files:
        with file.open(newline="") as lines:
            for row in csv.DictReader(lines):
                for column in columns:
                    expected[column] += Decimal(row[column] or 0)
    wrong = []
    for column in columns:
        if column == "x_Quantity":
            continue
        (found,) = database.execute(f"SELECT coalesce(sum({column}), 0) FROM focus").fetchone()
        if found != expected[column]:
            wrong.append(f"{column} adds up to {found} in DuckDB, and to {expected[column]} in the files")
    return wrong


def check(files: list[Path], charges: list[Charge]) -> list[str]:
    database = load(files)
    return check_digits(database, files) + ask(database, charges)


def ask(database: duckdb.DuckDBPyConnection, charges: list[Charge]) -> list[str]:
    """Asks all questions, and returns what is wrong with the answers."""
    wrong = []
    for name, question in each():
        result = database.execute(question)
        floats = [column for column, kind, *_ in result.description if kind in ("FLOAT", "DOUBLE")]
        found = result.fetchall()
        wrong += [f"{name}: {column} is a float" for column in floats]
        wrong += [f"{name}: {text}" for text in differences(found, answer(name, charges))]
        print(f"{name}: {len(found)} rows")
    return wrong


def each() -> Iterator[tuple[str, str]]:
    """The names and texts of the questions."""
    for file in sorted(FOLDER.glob("[0-9]*.sql")):
        yield file.stem.partition("-")[2], file.read_text()


def answer(name: str, charges: list[Charge]) -> list[tuple[Any, ...]]:
    return getattr(answers, name.replace("-", "_"))(charges)


def differences(found: list[tuple[Any, ...]], expected: list[tuple[Any, ...]]) -> list[str]:
    if not expected:
        return ["the bills have no answer, so it is not tested"]
    if found == expected:
        return []
    only = [f"only in the files: {show(row)}" for row in found if row not in expected]
    only += [f"only in the bills: {show(row)}" for row in expected if row not in found]
    return only or ["the same rows in another order"]


def show(row: tuple[Any, ...]) -> str:
    return ", ".join(f"{value:f}" if isinstance(value, Decimal) else str(value) for value in row)
