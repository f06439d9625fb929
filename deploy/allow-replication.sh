#!/bin/sh
# Run once by the database's image, when it makes the cluster: replicas may follow it, by password.
set -eu
echo "host replication quanze all scram-sha-256" >>"$PGDATA/pg_hba.conf"
