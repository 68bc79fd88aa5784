/**
 * Every error the gateway itself answers with. `docs/errors.md` explains each, and a test holds the two against
 * each other. A server's own errors are passed on and are not in here.
 *
 * `rpc` is the JSON-RPC code; our own failures use -32603, since -32000 to -32099 is reserved by the protocol.
 * `http` is the status where the error is the whole answer; an error inside an answered exchange is sent with 200.
 */
interface Entry {
  readonly rpc: number;
  readonly http: number;
  readonly message: string;
}

export const ERRORS = {
  // The request never became a message.
  parse_error: { rpc: -32700, http: 400, message: 'The body is not valid JSON.' },
  invalid_request: {
    rpc: -32600,
    http: 400,
    message: 'The body is not a JSON-RPC message this endpoint takes.',
  },
  body_too_large: { rpc: -32600, http: 413, message: 'The body is larger than this gateway takes.' },
  wrong_content_type: { rpc: -32600, http: 415, message: 'Send Content-Type: application/json.' },
  not_acceptable: {
    rpc: -32600,
    http: 406,
    message: 'Send Accept: application/json, text/event-stream (text/event-stream for GET).',
  },
  bad_framing: {
    rpc: -32600,
    http: 400,
    message: 'Two readers could find the end of this request at two places.',
  },
  duplicate_header: { rpc: -32600, http: 400, message: 'A header that may stand once stands twice.' },
  method_not_allowed: { rpc: -32600, http: 405, message: 'This endpoint does not take this HTTP method.' },
  no_such_path: { rpc: -32600, http: 404, message: 'There is nothing at this path.' },
  // The door.
  host_not_allowed: {
    rpc: -32600,
    http: 403,
    message: 'This Host is not allowed here: add it to allowedHosts, or set publicUrl.',
  },
  origin_not_allowed: {
    rpc: -32600,
    http: 403,
    message: 'This Origin is not allowed here: add it to allowedOrigins.',
  },
  unauthorized: {
    rpc: -32600,
    http: 401,
    message: 'Send Authorization: Bearer with a token of this gateway.',
  },
  address_not_allowed: { rpc: -32600, http: 403, message: 'Requests from this address are not let in.' },
  insufficient_scope: {
    rpc: -32600,
    http: 403,
    message: 'The token is not for this: get one with the scopes that the challenge names.',
  },
  forbidden: { rpc: -32600, http: 403, message: 'The rules of this gateway do not allow this to you.' },
  rate_limited: { rpc: -32603, http: 429, message: 'Too many requests: try again in a moment.' },
  // The protocol.
  header_mismatch: { rpc: -32020, http: 400, message: 'A header and the body do not say the same.' },
  unsupported_version: { rpc: -32022, http: 400, message: 'This protocol version is not spoken here.' },
  method_not_found: { rpc: -32601, http: 404, message: 'There is no such method.' },
  invalid_params: { rpc: -32602, http: 200, message: 'The parameters are not right.' },
  invalid_meta: { rpc: -32602, http: 400, message: 'The request lacks what _meta must say.' },
  unknown_tool: { rpc: -32602, http: 200, message: 'There is no such tool.' },
  unknown_prompt: { rpc: -32602, http: 200, message: 'There is no such prompt.' },
  unknown_resource: { rpc: -32602, http: 200, message: 'There is no such resource.' },
  session_required: { rpc: -32600, http: 400, message: 'Open a session with initialize first.' },
  session_not_found: {
    rpc: -32001,
    http: 404,
    message: 'This session is gone: open a new one with initialize.',
  },
  session_limit: {
    rpc: -32603,
    http: 503,
    message: 'Too many sessions are open: close one, or try again later.',
  },
  subscription_limit: {
    rpc: -32603,
    http: 200,
    message: 'Too many subscriptions are open: close one first.',
  },
  // The servers.
  no_such_server: { rpc: -32602, http: 404, message: 'No server of this name is configured.' },
  server_start_failed: { rpc: -32603, http: 200, message: 'The server could not be started.' },
  server_exited: { rpc: -32603, http: 200, message: 'The server ended before it answered.' },
  server_unavailable: { rpc: -32603, http: 200, message: 'The remote server is not available.' },
  server_refused: { rpc: -32603, http: 200, message: 'The remote server refused the request.' },
  server_login_required: {
    rpc: -32603,
    http: 200,
    message: 'The remote server wants a login, or no longer takes the one it was given.',
  },
  server_session_lost: {
    rpc: -32603,
    http: 200,
    message: 'The remote server no longer knows the session.',
  },
  at_capacity: {
    rpc: -32603,
    http: 503,
    message: 'No process can be started for this call now: try again in a moment.',
  },
  caller_lacks: {
    rpc: -32603,
    http: 200,
    message: 'The server needs something of its caller that this one did not bring.',
  },
  server_busy: { rpc: -32603, http: 200, message: 'The server does not take in what is sent to it.' },
  server_reply_too_large: {
    rpc: -32603,
    http: 200,
    message: 'The reply of the server is larger than allowed.',
  },
  server_reply_invalid: {
    rpc: -32603,
    http: 200,
    message: 'The server answered with something that is not the protocol.',
  },
  call_timeout: { rpc: -32603, http: 200, message: 'The server did not answer in time.' },
  cancelled: { rpc: -32603, http: 200, message: 'The call was cancelled.' },
  input_expired: {
    rpc: -32602,
    http: 200,
    message: 'The question that this answers is no longer open: make the call again.',
  },
  invalid_request_state: {
    rpc: -32602,
    http: 200,
    message: 'This requestState is not one that was given to this caller for this call.',
  },
  unknown_task: { rpc: -32602, http: 200, message: 'This caller has no task of this id.' },
  too_many_rounds: { rpc: -32603, http: 200, message: 'The server kept on asking, and was stopped.' },
  missing_capability: {
    rpc: -32021,
    http: 400,
    message: 'The server needs something from the client that the client did not declare.',
  },
  input_unsupported: {
    rpc: -32603,
    http: 200,
    message: 'The server asks the user something, and this connection cannot carry the question.',
  },
  pii_rejected: { rpc: -32602, http: 200, message: 'This holds personal data that may not pass here.' },
  pinned: {
    rpc: -32603,
    http: 403,
    message: 'Nobody has agreed to this yet: it is new, or not what it was. See sallyport pins diff.',
  },
  audit_unavailable: {
    rpc: -32603,
    http: 503,
    message: 'This call cannot be recorded, and calls that are not recorded are not made here.',
  },
  guard_failed: {
    rpc: -32603,
    http: 200,
    message: 'This could not be searched for personal data, so it does not pass.',
  },
  shutting_down: { rpc: -32603, http: 503, message: 'The gateway is stopping: try again in a moment.' },
  gateway_unavailable: {
    rpc: -32603,
    http: 503,
    message: 'The proxy in front reaches no gateway: try again in a moment.',
  },
  internal_error: {
    rpc: -32603,
    http: 500,
    message: 'Something went wrong inside the gateway; its log says what.',
  },
} as const satisfies Record<string, Entry>;

export type ErrorName = keyof typeof ERRORS;
