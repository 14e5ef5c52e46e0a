#!/usr/bin/env bash
# A lake, read by a cluster of Ballista: a scheduler and two executors as processes on loopback. What the statements of docs/lake.md
# find must be what `cloudbill-lake sql` says. Not in the gate: the first build takes about twenty minutes on two cores.
set -euo pipefail
cd "$(dirname "$0")/../.."
target="$(realpath -m "${CARGO_TARGET_DIR:-lake/target}")"
folder="$target/ballista"
programs="$target/debug"
names=(ballista-scheduler ballista-executor ballista-cli)

cargo build --quiet --locked --manifest-path lake/ballista/Cargo.toml --target-dir "$target" \
    "${names[@]/#/--package=}" "${names[@]/#/--bin=}"
cargo build --quiet --locked --manifest-path lake/Cargo.toml --target-dir "$target" --package cloudbill-lake
rm -rf "$folder"
mkdir -p "$folder"/{1,2}
"$programs/cloudbill-lake" sync --sandbox "$folder/bills" --quiet >/dev/null

# The scheduler needs one port and each executor three. They do not say which free ones they got.
mapfile -t ports < <(python3 -c '
import socket
sockets = [socket.socket() for _ in range(7)]
for it in sockets: it.bind(("127.0.0.1", 0))
for it in sockets: print(it.getsockname()[1])')
loopback=(--bind-host 127.0.0.1 --external-host 127.0.0.1)
"$programs/ballista-scheduler" "${loopback[@]}" --bind-port "${ports[0]}" --task-distribution round-robin \
    >"$folder/scheduler.log" 2>&1 &
started=($!)
trap 'kill "${started[@]}"; wait' EXIT
for executor in 1 2; do
    own=("${ports[@]:$((executor * 3 - 2)):3}")
    "$programs/ballista-executor" "${loopback[@]}" --scheduler-host 127.0.0.1 --scheduler-port "${ports[0]}" \
        --scheduler-connect-timeout-seconds 30 --vcores 1 --work-dir "$folder/$executor" --bind-port "${own[0]}" \
        --bind-grpc-port "${own[1]}" --bind-health-port "${own[2]}" >"$folder/executor-$executor.log" 2>&1 &
    started+=($!)
    # It is ready when the scheduler knows it.
    curl --silent --fail --output /dev/null --retry 60 --retry-delay 1 --retry-all-errors "http://127.0.0.1:${own[2]}/readyz"
done

sed -n '/^```sql$/,/^```$/{/^```/!p}' docs/lake.md | sed "s|'bills/|'$folder/bills/|" >"$folder/costs.sql"
"$programs/ballista-cli" --host 127.0.0.1 --port "${ports[0]}" --quiet --format csv --file "$folder/costs.sql" >"$folder/found.csv"
"$programs/cloudbill-lake" sql "$folder/bills" -o csv \
    "SELECT service, billing_period, sum(BilledCost) AS cost FROM focus GROUP BY ALL ORDER BY 1, 2" >"$folder/expected.csv"
# Only one of them writes the zeros at the end.
sed -E 's/(\.[0-9]*[1-9])0+$/\1/; s/\.0+$//' "$folder/found.csv" | diff "$folder/expected.csv" -
for executor in 1 2; do
    # Each must have had some.
    tasks="$(grep -c 'Finished task' "$folder/executor-$executor.log")"
    printf 'executor %s: %s tasks\n' "$executor" "$tasks"
done
