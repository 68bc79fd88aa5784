import type { Entity } from './entity.ts';

/** Of finds that share characters the surest one stays, of equally sure ones the longest. In the order of the text. */
export function withoutOverlaps(entities: readonly Entity[]): Entity[] {
  const sorted = entities.toSorted((a, b) => a.start - b.start);
  const kept: Entity[] = [];
  // Most stand alone. Only those that hang together, each with one before it, have to be weighed.
  let first = 0;
  let end = sorted[0]?.end ?? 0;
  for (let next = 1; next <= sorted.length; next++) {
    const entity = sorted[next];
    if (entity && entity.start < end) {
      end = Math.max(end, entity.end);
      continue;
    }
    if (next - first > 2) for (const strong of strongest(sorted.slice(first, next))) kept.push(strong);
    else keepOne(kept, sorted[first], sorted[next - 1]);
    first = next;
    end = entity?.end ?? 0;
  }
  return kept;
}

/** The stronger one of two that overlap, or the one when there is one. */
function keepOne(kept: Entity[], one: Entity | undefined, other: Entity | undefined): void {
  const stronger = one && other && byStrength(one, other) > 0 ? other : one;
  if (stronger) kept.push(stronger);
}

/** Of several that hang together. */
function strongest(rivals: Entity[]): Entity[] {
  rivals.sort(byStrength);
  // Kept apart and in order, so the only neighbours that can overlap are the next ones on either side.
  const kept: Entity[] = [];
  for (const entity of rivals) {
    const at = insertionPoint(kept, entity.start);
    const before = kept[at - 1];
    const after = kept[at];
    if ((before && before.end > entity.start) || (after && after.start < entity.end)) continue;
    kept.splice(at, 0, entity);
  }
  return kept;
}

function insertionPoint(kept: readonly Entity[], start: number): number {
  let low = 0;
  let high = kept.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((kept[middle]?.start ?? 0) < start) low = middle + 1;
    else high = middle;
  }
  return low;
}

function byStrength(a: Entity, b: Entity): number {
  return b.score - a.score || b.end - b.start - (a.end - a.start) || a.start - b.start;
}
