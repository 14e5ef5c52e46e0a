"""Files of the cost model against two programs that know the rules of FOCUS. Each rule that a file breaks must be in known.toml."""

import csv
import os
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable
from pathlib import Path

from focus_data_toolkit.model.capabilities import KNOWN_CONDITIONS
from focus_data_toolkit.model.validator import lint_focus_1_4_structure

# The rules of the validator's package, which has no newer ones.
VALIDATOR_RULES = "1.2.0.1"
# How many of its rules at least hold for our files. It skips the rules for what it cannot read.
HELD_AT_LEAST = {"default": 130, "all": 340, "derived": 130}


def start_validator(file: Path, criteria: str) -> tuple[subprocess.Popen[bytes], Path]:
    """Starts the validator. With the criteria `all` it demands what a source has that supports everything."""
    output = file.with_suffix(f".{criteria}.xml")
    logging = file.with_name("logging.yaml")
    logging.write_text("version: 1\n")
    arguments = ["--data-file", file, "--validate-version", VALIDATOR_RULES, "--block-download"]
    arguments += ["--output-type", "unittest", "--output-destination", output]
    if criteria == "all":
        arguments += ["--applicability-criteria", "ALL"]
    program = Path(sys.executable).with_name("focus-validator")
    # It looks for a file of its own in the working folder, and logs each step there if it is not told otherwise.
    packages = next(path for path in map(Path, sys.path) if (path / "focus_validator").is_dir())
    environment = {**os.environ, "PYTHONUTF8": "1", "LOGGING_CONFIG": str(logging)}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    return subprocess.Popen([program, *arguments], cwd=packages, env=environment, **quiet), output


def end_validator(started: tuple[subprocess.Popen[bytes], Path], at_least: int) -> set[str]:
    """The rules that the file breaks. The exit status does not say so: it is 0 with failures too."""
    process, output = started
    _, errors = process.communicate()
    if process.returncode:
        raise SystemExit(f"the validator failed:\n{errors.decode()}")
    broken, held = set(), 0
    for test in ElementTree.parse(output).getroot().iter("testcase"):
        states = {child.tag for child in test}
        if states & {"failure", "error"}:
            broken.add(test.attrib["name"].split(" :: ")[0])
        held += not states
    if held < at_least:
        raise SystemExit(f"{output.name}: only {held} rules of the validator held")
    return broken


def lint(file: Path, criteria: str) -> set[str]:
    """The rules of the toolkit that the file breaks, with their columns."""
    with file.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    conditions = KNOWN_CONDITIONS if criteria == "all" else ()
    report = lint_focus_1_4_structure("Cost and Usage", rows, supported_conditions=conditions)
    return {f"{violation.rule}/{violation.column}" for violation in report.violations}


def check(kind: str, old: dict[str, Path], new: dict[str, Path], known: "Known") -> list[str]:
    """Checks the files of each service: `old` in 1.2, `new` in 1.4. `kind` is one of HELD_AT_LEAST."""
    wrong = []
    # At the same time: each takes ten seconds.
    started = {service: start_validator(file, kind) for service, file in old.items()}
    for service, validator in started.items():
        wrong += known.compare(f"validator {service} {kind}", end_validator(validator, HELD_AT_LEAST[kind]))
    for service, file in new.items():
        wrong += known.compare(f"toolkit {service} {kind}", lint(file, kind))
    return wrong


class Known:
    """The rules that are known to be broken, each with its reason."""

    def __init__(self) -> None:
        self.rules = tomllib.loads(Path(__file__).with_name("known.toml").read_text())["rule"]
        self.runs: set[str] = set()

    def compare(self, run: str, broken: set[str]) -> list[str]:
        self.runs.add(run)
        expected = {rule["id"] for rule in self.rules if run in rule["runs"]}
        print(f"{run}: {len(broken)} rules broken, all of them known" if broken == expected else f"{run}: not as known")
        wrong = [f"{run}: {rule} is broken, and is not in known.toml" for rule in sorted(broken - expected)]
        return wrong + [f"{run}: {rule} holds: take it out of known.toml" for rule in sorted(expected - broken)]

    def unused(self) -> Iterable[str]:
        runs = {run for rule in self.rules for run in rule["runs"]}
        return [f"known.toml: there is no run `{run}`" for run in sorted(runs - self.runs)]


# What all rows are changed to, with the rules that it then breaks.
FAULTS = {
    "BilledCost": ("", "BilledCost-C-003-M", "null_not_allowed/BilledCost"),
    "BillingCurrency": ("usd", "BillingCurrency-C-003-M", "bad_currency/BillingCurrency"),
    "ChargePeriodEnd": ("2026-10-05", "ChargePeriodEnd-C-001-M", "bad_datetime/ChargePeriodEnd"),
    "ServiceCategory": ("Cloud", "ServiceCategory-C-003-M", "not_in_allowed_values/ServiceCategory"),
}


def check_faults(old: Path, new: Path) -> list[str]:
    """Whether the programs see faults at all."""
    wrong = []
    broken = end_validator(start_validator(with_faults(old), "default"), at_least=1)
    wrong += [f"the validator did not see {rule}" for _, rule, _ in FAULTS.values() if rule not in broken]
    broken = lint(with_faults(new), "default")
    return wrong + [f"the toolkit did not see {rule}" for _, _, rule in FAULTS.values() if rule not in broken]


def with_faults(file: Path) -> Path:
    broken = file.with_name(f"faults-{file.name}")
    with file.open(newline="") as source, broken.open("w", newline="") as target:
        reader = csv.DictReader(source)
        writer = csv.DictWriter(target, reader.fieldnames)
        writer.writeheader()
        for row in reader:
            writer.writerow(row | {column: text for column, (text, *_) in FAULTS.items()})
    return broken
