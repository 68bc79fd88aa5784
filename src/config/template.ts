/**
 * References to what only a call knows: `${principal.id}`, `${principal.email}`, `${principal.user}` and
 * `${header:NAME}`. When the configuration is read they cannot be resolved, so they stay in the text until a server is
 * started for somebody, between two characters that no text has: Unicode keeps these code points free for such uses
 * within a program (noncharacters, Unicode 16.0, section 23.7). What comes from outside must not have them.
 */
const OPEN = '\ufdd0';
const CLOSE = '\ufdd1';
const REFERENCE = /\ufdd0([^\ufdd1]*)\ufdd1/g;

/** `principal.email`, or `header:` and a name in lower case. */
export type ReferenceName = string;

/** What `${…}` stands between, if it is a reference of this kind. */
export function callReference(text: string): ReferenceName | undefined {
  if (/^principal\.(?:id|email|user)$/.test(text)) return text;
  const [, header] = /^header:([\w!#$%&'*+.^`|~-]+)$/.exec(text) ?? [];
  return header === undefined ? undefined : `header:${header.toLowerCase()}`;
}

/** The reference as it stands in a text until it is filled in. */
export function pending(name: ReferenceName): string {
  return `${OPEN}${name}${CLOSE}`;
}

/** Could this text be mistaken for one with a reference? */
export function hasMarks(text: string): boolean {
  return text.includes(OPEN) || text.includes(CLOSE);
}

/** The references in all texts of a value, each once, in a stable order. */
export function referencesIn(value: unknown): readonly ReferenceName[] {
  const found = new Set<string>();
  eachText(value, (text) => {
    for (const [, name = ''] of text.matchAll(REFERENCE)) found.add(name);
    return text;
  });
  return [...found].toSorted();
}

/** The same value with its references filled in. One without a value is left empty: the caller has seen to that. */
export function filled<T>(value: T, values: ReadonlyMap<ReferenceName, string>): T {
  const fill = (text: string): string =>
    text.replaceAll(REFERENCE, (_whole, name: string) => values.get(name) ?? '');
  // The shape stays: only texts become other texts.
  return eachText(value, fill) as T;
}

/** A text without its references, as far as it must be checked when the configuration is read. */
export function withoutReferences(text: string): string {
  return text.replaceAll(REFERENCE, '');
}

function eachText(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => eachText(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, eachText(item, change)]));
}
