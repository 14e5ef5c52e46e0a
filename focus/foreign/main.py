"""Checks the cost model with programs that were not made here: see check.sh. Runs in the environment of the sandbox."""

import argparse
import subprocess
import sys
from pathlib import Path

import books
import charges
import guide
import lake
import questions
import rules

# The last month has the bills that are still open.
MONTHS = ["2026-09", "2026-10", "2026-11"]
SERVICES = ["atlas", "ibm"]


def export(program: Path, file: Path, accounts: list[str], *flags: str) -> Path:
    """One file with all months, with one header."""
    parts = []
    for month in MONTHS:
        arguments = ["--quiet", "export", "--focus", "--month", month, "--all-orgs", *flags]
        arguments += [text for account in accounts for text in ("--account", account)]
        parts.append(subprocess.run([program, *arguments], check=True, stdout=subprocess.PIPE).stdout)
    header = parts[0].splitlines(keepends=True)[0]
    file.write_bytes(header + b"".join(part.removeprefix(header) for part in parts))
    return file


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", type=Path, required=True, help="cloudbill")
    parser.add_argument("--lake", type=Path, required=True, help="cloudbill-lake")
    parser.add_argument("--folder", type=Path, required=True, help="where the files go")
    arguments = parser.parse_args()
    accounts = books.accounts(MONTHS[0])

    def files(version: str, *flags: str) -> dict[str, Path]:
        """A file for each service."""
        found = {}
        for service in SERVICES:
            file = arguments.folder / f"{service}-{version}{''.join(flags)}.csv"
            flag = ["--service", service, "--focus-version", version, *flags]
            found[service] = export(arguments.program, file, accounts, *flag)
        return found

    old, new, known = files("1.2"), files("1.4"), rules.Known()
    bills = charges.read(books.read(accounts, MONTHS))
    wrong = questions.check(list(new.values()), bills)
    wrong += lake.check(arguments.lake, arguments.folder / "lake", accounts, MONTHS, bills)
    wrong += guide.check(list(new.values()))
    wrong += rules.check("default", old, new, known)
    wrong += rules.check("all", old, new, known)
    wrong += rules.check("derived", files("1.2", "--focus-derived"), files("1.4", "--focus-derived"), known)
    wrong += known.unused()
    wrong += rules.check_faults(old["ibm"], new["ibm"])
    for text in wrong:
        print(text)
    sys.exit(1 if wrong else 0)


main()
