import type { DeployFile } from '../target.ts';

/**
 * nginx does not start when a certificate is missing, and the certificate is got through nginx. So it starts with port
 * 80 alone, the rest follows when the certificate is there, and whenever that changes nginx reads it anew; as it does
 * when the gateway has got another address, which nginx looks up once. It looks by itself: a container that told another
 * one what to do would need the socket of the engine.
 */
export const START_NGINX: DeployFile = {
  path: 'nginx/start.sh',
  executable: true,
  text: `#!/bin/sh
# Starts nginx with port 80; adds the rest as soon as there is a certificate, and reloads when it was renewed.
set -u

certificate=$1
every=\${2:-60}
active=/etc/nginx/conf.d

cp /etc/sallyport/sallyport-http.conf "$active/"
known=

look() {
  # By the time of what the link of certbot leads to.
  [ -e "$certificate" ] || return 0
  now="$(stat -L -c %Y "$certificate") $(getent hosts app || true)"
  [ "$now" != "$known" ] || return 0
  known=$now
  cp /etc/sallyport/sallyport.conf "$active/"
  if [ "\${1:-}" = reload ]; then nginx -t -q && nginx -s reload; fi
}

look
nginx -g 'daemon off;' &
nginx=$!
trap 'nginx -s quit' TERM INT QUIT
while kill -0 "$nginx" 2>/dev/null; do
  sleep "$every" & wait $! || true
  look reload || echo 'the certificate could not be taken over' >&2
done
wait "$nginx"
`,
};
