#!/usr/bin/env bash
# Programs that others wrote look at what this project makes, and at the server that its monitor looks at. Prints the
# table of docs/reliability.md.
#
#   tests/referees/programs.sh
#
# It needs psql and the server programs that pg_config names; each other program that is missing leaves its rows out,
# with its name. JUNIT_SCHEMA names an XML schema of JUnit's reports. A server of its own, on the port PGPORT or 27910,
# holds everything; nothing of it stays. Ends with 0 if all agree, with 22 if one does not.
set -euo pipefail

project=$(cd "$(dirname "$0")/../.." && pwd)
bin=$(pg_config --bindir)
work=$(mktemp -d)
as=()
if [ "$(id -u)" = 0 ]; then # the server refuses root
    as=(runuser -u postgres --)
    chmod 755 "$work"
    install -d -o postgres "$work/run"
else
    mkdir "$work/run"
fi
trap '"${as[@]}" "$bin/pg_ctl" -D "$work/run/data" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$work"' EXIT

export PGHOST=127.0.0.1 PGPORT=${PGPORT:-27910} PGUSER=postgres PGPASSWORD=x PGDATABASE=shop
export DATABASE_URL=postgresql://postgres:x@127.0.0.1:$PGPORT/shop BACKUP_DIR=$work/backups
code=0
cd "$work" # a project of ours would be found above

avdaily() {
    "$project/jbang" "avdaily-$@" </dev/null 2>>"$work/log"
}

row() {
    printf '| %s | %s | %s |\n' "$1" "$2" "$3"
}

# agrees PROGRAM WHAT COMMAND...: the command ends with 0
agrees() {
    local program=$1 what=$2
    shift 2
    if ! command -v "$program" >/dev/null; then
        row "$what" "\`${program##*/}\`" 'left out: it is not installed'
    elif "$@" >"$work/said" 2>&1; then
        row "$what" "\`${program##*/}\`" 'agrees'
    else
        row "$what" "\`${program##*/}\`" "**differs**: $(tail -n 1 "$work/said")"
        code=22
    fi
}

# near PROGRAM WHAT OURS THEIRS TOLERANCE: two numbers, of which one may have been looked up a moment later
near() {
    local verdict='agrees'
    awk -v a="$3" -v b="$4" -v most="$5" 'BEGIN {
        exit a == "" || b == "" || (a > b ? a - b : b - a) > most }' || { verdict='**differs**' && code=22; }
    row "$2" "\`${1##*/}\`" "$verdict: $3 here, $4 there"
}

# ours NAME: a number of the monitor's
ours() {
    jq -r --arg name "$1" '[.checks[].metrics[] | select(.name == $name)][0].value' "$work/monitor.json"
}

"${as[@]}" "$bin/initdb" -D "$work/run/data" -A trust -U postgres >/dev/null
"${as[@]}" "$bin/pg_ctl" -D "$work/run/data" -l "$work/run/log" -w start -o "-p $PGPORT -c fsync=off \
    -c wal_level=logical -c listen_addresses=127.0.0.1 -c unix_socket_directories=$work/run" >/dev/null
psql -qX postgres -c 'CREATE DATABASE shop' -c 'CREATE DATABASE other'
avdaily deploy development --seed --yes >/dev/null

printf '| what | who looks | says |\n|---|---|---|\n'
for form in gzip zstd none; do avdaily backup create --compress $form --dir "$work/$form" >/dev/null; done
agrees gzip 'a backup, `--compress gzip`' gzip -t "$work"/gzip/*.gz
agrees zstd 'a backup, `--compress zstd`' zstd -tq "$work"/zstd/*.zst
agrees sha256sum 'the sums beside backups' \
    bash -c "for d in gzip zstd none; do cd $work/\$d && sha256sum -c *.sha256 || exit; done"
if command -v age-keygen >/dev/null; then
    age-keygen -o "$work/key" 2>/dev/null
    avdaily backup create --dir "$work/age" --encrypt-to "$(age-keygen -y "$work/key")" >/dev/null
fi
agrees age 'an encrypted backup' bash -o pipefail -c "age -d -i $work/key $work/age/*.age | gzip -t"
agrees psql 'a backup without compression, read by psql' \
    psql -qX -v ON_ERROR_STOP=1 -d other -f "$(find "$work/none" -name '*.sql')"
DB_RESTORE_CONFIRM=1 avdaily restore "$work"/gzip/*.gz --mode swap --yes >/dev/null
psql -qX postgres -c 'DROP DATABASE other' -c 'CREATE DATABASE other'
DATABASE_URL=${DATABASE_URL/%shop/other} DB_RESTORE_CONFIRM=1 \
    avdaily restore "$work"/zstd/*.zst --mode in-place --yes >/dev/null
agrees "$bin/pg_amcheck" 'tables and indexes after both kinds of restore' \
    "$bin/pg_amcheck" --all --install-missing --heapallindexed --rootdescend

avdaily monitor --format prometheus >metrics || true
agrees promtool 'what the monitor tells Prometheus' bash -c "promtool check metrics <$work/metrics"
avdaily integrity report --format junit >junit.xml || true
agrees xmllint 'the report for JUnit is well-formed' xmllint --noout junit.xml
[ -z "${JUNIT_SCHEMA:-}" ] \
    || agrees xmllint 'the report for JUnit fits the schema' xmllint --noout --schema "$JUNIT_SCHEMA" junit.xml
avdaily integrity report --format html >report.html || true
# It is older than some of the style sheet's properties.
agrees java 'the report in HTML (`nu.validator`)' \
    "$project/jbang" --main nu.validator.client.SimpleCommandLineValidator \
    nu.validator:validator:20.7.2 --Werror --filterpattern '.*CSS: .*' report.html

# Trouble: a table that is nine tenths empty, a slot that nobody reads, a transaction that waits for its end, and a
# session that waits for that.
psql -qX -o /dev/null <<'SQL'
CREATE TABLE emptied AS SELECT i, repeat('x', 200) AS text FROM generate_series(1, 600000) i;
DELETE FROM emptied WHERE i % 10 <> 0;
VACUUM ANALYZE emptied;
CREATE TABLE held();
SELECT pg_create_physical_replication_slot('unread', true);
SQL
coproc psql -qX
echo 'BEGIN; LOCK TABLE held;' >&"${COPROC[1]}"
sleep 3
psql -qX -o /dev/null -c 'TABLE held' 2>/dev/null &
sleep 2
avdaily monitor --json >monitor.json || true

theirs=
if command -v check_postgres >/dev/null; then
    # check WHAT: the line of one action, with limits that nothing reaches
    check() {
        theirs=$(check_postgres -H 127.0.0.1 -p "$PGPORT" -u postgres -db shop --action="$@" 2>&1 || true)
    }
    check txn_idle -w 9999 -c 9999
    near check_postgres 'seconds of the oldest transaction' "$(ours transaction_age_seconds)" \
        "$(sed -n 's/.*longest idle in txn: \([0-9]*\)s.*/\1/p' <<<"$theirs")" 8
    check replication_slots -w '9 TB' -c '9 TB'
    near check_postgres 'bytes of WAL kept for a slot' "$(ours wal_retained_bytes)" \
        "$(sed -n 's/.* unread=\([0-9]*\);.*/\1/p' <<<"$theirs")" 100000
    check database_size -w '9 TB' -c '9 TB'
    near check_postgres 'bytes of the database' "$(ours database_bytes)" \
        "$(sed -n 's/.* shop=\([0-9]*\);.*/\1/p' <<<"$theirs")" 200000
    check bloat --include=emptied -w '9 TB' -c '9 TB'
    near check_postgres 'empty bytes of a table' "$(ours bloat_bytes)" \
        "$(sed -n 's/.*wasted size:\([0-9]*\).*/\1/p' <<<"$theirs")" 100000
    check hitratio -w '0%' -c '0%'
    near check_postgres 'share of blocks from memory' "$(ours cache_hit_ratio)" \
        "$(sed -n 's/.* shop=\([0-9.]*\);.*/\1/p' <<<"$theirs" | awk '{ print $1 / 100 }')" 0.01
    check txn_wraparound
    near check_postgres 'share of transaction numbers used' "$(ours wraparound_ratio)" \
        "$(sed -n 's/.* shop=\([0-9]*\);.*/\1/p' <<<"$theirs" | awk '{ print $1 / 2000000000 }')" 0.0001
else
    row 'numbers of the monitor' '`check_postgres`' 'left out: it is not installed'
fi
pgactivity=/usr/lib/nagios/plugins/check_pgactivity
if [ -x "$pgactivity" ]; then
    theirs=$("$pgactivity" -h 127.0.0.1 -p "$PGPORT" -U postgres -s locks -w 999 -c 999 --dbname shop || true)
    near check_pgactivity 'sessions that wait for a lock' "$(ours blocked_sessions)" \
        "$(sed -n 's/.* \([0-9]*\) waiting locks.*/\1/p' <<<"$theirs")" 0
    theirs=$("$pgactivity" -h 127.0.0.1 -p "$PGPORT" -U postgres -s backends -w '90%' -c '95%' || true)
    near check_pgactivity 'share of connections in use' "$(ours connections_ratio)" \
        "$(sed -n 's/.* \([0-9]*\) connections on \([0-9]*\).*/\1 \2/p' <<<"$theirs" | awk '{ print $1 / $2 }')" 0.03
else
    row 'numbers of the monitor' '`check_pgactivity`' 'left out: it is not installed'
fi
kill "$COPROC_PID"

if command -v npm >/dev/null && command -v node >/dev/null && npm pack --silent cctv-age >/dev/null 2>&1; then
    tar xf cctv-age-*.tgz && mkdir vectors
    node --input-type=module -e "import * as vectors from '$work/package/index.js'; import { writeFileSync } from 'fs';
        for (const name of Object.keys(vectors)) writeFileSync('$work/vectors/' + name, vectors[name]);"
    cd "$project"
    TEST_AGE_VECTORS=$work/vectors agrees node "the age project's test vectors (\`cctv-age\`)" \
        ./jbang avdaily-test AgeTest
    cd "$work"
else
    row "the age project's test vectors" '`cctv-age`' 'left out: npm, or the package, is not to be had'
fi
[ $code = 0 ] || tail -n 20 "$work/log" >&2
exit $code
