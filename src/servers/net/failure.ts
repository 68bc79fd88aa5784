import { EgressError } from '../../egress/error.ts';

/** A tool cannot do what it was asked. The message says what happened and what to do. */
export class ToolFailure extends Error {
  override readonly name = 'ToolFailure';
}

const NOT_TRUSTED = 'The certificate of the server is not to be trusted';
const NO_WAY = 'There is no way to this host from here. Check the address, and the network of this machine.';

/** What the error codes of sockets, TLS, zlib and undici mean to somebody who called a tool. */
const MEANINGS: ReadonlyMap<string, string> = new Map([
  [
    'ECONNREFUSED',
    'Nothing listens at this port (connection refused). check_common_ports tells which are open.',
  ],
  ['ECONNRESET', 'The server hung up. Check the port, and whether it speaks http or https.'],
  ['EPIPE', 'The server hung up. Check the port, and whether it speaks http or https.'],
  ['UND_ERR_SOCKET', 'The server hung up. Check the port, and whether it speaks http or https.'],
  ['EHOSTUNREACH', NO_WAY],
  ['ENETUNREACH', NO_WAY],
  ['EADDRNOTAVAIL', NO_WAY],
  ['EACCES', 'This machine may not connect there (a firewall, or no permission).'],
  ['EPERM', 'This machine may not connect there (a firewall, or no permission).'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', `${NOT_TRUSTED}: it is for another name.`],
  ['CERT_HAS_EXPIRED', `${NOT_TRUSTED}: it has expired.`],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', `${NOT_TRUSTED}: it is signed by itself.`],
  ['SELF_SIGNED_CERT_IN_CHAIN', `${NOT_TRUSTED}: it leads to a self-signed one.`],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', `${NOT_TRUSTED}: its issuer is not known.`],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', `${NOT_TRUSTED}: its issuer is not known.`],
  ['EPROTO', 'The server does not speak TLS at this port. Try the scheme "http".'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'The server does not speak TLS at this port. Try the scheme "http".'],
  ['ERR_SSL_PACKET_LENGTH_TOO_LONG', 'The server does not speak TLS at this port. Try the scheme "http".'],
  ['UND_ERR_HEADERS_TIMEOUT', 'The server took too long to answer.'],
  ['UND_ERR_BODY_TIMEOUT', 'The server stopped in the middle of the page.'],
  ['UND_ERR_HEADERS_OVERFLOW', 'The server sent more headers than are read here.'],
  ['UND_ERR_RES_EXCEEDED_MAX_SIZE', 'The server sent far more than it says when unpacked.'],
  ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'The server sent a page of another length than it announced.'],
  ['Z_DATA_ERROR', 'The page is not packed in the way its Content-Encoding says.'],
  ['Z_BUF_ERROR', 'The packed page ends too early.'],
]);

/** What an error means to whoever called the tool, and what to do. Errors nobody expected are not quoted. */
export function explain(error: unknown): string {
  if (error instanceof ToolFailure || error instanceof EgressError) return error.message;
  if (error instanceof Error && error.name === 'TimeoutError')
    return 'It took too long. Try again, or ask for less.';
  const code =
    error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  // undici leaves some of its parser's errors without a code.
  const isParser = error instanceof Error && error.name === 'HTTPParserError';
  if (isParser) return 'What answers there does not speak HTTP. Check the port and the scheme.';
  if (code === undefined) return 'It failed for a reason that this tool does not know.';
  if (code.startsWith('ERR__ERROR_')) return MEANINGS.get('Z_DATA_ERROR') ?? code;
  return `${MEANINGS.get(code) ?? 'It failed.'} (${code})`;
}
