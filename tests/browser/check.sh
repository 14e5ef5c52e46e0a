#!/usr/bin/env bash
# The pages of `cloudbill html` in Chromium (main.py): that of the sandbox, and one with credits, long names and many months. Needs
# Chromium, by whichever name, and Python 3. The pictures stay in the target folder.
set -euo pipefail
cd "$(dirname "$0")/../.."
pages="$(realpath -m "${CARGO_TARGET_DIR:-target}")/browser"
rm -rf "$pages"
mkdir -p "$pages"

cargo run --quiet --locked --package cloudbill -- html --sandbox --quiet --out "$pages/sandbox.html"
ODD_PAGE="$pages/odd.html" cargo test --quiet --locked --package cloudbill --lib -- \
    --ignored --exact jobs::page::tests::write_the_odd_page >/dev/null
browser="$(command -v chromium chromium-browser google-chrome | head -n 1 || true)"
PYTHONDONTWRITEBYTECODE=1 python3 tests/browser/main.py "${browser:?Chromium is not installed}" "$pages/sandbox.html" "$pages/odd.html"
