#!/usr/bin/env bash
# Tries what the container has, as nobody and with nothing else around: in a folder, by chroot. Needs root, and a folder that
# lake/container/build.sh has made. Then reads the examples as YAML; needs Python 3 with venv, and for the first run PyPI.
#
#   lake/container/check.sh FOLDER
set -euo pipefail
folder="$(realpath "$1")"
cd "$(dirname "$0")/../.."
home="$folder/home/nobody"
chroot="$(command -v chroot)"
begun="$(mktemp)"
trap 'rm -rf "$begun" "$home/bills"' EXIT
chown 65534:65534 "$home"

nobody() {
    env -i HOME=/home/nobody PATH=/bin "$chroot" --userspec=65534:65534 --groups= "$folder" "$@"
}

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

for program in cloudbill cloudbill-lake; do
    ! readelf --wide --program-headers --dynamic "$folder/bin/$program" | grep -E 'INTERP|NEEDED' ||
        fail "$program is not linked statically"
    nobody "/bin/$program" --version
done
nobody /bin/cloudbill bill --sandbox | grep '^ibm  *total' || fail "bill --sandbox prints no total"
# As the examples call it: `cloudbill` finds the program beside it.
nobody /bin/cloudbill sync /home/nobody/bills --sandbox --since -1 --quiet | grep replaced
nobody /bin/cloudbill lake compact /home/nobody/bills --all
nobody /bin/cloudbill lake status /home/nobody/bills || [ $? = 20 ]
left="$(find "$folder" -xdev -newer "$begun" -type f -not -path "$home/*")"
[ -z "$left" ] || fail "written outside of the home: $left"
lake/container/examples.sh
