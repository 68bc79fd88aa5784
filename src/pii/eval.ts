import { isObject } from '../core/json.ts';
import type { Engine } from './engine.ts';
import type { Entity } from './entity.ts';

/** A text with what is in it, as somebody has found out who reads it. */
export interface Labelled {
  readonly text: string;
  readonly entities: readonly Pick<Entity, 'type' | 'start' | 'end'>[];
  /** The JSON key that the text is the value of. */
  readonly key?: string | undefined;
}

/** How well one type is found. */
export interface Score {
  readonly type: string;
  readonly found: number;
  readonly missed: number;
  readonly false: number;
  /** Of the finds, how many are right. 1 where nothing was found. */
  readonly precision: number;
  /** Of what there is, how much is found. 1 where there is nothing. */
  readonly recall: number;
}

/**
 * Precision and recall of each type.
 * @param mode `overlap`: a find is right where it shares a character with a label of its type; `exact`: where it begins
 *   and ends as the label does
 */
export function evaluate(
  engine: Engine,
  lines: Iterable<Labelled>,
  mode: 'overlap' | 'exact' = 'overlap',
): Score[] {
  const counts = new Map<string, { found: number; missed: number; false: number }>();
  const count = (type: string, what: 'found' | 'missed' | 'false'): void => {
    const entry = counts.get(type) ?? { found: 0, missed: 0, false: 0 };
    entry[what] += 1;
    counts.set(type, entry);
  };
  for (const { text, entities, key } of lines) {
    const open = [...entities];
    for (const find of engine.scan(text, key)) {
      const at = open.findIndex((label) => label.type === find.type && isSame(label, find, mode));
      if (at === -1) count(find.type, 'false');
      else {
        open.splice(at, 1);
        count(find.type, 'found');
      }
    }
    for (const { type } of open) count(type, 'missed');
  }
  return [...counts]
    .map(([type, { found, missed, false: wrong }]) => ({
      type,
      found,
      missed,
      false: wrong,
      precision: ratio(found, found + wrong),
      recall: ratio(found, found + missed),
    }))
    .toSorted((a, b) => a.type.localeCompare(b.type));
}

/** A labelled line from its JSON; undefined when it is none. */
export function labelledOf(line: unknown): Labelled | undefined {
  if (!isObject(line) || typeof line['text'] !== 'string' || !Array.isArray(line['entities']))
    return undefined;
  const { text, entities, key } = line;
  const labels: Labelled['entities'][number][] = [];
  for (const label of entities) {
    if (!isObject(label)) return undefined;
    const { type, start, end } = label;
    if (typeof type !== 'string' || typeof start !== 'number' || typeof end !== 'number') return undefined;
    labels.push({ type, start, end });
  }
  return { text, entities: labels, ...(typeof key === 'string' && { key }) };
}

type Place = Pick<Entity, 'start' | 'end'>;

function isSame(label: Place, find: Place, mode: 'overlap' | 'exact'): boolean {
  if (mode === 'exact') return label.start === find.start && label.end === find.end;
  return label.start < find.end && find.start < label.end;
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 1 : part / whole;
}
