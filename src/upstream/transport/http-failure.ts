import { EgressError } from '../../egress/error.ts';
import { type Failure, failure } from '../../core/reply.ts';

/**
 * Statuses that say that this request is not understood here. All others of 400 and above say nothing about what the
 * server speaks: somebody has to log in, to wait, or to repair something.
 */
const NOT_UNDERSTOOD: ReadonlySet<number> = new Set([400, 404, 405, 406, 410, 411, 413, 414, 415, 422, 431]);

/** An HTTP answer that is none to our request, as what the caller is told. */
export function refusal(status: number): Failure {
  if (status === 401) return loginRequired();
  const name = NOT_UNDERSTOOD.has(status) ? 'server_refused' : 'server_unavailable';
  return failure(name, `It answered with HTTP status ${status}.`, { httpStatus: status });
}

/**
 * The server answered 401, or the login that is kept for it does not work any more.
 * @param advice what to do about it
 */
export function loginRequired(advice = 'Check the headers that are configured for it.'): Failure {
  return failure('server_login_required', advice, { httpStatus: 401 });
}

/** A redirect that is not followed. */
export function refusedRedirect(status: number, target: string | undefined): Failure {
  const where = target === undefined ? 'to nowhere' : `to ${target}`;
  return failure(
    'server_unavailable',
    `It redirects ${where}, which is not followed. Put the address where it really is into the configuration.`,
    { httpStatus: status },
  );
}

/** Why no answer began. */
export function unreachable(error: Error): Failure {
  return failure('server_unavailable', reasonOf(error));
}

/** Why an answer ended in the middle. */
export function brokenOff(error: Error): Failure {
  return failure('server_unavailable', `Its answer broke off: ${reasonOf(error)}`);
}

const REASONS: ReadonlyMap<unknown, string> = new Map([
  ['ECONNREFUSED', 'Nobody listens at its address.'],
  ['ECONNRESET', 'It closed the connection.'],
  ['UND_ERR_SOCKET', 'It closed the connection.'],
  ['EPIPE', 'It closed the connection.'],
  ['UND_ERR_HEADERS_TIMEOUT', 'It did not answer in time.'],
  ['UND_ERR_BODY_TIMEOUT', 'It fell silent.'],
  ['UND_ERR_HEADERS_OVERFLOW', 'Its headers are too large.'],
  ['ENETUNREACH', 'There is no way to its address from here.'],
  ['EHOSTUNREACH', 'There is no way to its address from here.'],
]);

/** A sentence without anything that a stranger wrote. */
function reasonOf(error: Error): string {
  if (error instanceof EgressError) {
    if (error.code !== 'forbidden_address') return error.message;
    return 'Its name leads to an address that is not public. If that is meant, set allowPrivate: true.';
  }
  if (error.name === 'HTTPParserError') return 'What it answers is not HTTP.';
  const code = 'code' in error ? error.code : undefined;
  if (typeof code !== 'string') return 'The connection failed.';
  if (/CERT|SSL|TLS|SELF_SIGNED|ISSUER/.test(code)) return `Its certificate was not accepted (${code}).`;
  return REASONS.get(code) ?? `The connection failed (${code}).`;
}
