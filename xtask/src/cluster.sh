# Runs a throw-away PostgreSQL until standard input ends: sh cluster.sh BIN PORT [-c SETTING]…
# Whoever started this holds the other end of standard input, so the cluster also stops when that
# program is killed.
set -eu
bin=$1
port=$2
shift 2
cd /
dir=$(mktemp -d /tmp/vaora-postgres-XXXXXXXX)
trap 'rm -rf "$dir"' EXIT
# Vietnamese collation by default: order must not depend on how an administrator made the database.
if ! "$bin/initdb" --pgdata="$dir/data" --username=postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 \
    --locale-provider=icu --icu-locale=vi-VN --no-sync >"$dir/initdb.log" 2>&1; then
    cat "$dir/initdb.log" >&2
    exit 1
fi
"$bin/postgres" -D "$dir/data" -p "$port" -k "$dir" -h 127.0.0.1 "$@" >"$dir/server.log" 2>&1 </dev/null &
server=$!
tries=0
until "$bin/pg_isready" -q -h 127.0.0.1 -p "$port" -U postgres; do
    tries=$((tries + 1))
    if [ "$tries" -ge 300 ] || ! kill -0 "$server" 2>/dev/null; then
        cat "$dir/server.log" >&2
        kill -QUIT "$server" 2>/dev/null || true
        exit 1
    fi
    sleep 0.1
done
echo ready
cat >/dev/null
kill -INT "$server"
wait "$server" || true
