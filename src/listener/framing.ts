import type { IncomingMessage } from 'node:http';
import { type Failure, failure } from '../core/reply.ts';
import { duplicateOf } from '../wire/headers.ts';

/**
 * What somebody in front of us may have read in another way: where a request ends, which is where the next one begins,
 * perhaps that of another user of the same proxy; or a header that stands twice. Node refuses most of it by itself (a
 * length and chunks, two lengths, a bare line feed, a space before a colon); this is what it takes. Such a request is
 * refused, and nothing that comes after it on the connection is read.
 */
export function framingFault({ rawHeaders, headers, httpVersion }: IncomingMessage): Failure | undefined {
  const twice = duplicateOf(rawHeaders);
  if (twice !== undefined) return failure('duplicate_header', `It is ${twice}.`);
  const coding = headers['transfer-encoding'];
  if (httpVersion !== '1.1' && httpVersion !== '1.0')
    return failure('bad_framing', 'It is neither in HTTP/1.1 nor in HTTP/1.0.');
  if (coding === undefined) return undefined;
  // > A server […] that receives an HTTP/1.0 message containing a Transfer-Encoding header field MUST treat the message as
  // > if the framing is faulty (RFC 9112, section 6.1)
  if (httpVersion === '1.0') return failure('bad_framing', 'HTTP/1.0 has no Transfer-Encoding.');
  // > A server that receives a request message with a transfer coding it does not understand SHOULD respond with 501
  // > (RFC 9112, section 6.1). It is refused as a fault: who does understand it has found another end.
  if (coding.toLowerCase() !== 'chunked')
    return failure('bad_framing', 'The only Transfer-Encoding that is understood is chunked.');
  return undefined;
}
