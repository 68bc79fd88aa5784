const REASONS: ReadonlyMap<string, string> = new Map([
  ['EADDRINUSE', 'another program listens there already'],
  ['EACCES', 'ports below 1024 need more rights'],
  ['EADDRNOTAVAIL', 'this machine has no such address'],
]);

/** The address could not be had. */
export class ListenError extends Error {
  override name = 'ListenError';
  readonly code: string;

  constructor(code: string, host: string, port: number, advice = 'Choose another with --listen HOST:PORT.') {
    super(`Cannot listen on ${host}:${port}: ${REASONS.get(code) ?? code}. ${advice}`);
    this.code = code;
  }
}
