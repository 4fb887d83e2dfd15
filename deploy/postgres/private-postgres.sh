#!/bin/bash
# A PostgreSQL of our own in one folder, for tests and for `make up`: loopback and a socket in the folder, nothing else.
#
#   private-postgres.sh init DIR          makes the cluster, role and database `torghut`; nothing when it is there
#   private-postgres.sh start DIR         starts it and waits until it answers; nothing when it runs
#   private-postgres.sh stop DIR [MODE]   fast (default) or immediate; nothing when it does not run
#   private-postgres.sh kill DIR          kill -9 of the postmaster; returns when its children are gone too
#   private-postgres.sh status DIR        one line; 0 runs, 3 does not
#   private-postgres.sh dsn DIR [tcp]     the address: by the socket, or by TCP with its password
#   private-postgres.sh tls DIR CERT KEY  a certificate of the server's; takes effect when it starts
#   private-postgres.sh run DIR [remove]  init, start, prints "ready", and stops it when standard input ends:
#                                         whoever holds the other end may die in any way. remove: the folder goes too.
#   private-postgres.sh run DIR keep      the same, prints "ready PID ADDRESS", and starts a server again that died.
#                                         A second one on the same DIR waits until the first has ended.
#
# In DIR: data (the cluster), log, port, password, .s.PGSQL.PORT. A server does not run as root, so root hands DIR to
# the user postgres (or nobody).
set -euo pipefail

say() { echo "private-postgres: $1" >&2; }
fail() {
    say "$1"
    exit 1
}

[[ $# -ge 2 ]] || fail "usage: $(basename "$0") init|start|stop|kill|status|dsn|tls|run DIR …"
command="$1"
mkdir -p "$2"
dir="$(cd "$2" && pwd -P)"
data="$dir/data"

bin="${TORGHUT_PG_BIN:-}"
if [[ -z "$bin" ]]; then
    for place in /usr/lib/postgresql/15/bin "$(dirname "$(command -v postgres 2>/dev/null || echo /nowhere/postgres)")"; do
        if [[ -x "$place/initdb" ]]; then bin="$place" && break; fi
    done
fi
[[ -x "$bin/initdb" && -x "$bin/pg_ctl" ]] ||
    fail "there is no PostgreSQL 15 here; install postgresql-15 (make setup), or name its bin folder in TORGHUT_PG_BIN"

as_owner=()
if [[ "$(id -u)" -eq 0 ]]; then
    owner=postgres
    id postgres >/dev/null 2>&1 || owner=nobody
    as_owner=(setpriv "--reuid=$owner" "--regid=$(id -g "$owner")" --clear-groups env "HOME=$dir")
fi

# Variables of a client's would lead our own tools elsewhere.
unset PGHOST PGHOSTADDR PGPORT PGUSER PGDATABASE PGPASSWORD PGSERVICE PGOPTIONS PGSSLMODE PGDATA
export LC_ALL=C

as() { (cd "$dir" && "${as_owner[@]}" "$@"); }

without_descriptors() (
    for descriptor in /proc/self/fd/*; do
        descriptor="${descriptor##*/}"
        if [[ "$descriptor" -gt 2 ]]; then eval "exec $descriptor>&-" 2>/dev/null || true; fi
    done
    "$@"
)

initialise() {
    [[ -e "$data/PG_VERSION" && -e "$dir/password" ]] && return
    [[ ! -e "$data" ]] || rm -rf "$data" # An initdb that was cut short.
    chmod 700 "$dir"
    if [[ ${#as_owner[@]} -gt 0 ]]; then
        chown "$owner" "$dir"
        as test -w "$dir" ||
            fail "the user $owner, who runs the server in root's place, cannot reach $dir; choose a folder that he can"
    fi
    as bash -c 'umask 077; od -An -N24 -tx1 /dev/urandom | tr -d " \n" >new-password'
    # Text sorts by its bytes, the same on every machine; checksums find what a disk spoils.
    as "$bin/initdb" --pgdata="$data" --username=torghut --pwfile="$dir/new-password" --auth-local=trust \
        --auth-host=scram-sha-256 --encoding=UTF8 --locale=C --data-checksums >"$dir/initdb.log" 2>&1 ||
        fail "initdb failed: $(tail -n 3 "$dir/initdb.log")"
    as tee -a "$data/postgresql.conf" >/dev/null <<CONF
listen_addresses = '127.0.0.1'
unix_socket_permissions = 0700
timezone = 'UTC'
log_timezone = 'UTC'
max_wal_size = '4GB'
CONF
    # Last: an init that was cut short before this is begun again.
    as mv "$dir/new-password" "$dir/password"
}

# A postmaster that was killed and that nobody reaped looks alive to pg_ctl, and to the server's own check; and so does
# any process that got its number since. A server works in its data folder.
is_server() {
    [[ -e "/proc/$1/stat" ]] && ! grep -q ') Z ' "/proc/$1/stat" 2>/dev/null || return 1
    local place
    place="$(readlink "/proc/$1/cwd" 2>/dev/null)" || return 0
    [[ "$place" == "$data" ]]
}
clear_dead() {
    local lock pid
    for lock in "$data/postmaster.pid" "$dir"/.s.PGSQL.*.lock; do
        pid="$(head -n 1 "$lock" 2>/dev/null)" || continue
        is_server "$pid" || rm -f "$lock"
    done
}
running() { clear_dead && as "$bin/pg_ctl" status --pgdata="$data" >/dev/null 2>&1; }
taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

start() {
    [[ -e "$data/PG_VERSION" ]] || fail "there is no cluster in $dir; run init first"
    if running; then return; fi
    local socket="$dir" port tries
    # A socket's path has room for 107 bytes.
    if [[ ${#dir} -gt 90 ]]; then socket=""; fi
    port="$(cat "$dir/port" 2>/dev/null || true)"
    for tries in 1 2 3 4 5 6 7 8; do
        # Below the ports that the system gives to clients. A port once had is kept, so that clients find it again.
        while [[ -z "$port" ]] || taken "$port"; do port=$((20000 + RANDOM % 12000)); done
        # The server outlives us, and whoever waits for us may wait at one of our descriptors.
        if without_descriptors as "$bin/pg_ctl" start --silent --wait --timeout=60 --pgdata="$data" --log="$dir/log" \
            --options="-p $port -c unix_socket_directories='$socket'" >/dev/null 2>&1 </dev/null; then
            echo "$port" | as tee "$dir/port" >/dev/null
            as "$bin/psql" --quiet --no-psqlrc --dbname="$(dsn tcp postgres)" --tuples-only --no-align \
                --command="SELECT 1 FROM pg_database WHERE datname = 'torghut'" | grep -q 1 ||
                as "$bin/psql" --quiet --no-psqlrc --dbname="$(dsn tcp postgres)" --command='CREATE DATABASE torghut'
            return
        fi
        tail -n 5 "$dir/log" | grep -q 'Address already in use' || break
        port=""
    done
    fail "the server did not start: $(tail -n 5 "$dir/log" 2>/dev/null)"
}

stop() {
    if running; then as "$bin/pg_ctl" stop --silent --wait --timeout=60 --mode="$1" --pgdata="$data" >/dev/null; fi
}

# Its children notice the death of the postmaster by themselves.
kill_server() {
    running || fail "no server runs in $dir"
    local postmaster child
    postmaster="$(head -n 1 "$data/postmaster.pid")"
    local children=()
    read -ra children <"/proc/$postmaster/task/$postmaster/children" || true
    kill -9 "$postmaster"
    for child in "$postmaster" "${children[@]}"; do
        while [[ -e "/proc/$child/stat" ]] && ! grep -q ') Z ' "/proc/$child/stat" 2>/dev/null; do sleep 0.01; done
    done
}

postmaster() { head -n 1 "$data/postmaster.pid" 2>/dev/null || echo 0; }

# Waits for the end of standard input, and starts a server that died meanwhile.
keep() {
    echo "ready $(postmaster) $(dsn socket)"
    local outcome
    while true; do
        outcome=0
        read -r -t 0.5 || outcome=$?
        # Above 128 it is the time that is over; below it is the input.
        if [[ $outcome -gt 0 && $outcome -le 128 ]]; then return; fi
        if is_server "$(postmaster)"; then continue; fi
        say "the server ended; it is started again"
        # In a shell of its own: one that fails ends no keeper, who tries again.
        if (start); then say "the server runs again as $(postmaster)"; else sleep 1; fi
    done
}

dsn() {
    local name="${2:-torghut}" port
    port="$(cat "$dir/port" 2>/dev/null)" || fail "no server was started in $dir yet"
    if [[ "$1" == tcp || ! -S "$dir/.s.PGSQL.$port" ]]; then
        echo "postgresql://torghut:$(cat "$dir/password")@127.0.0.1:$port/$name"
    else
        echo "host='$dir' port=$port user=torghut dbname=$name"
    fi
}

case "$command" in
init) initialise ;;
start) start ;;
stop) stop "${3:-fast}" ;;
kill) kill_server ;;
dsn) dsn "${3:-socket}" ;;
status)
    if running; then
        echo "running: $(dsn socket)"
    else
        echo "not running"
        exit 3
    fi
    ;;
tls)
    [[ $# -eq 4 ]] || fail "usage: tls DIR CERT KEY"
    as tee "$data/server.crt" <"$3" >/dev/null
    as bash -c 'umask 077; cat >data/server.key' <"$4"
    grep -qx 'ssl = on' "$data/postgresql.conf" || echo 'ssl = on' | as tee -a "$data/postgresql.conf" >/dev/null
    ;;
run)
    # Interrupting the terminal reaches us too: the end of standard input alone decides.
    trap '' INT TERM HUP
    # The one before may still be stopping the server: ours must not be the one it stops.
    exec 9>"$dir/keeper.lock"
    flock --timeout 60 9 || fail "another process keeps the server in $dir"
    initialise
    start
    trap 'stop immediate || true; if [[ "${3:-}" == remove ]]; then rm -rf "$dir"; fi' EXIT
    if [[ "${3:-}" == keep ]]; then keep; else
        echo ready
        cat >/dev/null
    fi
    if [[ "${3:-}" != remove ]]; then stop fast; fi
    ;;
*) fail "there is no command $command" ;;
esac
