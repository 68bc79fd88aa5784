import { connect } from 'node:net';
import { fail, ok, type OutsideCheck, warn } from '../check.ts';
import { type Dial, type Place, placeOf } from '../dial.ts';

const PATIENCE_MS = 5000;

export const reachable: OutsideCheck = {
  name: 'reachable',
  side: 'outside',
  looksAt: 'the port of the endpoint, and port 80',
  needs: ['dns'],
  symptoms: [
    {
      sees: 'connection refused, or a connection that never comes about',
      cause: 'Nothing listens at the port, or a firewall is before it.',
      remedy:
        "ss -ltn 'sport = :443'   shows whether anything listens; then open the port: sudo ufw allow 443/tcp",
    },
  ],
  async look({ endpoint, dial }, signal) {
    const place = placeOf(endpoint);
    const problem = await opens(place, dial, signal);
    if (problem !== undefined)
      return fail(
        `port ${place.port} of ${place.host} does not open (${problem})`,
        `start what listens there (sudo systemctl restart nginx), and open the port: sudo ufw allow ${place.port}/tcp`,
      );
    if (place.port !== 443) return ok(`port ${place.port} opens`);
    const plain = await opens({ host: place.host, port: 80 }, dial, signal);
    return plain === undefined
      ? ok('ports 443 and 80 open')
      : warn(
          `port 443 opens, and port 80 does not (${plain}): certificates by HTTP-01 are not renewed`,
          'sudo ufw allow 80/tcp',
        );
  },
};

/** @returns undefined when it opens, else why not */
function opens(place: Place, dial: Dial, signal: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ ...(dial(place) ?? place), timeout: PATIENCE_MS, signal });
    const say = (problem?: string): void => {
      socket.destroy();
      resolve(problem);
    };
    socket.on('connect', () => say());
    socket.on('error', (error) => say('code' in error ? String(error.code) : error.message));
    socket.on('timeout', () => say('no answer'));
  });
}
