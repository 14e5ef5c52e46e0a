"""Checks the cost model with programs that were not made here: see check.sh. Runs in the environment of the sandbox."""

import sys
from pathlib import Path

import books
import charges
import exported
import guide
import lake
import questions
import rules
from exported import MONTHS


def main() -> None:
    arguments = exported.arguments()
    accounts = books.accounts(MONTHS[0])

    def files(version: str, *flags: str) -> dict[str, Path]:
        return exported.files(arguments.program, arguments.folder, accounts, version, *flags)

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
