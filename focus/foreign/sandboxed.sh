#!/usr/bin/env bash
# Builds both programs, and runs a check in the environment of a sandbox whose bills do not add up, as real ones. It gets the variables
# of the sandbox, and no others but those that are named. The clock stands in the third week of November.
#
#   focus/foreign/sandboxed.sh PYTHON CHECK FOLDER [VARIABLE=VALUE]...
set -euo pipefail
cd "$(dirname "$0")/../.."
target="$(realpath -m "${CARGO_TARGET_DIR:-target}")"
python="$1" check="$2" folder="$3"
shift 3
cargo build --quiet --locked --package cloudbill --bin cloudbill
cargo build --quiet --locked --manifest-path lake/Cargo.toml --target-dir lake/target --package cloudbill-lake
env -i PATH="$PATH" HOME="$target" PYTHONDONTWRITEBYTECODE=1 "$@" "$target/debug/cloudbill" sandbox run --irregular \
    --now 1795000000 --line-items 100 --instances 40 \
    "$python" "$check" --program "$target/debug/cloudbill" --lake lake/target/debug/cloudbill-lake --folder "$folder"
