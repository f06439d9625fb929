#!/bin/sh
# Prometheus reads the token from a file only.
set -eu
if [ -z "${TOKEN:-}" ]; then
  echo '请设 REGISTRY_METRICS_TOKEN。 / Set REGISTRY_METRICS_TOKEN.' >&2
  exit 1
fi
umask 077
printf '%s' "$TOKEN" >/tmp/token
exec /bin/prometheus --config.file=/etc/prometheus/prometheus.yml --storage.tsdb.path=/prometheus
