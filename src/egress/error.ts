/**
 * Why an outgoing connection was not made.
 * - `invalid_host`: the text is no host name and no IP address
 * - `invalid_allow`: an entry of `allow` is no CIDR, IP address or host name
 * - `forbidden_address`: the host leads somewhere that is not the public Internet, and `allow` does not open it
 * - `lookup_failed`: the name has no address, or DNS did not answer in time
 * - `connect_timeout`: nobody answered in time
 * - `wrong_peer`: the connection arrived at another address than the one that was checked
 */
export type EgressCode =
  | 'invalid_host'
  | 'invalid_allow'
  | 'forbidden_address'
  | 'lookup_failed'
  | 'connect_timeout'
  | 'wrong_peer';

/** A refusal or failure of the egress guard. The message is for people and says what to do. */
export class EgressError extends Error {
  override readonly name = 'EgressError';
  readonly code: EgressCode;

  constructor(code: EgressCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Text from outside as it may stand in a message or a log: quoted, without control characters, not long. */
export function quoted(text: string): string {
  const shown = text.length > 80 ? `${text.slice(0, 77)}...` : text;
  return JSON.stringify(shown).replace(
    /[^\x20-\x7E]/gu,
    (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`,
  );
}
