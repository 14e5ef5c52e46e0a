#!/usr/bin/env bash
# Puts together what the container has, in a folder: `bin` with both programs, linked statically, certificates, an empty home and
# `/tmp`. Needs musl-gcc, and rustup or the compiler's target *-linux-musl.
#
#   lake/container/build.sh FOLDER
#
# PROFILE=dev builds in a fraction of the time, for a check.
set -euo pipefail
folder="$(realpath -m "$1")"
cd "$(dirname "$0")/../.."
profile="${PROFILE:-release}"
target="$(uname -m)-unknown-linux-musl"
export "CC_${target//-/_}=musl-gcc" CARGO_INCREMENTAL=0 CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-lake/target/container}"
[ -d "$(rustc --print target-libdir --target "$target")" ] || rustup target add "$target"
build=(cargo build --locked --profile "$profile" --target "$target")
"${build[@]}" --package cloudbill
"${build[@]}" --manifest-path lake/Cargo.toml --package cloudbill-lake --features s3,gcs,azure

built="$CARGO_TARGET_DIR/$target/${profile/#dev/debug}"
mkdir -p "$folder"/{bin,etc/ssl/certs,home/nobody,tmp}
install -m 755 "$built/cloudbill" "$built/cloudbill-lake" "$folder/bin"
# Where programs of Debian and of musl look for it.
install -m 644 /etc/ssl/certs/ca-certificates.crt "$folder/etc/ssl/certs"
chmod 1777 "$folder/tmp"
