#!/usr/bin/env bash
# The same work for the hub, mosquitto and nats-server, in turn, and the medians as a table in docs/performance.md.
#
#   benches/peers.sh                         three rounds, about ten minutes
#   ROUNDS=1 SECONDS_EACH=2 benches/peers.sh a quick look
#   DEVICE_HUB_BIN=target/quick/hub benches/peers.sh
#
# Knobs: ROUNDS, SECONDS_EACH, WARMUP, PAIRS, RECEIVERS, IDLE, LOGINS, RATE, DEVICE_HUB_BIN, TABLE (the file with the markers).
# Rounds are interleaved, so that a machine that grows slower meanwhile is slower for all. Every measurement gets
# a fresh server: no one pays for the memory or the connections of the run before.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
ROUNDS=${ROUNDS:-3}
SECONDS_EACH=${SECONDS_EACH:-5}
WARMUP=${WARMUP:-1}
PAIRS=${PAIRS:-100}
RECEIVERS=${RECEIVERS:-1000}
IDLE=${IDLE:-5000}
LOGINS=${LOGINS:-5000}
RATE=${RATE:-20000}
TABLE=${TABLE:-$root/docs/performance.md}
export PATH=$PATH:/usr/sbin # where Debian puts both servers

work=$(mktemp -d)
server_pid=
failed=0

stop_server() {
    [[ -n $server_pid ]] || return 0
    kill "$server_pid" 2>/dev/null || true
    wait "$server_pid" 2>/dev/null || true
    server_pid=
}

clean_up() {
    stop_server
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

need() { # need COMMAND PACKAGE
    command -v "$1" >/dev/null && return
    if [[ $(id -u) != 0 ]] || ! command -v apt-get >/dev/null; then
        echo "peers.sh: $1 is missing: install it (on Debian and Ubuntu: sudo apt-get install $2)" >&2
        exit 1
    fi
    echo "installing $2" >&2
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$2" >&2
    # The package starts a service of its own, which nobody asked for here.
    systemctl disable --now "$2" >/dev/null 2>&1 || true
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

wait_for_port() {
    for _ in $(seq 100); do
        (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return
        sleep 0.1
    done
    echo "peers.sh: no server on port $1; its log ends:" >&2
    tail -5 "$work/server.log" >&2
    exit 1
}

start_mosquitto() { # start_mosquitto PORT
    # max_queued_messages 0: without it a receiver that is 1,000 messages behind loses quality-of-service-0 messages.
    # set_tcp_nodelay: the other two have it by default; without it latencies would be Nagle's, not mosquitto's.
    cat >"$work/mosquitto.conf" <<CONF
listener $1 127.0.0.1
allow_anonymous true
persistence false
max_queued_messages 0
set_tcp_nodelay true
log_type error
CONF
    mosquitto -c "$work/mosquitto.conf" >"$work/server.log" 2>&1 &
    server_pid=$!
}

start_nats() { # start_nats PORT
    nats-server -a 127.0.0.1 -p "$1" >"$work/server.log" 2>&1 &
    server_pid=$!
}

measure() { # measure SERVER LOAD bench-words...
    local server=$1 load=$2 target=() port result
    shift 2
    case $server in
    hub) ;; # hub bench starts and stops its own
    mosquitto | nats)
        port=$(free_port)
        "start_$server" "$port"
        wait_for_port "$port"
        target=(--server "127.0.0.1:$port" --pid "$server_pid" --protocol)
        [[ $server == mosquitto ]] && target+=(mqtt) || target+=(nats)
        ;;
    esac
    if result=$("$DEVICE_HUB_BIN" bench "$@" "${target[@]}" --seconds "$SECONDS_EACH" --warmup "$WARMUP" --json); then
        printf '%s\t%s\t%s\n' "$server" "$load" "$result" >>"$work/results"
    else
        echo "peers.sh: $load failed for $server: $result" >&2
        failed=1
    fi
    stop_server
}

measure_all() { # measure_all LOAD bench-words...
    for server in hub mosquitto nats; do
        measure "$server" "$@"
    done
}

need mosquitto mosquitto
need nats-server nats-server
need python3 python3
ulimit -n "$(ulimit -Hn)"
if [[ -z ${DEVICE_HUB_BIN:-} ]]; then
    (cd "$root" && cargo build --release --locked --bin hub)
    DEVICE_HUB_BIN=${CARGO_TARGET_DIR:-$root/target}/release/hub
fi
DEVICE_HUB_BIN=$(realpath "$DEVICE_HUB_BIN")

: >"$work/results"
for round in $(seq "$ROUNDS"); do
    echo "round $round of $ROUNDS" >&2
    measure_all window1 pairs --pairs "$PAIRS" --window 1
    measure_all window64 pairs --pairs "$PAIRS" --window 64
    measure_all fanout1 fanout --receivers "$RECEIVERS" --window 1
    measure_all fanout2 fanout --receivers "$RECEIVERS" --window 2
    measure_all idle idle --connections "$IDLE"
    measure_all rate pairs --pairs "$PAIRS" --rate "$RATE"
    measure hub idle_tls idle --connections "$IDLE" --tls
    measure hub login login --connections "$LOGINS"
done

# mosquitto -h ends with an exit code of its own.
mosquitto_version=$( (mosquitto -h || true) | sed -n 's/^mosquitto version //p')
export ROUNDS SECONDS_EACH PAIRS RECEIVERS IDLE LOGINS RATE
export MOSQUITTO_VERSION=$mosquitto_version
export NATS_VERSION=$(nats-server -v | sed 's/.*v//')
export DEVICE_HUB_VERSION=$("$DEVICE_HUB_BIN" --version 2>/dev/null | awk '{print $NF}')
export KERNEL=$(uname -sr | sed 's/-.*//')
export CORES=$(nproc)
export TODAY=$(date -u +%F)
[[ $failed == 0 ]] || TABLE=/dev/null # a table with holes must not replace a whole one
python3 - "$work/results" "$TABLE" <<'PYTHON'
import json, os, pathlib, statistics, sys

results = {}
for line in open(sys.argv[1]):
    server, load, figures = line.rstrip("\n").split("\t")
    results.setdefault((server, load), []).append(json.loads(figures))

def median(server, load, key):
    found = [figures[key] for figures in results.get((server, load), [])]
    return statistics.median(found) if found else None

def cell(value, form):
    return "-" if value is None else form.format(value)

env = os.environ
CPU, RATE, P50, P99, P999 = ("server_cpu_us_per_message", "delivered_per_second",
                             "latency_p50_us", "latency_p99_us", "latency_p999_us")
MEMORY = "resident_bytes_per_connection"
one, many = f"{env['PAIRS']} pairs, 1 in flight", f"{env['PAIRS']} pairs, 64 in flight"
fan = f"1 to {env['RECEIVERS']}, %s in flight"
even = f"{int(env['RATE']):,} messages/s"
rows = [
    (one, "CPU us a message", "window1", CPU, "{:.2f}"),
    (one, "messages/s", "window1", RATE, "{:,.0f}"),
    (one, "latency p50 / us", "window1", P50, "{:,.0f}"),
    (many, "CPU us a message", "window64", CPU, "{:.3f}"),
    (many, "messages/s", "window64", RATE, "{:,.0f}"),
    (many, "latency p50 / us", "window64", P50, "{:,.0f}"),
    (fan % 1, "CPU us a delivery", "fanout1", CPU, "{:.2f}"),
    (fan % 2, "CPU us a delivery", "fanout2", CPU, "{:.2f}"),
    (fan % 2, "deliveries/s", "fanout2", RATE, "{:,.0f}"),
    (even, "latency p50 / us", "rate", P50, "{:,.0f}"),
    (even, "latency p99 / us", "rate", P99, "{:,.0f}"),
    (even, "latency p99.9 / us", "rate", P999, "{:,.0f}"),
    (even, "CPU us a message", "rate", CPU, "{:.2f}"),
    (f"{int(env['IDLE']):,} idle connections", "bytes a connection", "idle", MEMORY, "{:,.0f}"),
    (f"{int(env['IDLE']):,} idle connections, TLS", "bytes a connection", "idle_tls", MEMORY, "{:,.0f}"),
    (f"{int(env['LOGINS']):,} challenge logins", "CPU us a login", "login", "server_cpu_us_per_login", "{:.1f}"),
]
servers = ["hub", "mosquitto", "nats"]
table = [
    f"Medians of {env['ROUNDS']} interleaved rounds of {env['SECONDS_EACH']} s on {env['TODAY']}: {env['CORES']} cores, "
    f"{env['KERNEL']}, loopback, 64-byte bodies. hub {env['DEVICE_HUB_VERSION']}, mosquitto {env['MOSQUITTO_VERSION']} "
    f"(MQTT 3.1.1, QoS 0), nats-server {env['NATS_VERSION']}. CPU is the server's, user and system.",
    "",
    "| load | figure | hub | mosquitto | nats-server |",
    "|---|---|---:|---:|---:|",
]
for load, figure, name, key, form in rows:
    cells = [cell(median(server, name, key), form) for server in servers]
    table.append(f"| {load} | {figure} | " + " | ".join(cells) + " |")
table = "\n".join(table)
print(table)

if sys.argv[2] == "/dev/null":
    sys.exit()
begin, end = "<!-- peers:begin -->", "<!-- peers:end -->"
file = pathlib.Path(sys.argv[2])
file.parent.mkdir(parents=True, exist_ok=True)
text = file.read_text() if file.exists() else f"# Performance\n\n{begin}\n{end}\n"
if begin not in text or end not in text:
    text += f"\n## Beside its peers\n\n{begin}\n{end}\n"
head, rest = text.split(begin, 1)
tail = rest.split(end, 1)[1]
file.write_text(f"{head}{begin}\n{table}\n{end}{tail}")
PYTHON
exit "$failed"
