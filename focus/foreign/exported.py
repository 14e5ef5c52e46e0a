"""What `cloudbill export --focus` writes of the bills of the sandbox."""

import argparse
import subprocess
from pathlib import Path

# The last month has the bills that are still open.
MONTHS = ["2026-09", "2026-10", "2026-11"]
SERVICES = ["atlas", "ibm"]


def arguments() -> argparse.Namespace:
    """What sandboxed.sh says: both programs, and a folder."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", type=Path, required=True, help="cloudbill")
    parser.add_argument("--lake", type=Path, required=True, help="cloudbill-lake")
    parser.add_argument("--folder", type=Path, required=True, help="where the files go")
    return parser.parse_args()


def files(program: Path, folder: Path, accounts: list[str], version: str, *flags: str) -> dict[str, Path]:
    """A file for each service."""
    found = {}
    for service in SERVICES:
        file = folder / f"{service}-{version}{''.join(flags)}.csv"
        flag = ["--service", service, "--focus-version", version, *flags]
        found[service] = export(program, file, accounts, *flag)
    return found


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
