import type { IncomingMessage } from 'node:http';

/** What some proxies tell the servers behind them about a user, and what they tell about the way of a request. */
const TELLING = [
  'x-user',
  'x-user-id',
  'x-user-email',
  'x-user-roles',
  'x-remote-user',
  'remote-user',
  'x-forwarded-user',
  'x-forwarded-email',
  'x-auth-request-user',
  'x-auth-request-email',
  'x-forwarded-for',
  'x-real-ip',
];

/**
 * Which of these headers came in with a request, by name; `none` for none. `sallyport doctor` sends some and looks
 * whether the proxy in front takes them away: nothing else in an answer tells.
 */
export function seenHeaders({ headers }: IncomingMessage): string {
  const seen = TELLING.filter((name) => headers[name] !== undefined && headers[name] !== '');
  return seen.length === 0 ? 'none' : seen.join(', ');
}
