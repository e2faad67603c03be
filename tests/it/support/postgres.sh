# A throw-away PostgreSQL server: starts it, prints `ready <folder of its socket>`, and stops and removes it as
# soon as its standard input closes. The test process holds the other end of that pipe, which the system closes
# however the process ends.
#
# usage: sh -c "$(cat postgres.sh)" postgres.sh <max_connections> [durable]
# With `durable`, commits survive a crash; each line `crash` on the standard input makes one, answered by a line
# `started <folder>` when it serves again.

set -u
# Whatever ends the tests must not end this too. PIPE: nobody may be left to read that it is ready.
trap '' HUP INT TERM PIPE

# Distributions keep the server's programs out of PATH.
for bin in "$(dirname "$(command -v initdb || echo /nowhere/initdb)")" \
  /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin; do
  [ -x "$bin/initdb" ] && [ -x "$bin/pg_ctl" ] && break
done
if ! [ -x "$bin/initdb" ]; then
  echo "PostgreSQL's server programs (initdb, pg_ctl) are not there. Every database test also runs on PostgreSQL:"
  echo "install them, as with apt-get install postgresql, dnf install postgresql-server, brew install postgresql."
  exit 1
fi

# Not under TMPDIR: a socket's path may have 107 bytes at most.
folder=$(mktemp -d /tmp/switchboard-postgres.XXXXXX) || exit 1
data=$folder/data
settings="-c max_connections=$1 -c listen_addresses= -c unix_socket_directories=$folder"
settings="$settings -c autovacuum=off -c wal_level=minimal -c max_wal_senders=0 -c shared_buffers=64MB"
if [ "${2:-}" != durable ]; then
  # Nothing here outlives the tests, so nothing has to survive a crash.
  settings="$settings -c fsync=off -c full_page_writes=off -c synchronous_commit=off"
fi

start() { "$bin/pg_ctl" -w -t 60 -D "$data" -l "$folder/log" -o "$settings" "$@" >/dev/null 2>&1 </dev/null; }

remove() {
  "$bin/pg_ctl" -D "$data" -m immediate stop >/dev/null 2>&1
  rm -rf "$folder"
}

if "$bin/initdb" -N -D "$data" -U switchboard -A trust -E UTF8 --locale=C >"$folder/log" 2>&1 </dev/null &&
  start start; then
  echo "ready $folder"
  while read -r _; do
    if start -m immediate restart; then echo "started $folder"; else break; fi
  done
else
  echo "PostgreSQL did not start:"
  tail -n 20 "$folder/log"
fi
remove
