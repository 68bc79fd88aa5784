/** A line of an access log, Sallyport's own or nginx's with the same fields. */
export interface AccessLine {
  /** Milliseconds since 1970, when the answer was over. */
  readonly at: number;
  readonly address: string | undefined;
  readonly user: string | undefined;
  readonly client: string | undefined;
  readonly agent: string | undefined;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly seconds: number;
  readonly bytes: number;
}

/** What lines can be put together by, in the words of the command line. */
export const FIELDS = ['user', 'client', 'path', 'address', 'status', 'method', 'agent'] as const;
export type Field = (typeof FIELDS)[number];

/** The value of a field, as it is counted and shown. */
export function valueOf(line: AccessLine, field: Field): string {
  return String(line[field] ?? 'unknown');
}

/** Reads a line; undefined for what is none. nginx writes its numbers as text, and `-` or nothing for what is not known. */
export function readLine(text: string): AccessLine | undefined {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof given !== 'object' || given === null) return undefined;
  const members = new Map<string, unknown>(Object.entries(given));
  const at = Date.parse(word(members.get('time')) ?? '');
  const status = Number(members.get('status'));
  if (Number.isNaN(at) || !Number.isInteger(status)) return undefined;
  return {
    at,
    address: word(members.get('client_ip')),
    // A proxy knows a user by the address that the gateway told it, if at all.
    user: word(members.get('user_id')) ?? word(members.get('user_email')),
    client: word(members.get('client_id')),
    agent: word(members.get('user_agent')),
    method: word(members.get('method')) ?? '?',
    // nginx's may have the query behind it, and there may be anything in that.
    path: (word(members.get('uri')) ?? '?').split('?', 1)[0] ?? '?',
    status,
    seconds: amount(members.get('request_time')),
    bytes: amount(members.get('bytes')),
  };
}

function word(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value !== '-' ? value : undefined;
}

function amount(value: unknown): number {
  const number = Number(value);
  return Number.isFinite(number) && number > 0 ? number : 0;
}

/** Is its time how long somebody listened, and not how long anything took? */
export function isStream({ method, path, status }: AccessLine): boolean {
  return method === 'GET' && status === 200 && /\/(?:mcp|sse)\/?$/.test(path);
}
