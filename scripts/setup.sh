#!/usr/bin/env bash
# Brings the system programs that some tests use, each real and none necessary for running Sallyport itself.
# As root on Debian or a relative they are installed; anywhere else this says what is missing, and the tests that
# need it skip themselves and say so. Never fails because a program is missing.
set -uo pipefail

# program:Debian package:what is skipped without it
programs=(
  'ping:iputils-ping:ICMP in ping_host (TCP timing is tested instead)'
  'nginx:nginx:the reverse proxy in front of the gateway, and its rate limits beside ours'
  'podman:podman:servers in containers'
  'runc:runc:servers in containers'
  'podman-compose:podman-compose:the generated compose file'
  'caddy:caddy:the generated Caddyfile'
  'catatonit:catatonit:servers in containers (podman run --init)'
  'busybox:busybox-static:the image of the servers in containers'
  'bwrap:bubblewrap:servers in a sandbox'
  'chromium:chromium:the login pages in a browser'
  'certbot:certbot:certificates of the generated nginx set-up'
  'pebble:pebble:certificates of both ways to TLS'
  'sslscan:sslscan:the TLS settings of nginx'
  'systemd-analyze:systemd:the generated units'
)

missing=()
for entry in "${programs[@]}"; do
  command -v "${entry%%:*}" >/dev/null 2>&1 || missing+=("$entry")
done
if ((${#missing[@]} == 0)); then
  echo "All ${#programs[@]} system programs are there."
  exit 0
fi

if ((EUID == 0)) && command -v apt-get >/dev/null 2>&1; then
  packages=()
  for entry in "${missing[@]}"; do
    rest=${entry#*:}
    packages+=("${rest%%:*}")
  done
  echo "Installing: ${packages[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq && apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
fi

for entry in "${missing[@]}"; do
  program=${entry%%:*}
  if command -v "$program" >/dev/null 2>&1; then
    echo "Installed: $program"
  else
    echo "MISSING: $program. Skipped without it: ${entry##*:}" >&2
  fi
done
exit 0
