#!/usr/bin/env bash
# A lake in an object store: syncs to a server on loopback that speaks S3, with conditional puts and files in parts. Needs Python 3
# with venv, and for the first run PyPI; what is installed is in requirements.txt, with hashes.
set -euo pipefail
cd "$(dirname "$0")/../.."
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-lake/target}"
venv="$(.ci/venv s3-venv lake/foreign/requirements.txt)"
cargo build --quiet --locked --manifest-path lake/Cargo.toml --package lake-trial --features s3

# Port 0 would be free, but the server does not say which one it got.
port="$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')"
# Parts of real stores have 5 MiB at least.
S3_UPLOAD_PART_MIN_SIZE=1024 "$venv/bin/python" -m moto.server -H 127.0.0.1 -p "$port" >/dev/null 2>&1 &
server=$!
trap 'kill "$server"' EXIT
curl --silent --fail --retry 60 --retry-delay 1 --retry-connrefused -X PUT "http://127.0.0.1:$port/bills"
env -i PATH="$PATH" HOME=/nonexistent AWS_ACCESS_KEY_ID=key AWS_SECRET_ACCESS_KEY=secret AWS_REGION=us-east-1 \
    AWS_ENDPOINT="http://127.0.0.1:$port" AWS_ALLOW_HTTP=true \
    "$CARGO_TARGET_DIR/debug/lake-trial" store s3://bills/lake
