#!/usr/bin/env bash
# Reads the examples as YAML, and holds their commands, images and secrets against what there is.
set -euo pipefail
cd "$(dirname "$0")/../.."
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-lake/target}"
venv="$(.ci/venv s3-venv lake/foreign/requirements.txt)"
exec "$venv/bin/python" lake/container/examples.py
