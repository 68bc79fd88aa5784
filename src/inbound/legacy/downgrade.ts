import { Body } from '../../core/body.ts';
import { isObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import { CACHEABLE } from '../../core/protocol.ts';
import { failure, type Failure, type Reply } from '../../core/reply.ts';
import { isObjectSchema, wrapSchema } from './output-schema.ts';

/** The content blocks that came with a version: older clients would refuse a whole result for one of them. */
const BLOCKS: ReadonlyMap<JsonValue | undefined, { since: string; inWords(block: JsonObject): string }> =
  new Map([
    ['audio', { since: '2025-03-26', inWords: audioInWords }],
    ['resource_link', { since: '2025-06-18', inWords: linkInWords }],
  ]);

/** Error codes of the modern era: what they ask for, a legacy client cannot do. */
const MODERN_CODES: ReadonlySet<number> = new Set([-32020, -32021, -32022]);

/** `structuredContent` that is no object, or of which the bytes looked at do not show what it is. */
const NOT_AN_OBJECT = /"structuredContent"\s*:\s*(?:[^{\s]|$)/;

/** What a client of this version can really be asked, of what it declared. */
export function capabilitiesOf(version: string, declared: JsonObject): JsonObject {
  const { elicitation, ...others } = declared;
  if (elicitation === undefined || version < '2025-06-18') return others;
  // That version knows forms only, and had no word for it yet.
  return { ...others, elicitation: version < '2025-11-25' ? {} : elicitation };
}

/** A reply in the words of a legacy version. What a version does not know but can pass over stays as it is. */
export function downgrade(
  reply: Reply,
  method: string,
  version: string,
): Exclude<Reply, { kind: 'input_required' }> {
  if (reply.kind === 'input_required') return failure('input_unsupported');
  if (reply.kind === 'failure') return MODERN_CODES.has(reply.error.code) ? legacyError(reply) : reply;
  if (reply.resultType !== undefined && reply.resultType !== 'complete')
    return failure('server_reply_invalid', 'It is a kind of result that this client does not know.');
  const body = downgradeBody(reply, method, version);
  return body === reply.body ? reply : { kind: 'result', body };
}

type Result = Extract<Reply, { kind: 'result' }>;

/** @throws {SyntaxError} when the body has to be looked into and is no JSON object */
function downgradeBody({ body, legacy }: Result, method: string, version: string): Body {
  const old = CACHEABLE.has(method) ? body.without('ttlMs', 'cacheScope') : body;
  switch (method) {
    case 'tools/call': {
      const readable = hasUnknownBlocks(old, version) ? changed(old, 'content', version) : old;
      // Legacy servers know objects only; and to look through a large result for what cannot be in it takes its time.
      return legacy ? readable : structured(readable);
    }
    case 'prompts/get':
      return hasUnknownBlocks(old, version) ? changed(old, 'messages', version) : old;
    case 'tools/list':
      return old.mentions('"outputSchema"') ? withObjectSchemas(old) : old;
    default:
      return old;
  }
}

/** Messages of prompts and of sampling, with blocks that this version knows. */
export function knownMessages(messages: JsonValue[], version: string): JsonValue[] {
  return messages.map((message) => {
    if (!isObject(message)) return message;
    const { content } = message;
    if (Array.isArray(content)) return { ...message, content: content.map((block) => known(block, version)) };
    return { ...message, content: known(content ?? null, version) };
  });
}

function legacyError({ error }: Failure): Failure {
  return { kind: 'failure', error: { ...error, code: -32603 } };
}

function hasUnknownBlocks(body: Body, version: string): boolean {
  for (const [type, { since }] of BLOCKS)
    if (version < since && body.mentions(JSON.stringify(type))) return true;
  return false;
}

function changed(body: Body, key: 'content' | 'messages', version: string): Body {
  const value = body.parse();
  const list = value[key];
  if (!Array.isArray(list)) return body;
  const old = key === 'messages' ? knownMessages(list, version) : list.map((block) => known(block, version));
  return Body.value({ ...value, [key]: old });
}

/** A block that this version does not know becomes text that says what it was. */
function known(block: JsonValue, version: string): JsonValue {
  const newer = isObject(block) ? BLOCKS.get(block['type']) : undefined;
  if (!isObject(block) || !newer || version >= newer.since) return block;
  const { annotations, _meta: meta } = block;
  return {
    type: 'text',
    text: newer.inWords(block),
    ...(annotations !== undefined && { annotations }),
    ...(meta !== undefined && { _meta: meta }),
  };
}

function audioInWords({ mimeType, data }: JsonObject): string {
  const bytes = typeof data === 'string' ? Buffer.byteLength(data, 'base64') : 0;
  return `[${bytes} bytes of audio (${asText(mimeType)}) that this client cannot take]`;
}

function linkInWords({ uri, name, title, description }: JsonObject): string {
  const about = [asText(title ?? name), asText(description)].filter((each) => each !== '').join(': ');
  return about === '' ? asText(uri) : `${about} <${asText(uri)}>`;
}

function asText(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

/**
 * Before 2026-07-28 structured content is an object. Anything else is put into one, and a text says the same where the
 * result has none.
 */
function structured(body: Body): Body {
  if (!body.mentions('"structuredContent"', NOT_AN_OBJECT)) return body;
  const value = body.parse();
  const { structuredContent, content } = value;
  if (structuredContent === undefined || isObject(structuredContent)) return body;
  const blocks = Array.isArray(content) ? content : [];
  const hasText = blocks.some((block) => isObject(block) && block['type'] === 'text');
  const inWords = { type: 'text', text: JSON.stringify(structuredContent) };
  return Body.value({
    ...value,
    content: hasText ? blocks : [...blocks, inWords],
    structuredContent: { result: structuredContent },
  });
}

/** A client of old refuses the whole list for one `outputSchema` that is not of an object. */
function withObjectSchemas(body: Body): Body {
  const value = body.parse();
  const { tools } = value;
  if (!Array.isArray(tools)) return body;
  let changes = false;
  const old = tools.map((tool) => {
    const schema = isObject(tool) ? tool['outputSchema'] : undefined;
    if (!isObject(tool) || !isObject(schema) || isObjectSchema(schema)) return tool;
    changes = true;
    return { ...tool, outputSchema: wrapSchema(schema) };
  });
  return changes ? Body.value({ ...value, tools: old }) : body;
}
