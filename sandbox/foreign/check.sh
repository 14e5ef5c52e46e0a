#!/usr/bin/env bash
# The vendors' official SDKs, unmodified, against the sandbox. The one for Python needs Python 3 with venv, the one for Node is
# tried where npm is. For the first run they need PyPI and npm's registry. What is installed is in requirements.txt and
# package-lock.json, with hashes; it goes to the target folder, and none of its scripts are run.
set -euo pipefail
cd "$(dirname "$0")/../.."
instances=450
target="$(realpath -m "${CARGO_TARGET_DIR:-target}")"
node="$target/foreign-node"
venv="$(.ci/venv foreign-venv sandbox/foreign/requirements.txt)"

cargo build --quiet --locked --package cloudbill --bin cloudbill
# The command gets the variables of the sandbox, and no others: what is configured on this machine stays out of it.
check() {
    env -i PATH="$PATH" HOME="$target" NODE_PATH="$node/node_modules" SANDBOX_INSTANCES="$instances" \
        "$target/debug/cloudbill" sandbox run --instances "$instances" --strict --seed 11 "$@"
}
check "$venv/bin/python" sandbox/foreign/ibm_platform_services_check.py
# The programs of docs/migrating.md.
check "$venv/bin/python" sandbox/foreign/guide.py | grep -x "$instances instances"
if ! command -v npm >/dev/null; then
    echo "IBM's Node SDK: not tried, npm is not here"
    exit
fi
lock=sandbox/foreign/package-lock.json
if ! cmp --silent "$lock" "$node/installed.json"; then
    rm -rf "$node"
    mkdir -p "$node"
    cp sandbox/foreign/package.json "$lock" "$node"
    npm ci --ignore-scripts --loglevel error --no-audit --no-fund --no-update-notifier \
        --prefix "$node" --cache "$node/cache" >/dev/null
    cp "$lock" "$node/installed.json"
fi
check node sandbox/foreign/ibm_platform_services_check.js
check node sandbox/foreign/guide.js | grep -x "$instances instances"
