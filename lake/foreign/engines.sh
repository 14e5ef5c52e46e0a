#!/usr/bin/env bash
# A lake, read by DuckDB, Polars and Spark: charges and sums must be those of `cloudbill export --focus`, to the last digit, and
# amounts decimals. The bills are those of a sandbox that does not add up. Needs Python 3 with venv, Java 17 or later for Spark, and
# for the first run PyPI: what is installed is in engines.txt and spark.txt, with hashes.
set -euo pipefail
cd "$(dirname "$0")/../.."
target="$(realpath -m "${CARGO_TARGET_DIR:-target}")"
venv="$(.ci/venv engines-venv lake/foreign/engines.txt lake/foreign/spark.txt)"
folder="$target/engines"
rm -rf "$folder"
mkdir -p "$folder"
# The files are compressed with snappy. Where musl is installed beside glibc, Spark's library for it takes the wrong one.
java=()
if [ -e /lib/ld-musl-x86_64.so.1 ] && getconf GNU_LIBC_VERSION >/dev/null 2>&1; then
    "$venv/bin/python" -m zipfile -e "$venv"/lib/python3*/site-packages/pyspark/jars/snappy-java-*.jar "$folder/snappy"
    library="$folder/snappy/org/xerial/snappy/native/Linux/x86_64"
    java=("JAVA_TOOL_OPTIONS=-Dorg.xerial.snappy.lib.path=$library -Dorg.xerial.snappy.lib.name=libsnappyjava.so")
fi
focus/foreign/sandboxed.sh "$venv/bin/python" lake/foreign/engines.py "$folder" \
    PYTHONPATH=focus/foreign SPARK_LOCAL_IP=127.0.0.1 "${java[@]}"
