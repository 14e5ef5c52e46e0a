"""An independent check of clients, sandbox and catalogue: it reads `specs/` by itself, with a validator that is not ours.

Prints the counts of the specs, a line for each operation, and every problem. Exit status 1 if there is a problem."""

import argparse
import sys
import warnings
from pathlib import Path

import sandbox
import wire
from spec import Spec


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sandbox", help="the sandbox's program; without it its answers are not checked")
    parser.add_argument("--catalogue", help="a file with the counts of the catalogue, in the form of those printed here")
    arguments = parser.parse_args()
    # The validator warns of each security scheme that it does not check.
    warnings.filterwarnings("ignore", message="Unsupported scheme type")

    root = Path(__file__).resolve().parents[2]
    specs = [Spec(path) for path in sorted((root / "specs").glob("*.yaml"))]
    counts = [line for spec in specs for line in spec.counts()]
    print("\n".join(counts))
    problems = [problem for spec in specs for problem in spec.problems]
    problems += wire.check(specs, root / "tests/tests/snapshots/wire")
    if arguments.sandbox:
        problems += sandbox.check(specs, arguments.sandbox)
    if arguments.catalogue:
        theirs = Path(arguments.catalogue).read_text(encoding="utf-8").split("\n")
        problems += [f"the specs have, and the catalogue has not: {line}" for line in counts if line not in theirs]
        problems += [f"the catalogue has, and the specs have not: {line}" for line in theirs if line and line not in counts]
    print("\n".join(f"problem: {problem}" for problem in problems))
    print(f"{len(specs)} specs, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
