#!/usr/bin/env bash
# PostgreSQL's own regression suite as a referee: the database that it leaves, backed up and restored by this project,
# must be the one that pg_dump and psql make of it. What pg_dump does not bring back either counts for nothing.
#
#   tests/referees/regression.sh SOURCE
#
# SOURCE is PostgreSQL's source, of the version of the server programs that pg_config names (Debian: 'apt-get source
# postgresql-15', unpacked). It needs gcc, make, psql and pg_dump, and from PostgreSQL 17 on bison and flex. A server of
# its own, on a free port, holds everything; nothing of it stays. Ends with 0 if nothing differs, with 22 if something
# does.
set -euo pipefail

source=$(cd "$1" && pwd)
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

echo '== The functions in C that the suite loads'
cp -r "$source" "$work/source"
cd "$work/source"
{
    ./configure --without-readline --without-zlib --without-icu && make -s -C src/backend generated-headers
} >"$work/build.log" 2>&1
gcc -O1 -fPIC -shared -Isrc/include -o "$work/regress.so" src/test/regress/regress.c
[ "${#as[@]}" = 0 ] || chown -R postgres "$work/source/src/test/regress"

echo '== The suite'
export PGHOST=$work/run PGPORT=${PGPORT:-27900} PGUSER=postgres
"${as[@]}" "$bin/initdb" -D "$work/run/data" -A trust -U postgres --no-locale -E UTF8 >/dev/null
"${as[@]}" "$bin/pg_ctl" -D "$work/run/data" -l "$work/run/log" -w start -o "-p $PGPORT -c fsync=off \
    -c listen_addresses=127.0.0.1 -c unix_socket_directories=$work/run" >/dev/null
cd src/test/regress
mkdir -p testtablespace results
[ "${#as[@]}" = 0 ] || chown postgres testtablespace results
psql -qX postgres -c 'CREATE DATABASE regression TEMPLATE template0'
for setting in lc_messages lc_monetary lc_numeric lc_time; do
    psql -qX postgres -c "ALTER DATABASE regression SET $setting = 'C'"
done
export PG_ABS_SRCDIR=$PWD PG_ABS_BUILDDIR=$PWD PG_LIBDIR=$work PG_DLSUFFIX=.so
same=0
different=0
for test in $(sed -n 's/^test://p' parallel_schedule); do
    PGTZ=PST8PDT PGDATESTYLE='Postgres, MDY' PGOPTIONS='-c intervalstyle=postgres_verbose' \
        psql -Xaq -d regression <"sql/$test.sql" >"results/$test.out" 2>&1 || true
    if cmp -s "results/$test.out" "expected/$test.out"; then same=$((same + 1)); else different=$((different + 1)); fi
done
echo "$same tests as expected, $different not: each leaves what it leaves"

# The order of rows and of indexes is the file's, not the database's.
dump() {
    "$bin/pg_dump" -N avdaily_ops "$1" | grep -v '^\\\(un\)\?restrict' | LC_ALL=C sort
}

# Restores the database $1 in both ways, and compares.
referee() {
    psql -qX postgres -c 'DROP DATABASE IF EXISTS ours' -c 'DROP DATABASE IF EXISTS control' 2>/dev/null
    psql -qX postgres -c 'CREATE DATABASE ours TEMPLATE template0' -c 'CREATE DATABASE control TEMPLATE template0'
    local url=postgresql://postgres:x@127.0.0.1:$PGPORT
    DATABASE_URL=$url/$1 "$project/jbang" avdaily-backup create --dir "$work/backups-$1" </dev/null
    DATABASE_URL=$url/ours DB_RESTORE_CONFIRM=1 \
        "$project/jbang" avdaily-restore "$work/backups-$1"/*.gz --mode in-place --yes </dev/null
    "$bin/pg_dump" -N avdaily_ops "$1" | psql -qX control >"$work/control.log" 2>&1 || true
    dump ours >"$work/ours.sql"
    dump control >"$work/control.sql"
    if diff "$work/control.sql" "$work/ours.sql" | head -100 | tee "$work/difference" && [ ! -s "$work/difference" ]; then
        echo "$1: as pg_dump and psql make it"
    else
        code=22
    fi
}

code=0
echo '== With the definitions of pg_dump, for the schema reader does not know all of them'
referee regression

echo '== With those of the schema reader, without what it does not know'
psql -qX postgres -c 'CREATE DATABASE known TEMPLATE regression'
psql -qX known -f "$project/tests/referees/regression-unknown.sql" >"$work/drop.log" 2>&1
referee known
exit $code
