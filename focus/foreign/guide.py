"""Runs the program of docs/databases.md, which reads the files with Polars, and adds the files up as exact decimals."""

import csv
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

PROGRAM = Path(__file__).with_name("polars_guide.py")


def check(files: list[Path]) -> list[str]:
    names = ", ".join(repr(str(file)) for file in files)
    program = PROGRAM.read_text()
    if program.count('"focus-*.csv"') != 1:
        return [f"{PROGRAM.name} reads no `focus-*.csv`"]
    variables: dict[str, object] = {}
    exec(program.replace('"focus-*.csv"', f"[{names}]"), variables)
    expected: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for file in files:
        with file.open(newline="") as lines:
            for row in csv.DictReader(lines):
                expected[row["InvoiceIssuerName"], row["BillingCurrency"]] += Decimal(row["BilledCost"])
    found = {(issuer, currency): amount for issuer, currency, amount in variables["bills"].rows()}
    print(f"{PROGRAM.name}: {len(found)} rows")
    return [] if found == expected else [f"{PROGRAM.name} finds {found}, and the files have {dict(expected)}"]
