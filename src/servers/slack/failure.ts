/** A tool cannot do what it was asked. The message says what happened and what to do. */
export class ToolFailure extends Error {
  override readonly name = 'ToolFailure';
}

const REINSTALL =
  'Somebody who runs this gateway has to get another token from Slack (api.slack.com/apps, "OAuth & Permissions") and store it.';

/** What Slack's error codes mean to somebody who called a tool, and what to do. */
const MEANINGS: ReadonlyMap<string, string> = new Map([
  ['invalid_auth', `Slack does not know the token. ${REINSTALL}`],
  ['not_authed', `Slack got no token. ${REINSTALL}`],
  ['token_revoked', `The token was revoked. ${REINSTALL}`],
  ['token_expired', `The token has expired. ${REINSTALL}`],
  ['account_inactive', `The account of the token is gone. ${REINSTALL}`],
  ['not_allowed_token_type', 'This needs a user token (xoxp-…): Slack does not let bots search messages.'],
  [
    'not_in_channel',
    'The app is not in this channel: somebody in it has to type /invite and the name of the app.',
  ],
  [
    'channel_not_found',
    'There is no such channel, or it is a private one without the app. list_channels tells which it sees.',
  ],
  ['is_archived', 'The channel is archived: nothing can be written there any more.'],
  ['restricted_action', 'A setting of the workspace forbids this. Its admins can change it.'],
  ['msg_too_long', 'The message is too long for Slack. Send it in parts.'],
  ['no_text', 'There is no text in the message.'],
  [
    'thread_not_found',
    'There is no message with this thread_ts in the channel. read_channel tells the ts of each.',
  ],
  ['user_not_found', 'There is no such user. list_users tells who there is.'],
  ['cannot_dm_bot', 'A bot cannot be written to directly. Write to a channel it is in.'],
  ['invalid_cursor', 'The cursor is not one that Slack gave for this. Begin without one.'],
  ['access_denied', 'The account of the token may not do this.'],
  ['team_access_not_granted', 'The app is not approved for this workspace. Its admins can do that.'],
  ['ekm_access_denied', 'The admins of the workspace have suspended access to messages.'],
  ['org_login_required', 'The workspace is being moved to another organization. Try again later.'],
  ['internal_error', 'Slack has a problem of its own. Try again in a minute.'],
  ['fatal_error', 'Slack has a problem of its own. Try again in a minute.'],
  ['service_unavailable', 'Slack has a problem of its own. Try again in a minute.'],
]);

/** What an error means to whoever called the tool. Of what nobody expected, at most a code is quoted. */
export function explain(error: unknown): string {
  if (error instanceof ToolFailure) return error.message;
  if (!(error instanceof Error)) return 'It failed for a reason that this tool does not know.';
  if (error.name === 'WebAPIPlatformError') return explainRefusal(dataOf(error));
  if (error.name === 'WebAPIRateLimitedError') {
    const seconds = 'retryAfter' in error && typeof error.retryAfter === 'number' ? error.retryAfter : 60;
    return `Slack has had too many requests of this app (ratelimited). Try again in ${seconds} seconds.`;
  }
  if (error.name === 'WebAPIHTTPError') {
    const status =
      'statusCode' in error && typeof error.statusCode === 'number' ? ` (${error.statusCode})` : '';
    return `Slack answered with an error of its own${status}. Try again in a minute.`;
  }
  if (error.name === 'WebAPIRequestError') return explainConnection(error.cause);
  return 'It failed for a reason that this tool does not know.';
}

function explainRefusal(data: Readonly<Record<string, unknown>>): string {
  const code = word(data['error']);
  if (code === undefined) return 'Slack answered with something that is not understood. Look at slackApiUrl.';
  if (code === 'missing_scope') {
    const needed = word(data['needed']);
    const scope = needed === undefined ? 'a scope that it lacks' : `the scope ${needed}`;
    return `The token needs ${scope} (missing_scope): add it to the app at api.slack.com/apps, install it again, and store the new token.`;
  }
  return `${MEANINGS.get(code) ?? 'Slack refused this.'} (${code})`;
}

function explainConnection(cause: unknown): string {
  if (isTimeout(cause)) return 'Slack took too long. Try again, or ask for less.';
  // fetch() wraps what happened to the connection.
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  const code = inner instanceof Error && 'code' in inner ? word(inner.code) : undefined;
  return `Slack could not be reached${code === undefined ? '' : ` (${code})`}. Look at the network of this machine, and at slackApiUrl.`;
}

export function isTimeout(error: unknown): boolean {
  return error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError');
}

/** A code or the names of scopes: what is longer or has other characters in it is no code, and not quoted. */
function word(value: unknown): string | undefined {
  return typeof value === 'string' && /^[\w:.,-]{1,100}$/.test(value) && !value.startsWith('xox')
    ? value
    : undefined;
}

function dataOf(error: Error): Readonly<Record<string, unknown>> {
  return 'data' in error && typeof error.data === 'object' && error.data !== null ? { ...error.data } : {};
}

/** The code of a refusal by Slack; undefined for any other error. */
export function refusalOf(error: unknown): string | undefined {
  return error instanceof Error && error.name === 'WebAPIPlatformError'
    ? word(dataOf(error)['error'])
    : undefined;
}
