#!/bin/sh
# A replica: copies the primary the first time, and follows it. A copy that broke off is begun again.
set -eu
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  rm -rf "${PGDATA:?}"
  mkdir -p "$PGDATA"
  chmod 700 "$PGDATA"
  until pg_basebackup --host=database --username=quanze --pgdata="$PGDATA.new" --write-recovery-conf --wal-method=stream --checkpoint=fast; do
    rm -rf "${PGDATA:?}.new"
    sleep 5
  done
  rmdir "$PGDATA"
  mv "$PGDATA.new" "$PGDATA"
fi
exec postgres -D "$PGDATA" -c hot_standby=on -c jit=off
