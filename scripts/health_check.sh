#!/bin/sh
# Asks a gateway whether it is well, as a monitor or a load balancer would, and says so in one line.
#
#   scripts/health_check.sh [URL]      default: http://127.0.0.1:8080
#
# 0: it lives, and every server is ready. 1: it lives, and not every server or certificate is well. 2: nothing answers, or not a gateway.
# With SALLYPORT_CA the certificate is checked with that file, as curl's --cacert.
set -u

url=${1:-http://127.0.0.1:8080}
url=${url%/}
url=${url%/mcp}

# Prints the status, a space, and the body in one line.
ask() {
  # The status comes last, on a line of its own.
  curl --silent --show-error --max-time 5 ${SALLYPORT_CA:+--cacert "$SALLYPORT_CA"} \
    --write-out '\n%{http_code}' "$url$1" 2>&1 |
    awk '{ body = body last; last = $0 } END { print last, body }'
}

command -v curl >/dev/null 2>&1 || {
  echo 'health: curl is not installed' >&2
  exit 2
}

live=$(ask /health/live)
case $live in
  '200 '*'"status":"ok"'*) ;;
  *)
    echo "DOWN $url: ${live#* }" | cut -c1-300
    exit 2
    ;;
esac

ready=$(ask /health/ready)
case $ready in
  '200 '*'"status":"ready"'*)
    echo "OK $url"
    exit 0
    ;;
  *)
    echo "DEGRADED $url: ${ready#* }" | cut -c1-300
    exit 1
    ;;
esac
