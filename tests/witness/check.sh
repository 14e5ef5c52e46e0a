#!/usr/bin/env bash
# The independent check of clients, sandbox and catalogue against `specs/` (main.py). Needs Python 3 with venv, and for the first run
# PyPI.
set -euo pipefail
cd "$(dirname "$0")/../.."
target="$(realpath -m "${CARGO_TARGET_DIR:-target}")"
venv="$target/witness-venv"
pinned=tests/witness/requirements.txt

if ! cmp --silent "$pinned" "$venv/requirements.txt"; then
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes --only-binary :all: --requirement "$pinned"
    cp "$pinned" "$venv/requirements.txt"
fi
cargo build --quiet --locked --package cloud-billing-sandbox --bin cloud-billing-sandbox
cargo build --quiet --locked --package workspace-tests --bin catalogue_counts
counts="$(mktemp)"
trap 'rm -f "$counts"' EXIT
"$target/debug/catalogue_counts" >"$counts"
PYTHONDONTWRITEBYTECODE=1 "$venv/bin/python" tests/witness/main.py --sandbox "$target/debug/cloud-billing-sandbox" \
    --catalogue "$counts"
