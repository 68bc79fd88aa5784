import type { JsonValue } from '../../core/json.ts';
import { failure, type Failure } from '../../core/reply.ts';
import { type Message, readMessage } from '../../wire/jsonrpc.ts';

/** The one version with batches: the one before had none yet, the one after none any more. */
const VERSION = '2025-03-26';
/** Messages in one batch. */
const MOST = 100;

/** The messages of a batch, or why it is not taken. */
export function readBatch(values: readonly JsonValue[], version: string): readonly Message[] | Failure {
  if (version !== VERSION)
    return failure('invalid_request', `Batches belong to ${VERSION}, and this session speaks ${version}.`);
  if (values.length === 0) return failure('invalid_request', 'The batch is empty.');
  if (values.length > MOST) return failure('invalid_request', `A batch has at most ${MOST} messages.`);
  const messages: Message[] = [];
  for (const value of values) {
    const message = readMessage(value);
    if (!message) return failure('invalid_request', `Number ${messages.length + 1} of the batch is none.`);
    // > The initialize request MUST NOT be part of a JSON-RPC batch  (basic/lifecycle, 2025-03-26)
    if (message.kind === 'request' && message.method === 'initialize')
      return failure('invalid_request', 'initialize comes alone.');
    messages.push(message);
  }
  return messages;
}
