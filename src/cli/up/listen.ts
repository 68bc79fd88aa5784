import { parseListen, type Listen } from '../../config/units.ts';
import type { Config } from '../../config/schema.ts';
import type { Gateway } from '../../gateway.ts';
import { EXIT } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { isLoopback } from '../loopback.ts';

/** `--listen HOST:PORT`. */
export function listenOption(text: string): Listen {
  const reading = parseListen(text);
  if ('value' in reading) return reading.value;
  throw new Failure(
    EXIT.USAGE,
    `--listen ${text}: ${reading.problem}`,
    reading.hint === undefined ? [] : [reading.hint],
  );
}

/** Without a token the network is the only door, and only loopback keeps other machines out. */
export function refuseOpenDoor(listen: Listen): void {
  if (isLoopback(listen.host)) return;
  throw new Failure(
    EXIT.USAGE,
    `--no-auth is refused on ${listen.host}: everybody who reaches this machine could call every tool`,
    ['leave --no-auth out, or listen on a loopback address: --listen 127.0.0.1:8080'],
  );
}

/** The endpoint as this machine reaches it, whatever address others use and whatever lies in between. */
export function localEndpoint({
  endpoint,
  listening,
  certificates,
}: Pick<Gateway, 'endpoint' | 'listening' | 'certificates'>): string {
  // A certificate is for the name that others use, and for no address of this machine.
  if (certificates().length > 0) return endpoint;
  const host = isWildcard(listening.host) ? '127.0.0.1' : listening.host;
  return `http://${host.includes(':') ? `[${host}]` : host}:${listening.port}/mcp`;
}

/** The endpoint for people and clients: the public one where there is one. */
export function shownEndpoint(
  gateway: Pick<Gateway, 'endpoint' | 'listening' | 'certificates'>,
  config: Config,
): string {
  return config.publicUrl === undefined ? localEndpoint(gateway) : gateway.endpoint;
}

function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}
