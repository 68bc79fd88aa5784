import { createHash } from 'node:crypto';
import { canonical } from '../../core/canonical.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';

/** What of a server is pinned. */
export const KINDS = ['tools', 'prompts', 'resourceTemplates', 'instructions'] as const;
export type Kind = (typeof KINDS)[number];

/** Something that a model reads, as it was when somebody agreed to it. */
export interface Pin {
  /** SHA-256 of the canonical JSON of `text`. */
  readonly hash: string;
  /** Everything that a model or a client decides by: descriptions, schemas, annotations. */
  readonly text: JsonObject;
}

/** What changes from one answer to the next and means nothing. */
const PASSING: ReadonlySet<string> = new Set(['_meta', 'icons']);

/** The pin of an item of a list. What a model reads of it is all of it, so all of it counts. */
export function pinOf(item: JsonObject): Pin {
  const text = Object.fromEntries(Object.entries(item).filter(([key]) => !PASSING.has(key)));
  return { hash: `sha256-${createHash('sha256').update(canonical(text)).digest('base64')}`, text };
}

/** By what an item of a kind is called. */
export function nameOf(kind: Kind, item: JsonObject): string | undefined {
  const name: JsonValue | undefined = kind === 'resourceTemplates' ? item['uriTemplate'] : item['name'];
  return typeof name === 'string' ? name : undefined;
}
