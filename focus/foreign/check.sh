#!/usr/bin/env bash
# The cost model by programs that were not made here: the FinOps Foundation's validator on the files in FOCUS 1.2, another linter on
# those in 1.4, DuckDB, which answers ten questions with SQL, and Polars. The answers must be those of the bills (charges.py). The bills
# are those of a sandbox that does not add up, as real ones. A lake of the same bills is asked the same questions, by `cloudbill-lake`
# and by DuckDB. Needs Python 3 with venv, and for the first run PyPI.
set -euo pipefail
cd "$(dirname "$0")/../.."
target="$(realpath -m "${CARGO_TARGET_DIR:-target}")"
venv="$(.ci/venv focus-venv focus/foreign/requirements.txt focus/foreign/sources.txt)"
folder="$target/focus-foreign"
rm -rf "$folder"
mkdir -p "$folder"
focus/foreign/sandboxed.sh "$venv/bin/python" focus/foreign/main.py "$folder"
