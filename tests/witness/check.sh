#!/usr/bin/env bash
# The independent check of clients, sandbox and catalogue against `specs/` (main.py). Needs Python 3 with venv, and for the first run
# PyPI.
set -euo pipefail
cd "$(dirname "$0")/../.."
target="$(realpath -m "${CARGO_TARGET_DIR:-target}")"
venv="$(.ci/venv witness-venv tests/witness/requirements.txt)"

cargo build --quiet --locked --package cloudbill --bin cloudbill
cargo build --quiet --locked --package workspace-tests --bin catalogue_counts
counts="$target/catalogue-counts"
"$target/debug/catalogue_counts" >"$counts"
PYTHONDONTWRITEBYTECODE=1 "$venv/bin/python" tests/witness/main.py --sandbox "$target/debug/cloudbill" \
    --catalogue "$counts"
