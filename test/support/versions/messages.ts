/** What the raw servers and clients of this folder share: they write each version by hand, without any SDK and without ours. */

export interface Message {
  jsonrpc?: '2.0';
  id?: string | number;
  method?: string;
  params?: Params;
  result?: Params;
  error?: { code: number; message: string };
}

// oxlint-disable-next-line typescript/no-explicit-any -- what a message holds is up to the test that reads it
export type Params = Record<string, any>;

/** The published versions, oldest first. */
export const VERSIONS = ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25', '2026-07-28'] as const;
export type Version = (typeof VERSIONS)[number];
export const MODERN: Version = '2026-07-28';

const META = 'io.modelcontextprotocol/';
export const KEYS = {
  version: `${META}protocolVersion`,
  info: `${META}clientInfo`,
  capabilities: `${META}clientCapabilities`,
  logLevel: `${META}logLevel`,
  subscription: `${META}subscriptionId`,
} as const;

/** The questions a server may have, and since when. */
export const QUESTIONS = {
  elicitation: { method: 'elicitation/create', since: '2025-06-18' },
  sampling: { method: 'sampling/createMessage', since: '2024-11-05' },
  roots: { method: 'roots/list', since: '2024-11-05' },
} as const;
export type QuestionKind = keyof typeof QUESTIONS;

/** What is asked. */
export const QUESTION_PARAMS: Readonly<Record<QuestionKind, Params>> = {
  elicitation: {
    message: 'Who are you?',
    requestedSchema: { type: 'object', properties: { name: { type: 'string' } } },
  },
  sampling: { messages: [{ role: 'user', content: { type: 'text', text: 'Capital?' } }], maxTokens: 10 },
  roots: {},
};

/** And what the clients answer. */
export const ANSWERS: Readonly<Record<QuestionKind, Params>> = {
  elicitation: { action: 'accept', content: { name: 'Ada' } },
  sampling: { role: 'assistant', content: { type: 'text', text: 'Paris' }, model: 'm' },
  roots: { roots: [{ uri: 'file:///home/ada', name: 'home' }] },
};

/** The capabilities that a client of a version declares: whatever it can be asked. */
export function abilitiesOf(version: Version): Params {
  const kinds = Object.entries(QUESTIONS).filter(([, { since }]) => version >= since);
  return Object.fromEntries(kinds.map(([kind]) => [kind, {}]));
}

/** Reads server-sent events from a growing text. @returns what is left of it, and the events */
export function takeEvents(text: string): { events: { type: string; data: string }[]; rest: string } {
  const parts = text.replaceAll('\r\n', '\n').split('\n\n');
  const rest = parts.pop() ?? '';
  const events = parts.flatMap((part) => {
    const data = [...part.matchAll(/^data: ?(.*)$/gm)].map((line) => line[1]).join('\n');
    return data === '' ? [] : [{ type: /^event: ?(.*)$/m.exec(part)?.[1] ?? 'message', data }];
  });
  return { events, rest };
}
