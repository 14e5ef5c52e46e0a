#!/usr/bin/env bash
# The vendors' official SDKs, unmodified, against the sandbox. Needs Python 3 with venv, and for the first run PyPI; the one
# for Node is tried where npm is.
set -euo pipefail
cd "$(dirname "$0")/../.."
instances=450
target="$(realpath -m "${CARGO_TARGET_DIR:-target}")"
venv="$target/foreign-venv"
node="$target/foreign-node"

if [ ! -x "$venv/bin/python" ] || ! "$venv/bin/python" -c 'import ibm_platform_services' 2>/dev/null; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check ibm-platform-services==0.76.0
fi

cargo build --quiet --locked --package cloud-billing-sandbox --bin cloud-billing-sandbox
printed="$(mktemp)"
"$target/debug/cloud-billing-sandbox" --instances "$instances" --strict --seed 11 >"$printed" &
sandbox=$!
trap 'kill "$sandbox" 2>/dev/null || true; rm -f "$printed"' EXIT
for _ in $(seq 100); do
    grep -q '^# Running' "$printed" && break
    kill -0 "$sandbox" # it says itself why it ended
    sleep 0.05
done
# The variables of the sandbox, and no others: what is configured on this machine stays out of it.
check() {
    env -i PATH="$PATH" HOME="$target" NODE_PATH="$node/node_modules" SANDBOX_INSTANCES="$instances" \
        bash -c 'source "$0" && exec "$@"' "$printed" "$@"
}
check "$venv/bin/python" sandbox/foreign/ibm_platform_services_check.py
if command -v npm >/dev/null; then
    if [ ! -d "$node/node_modules/@ibm-cloud/platform-services" ]; then
        npm install --silent --no-audit --no-fund --prefix "$node" @ibm-cloud/platform-services@0.83.1
    fi
    check node sandbox/foreign/ibm_platform_services_check.js
else
    echo "IBM's Node SDK: not tried, npm is not here"
fi
