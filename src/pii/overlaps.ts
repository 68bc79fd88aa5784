import type { Entity } from './entity.ts';

/** Of finds that share characters the surest one stays, of equally sure ones the longest. In the order of the text. */
export function withoutOverlaps(entities: readonly Entity[]): Entity[] {
  if (entities.length < 2) return [...entities];
  const ranked = entities.toSorted(
    (a, b) => b.score - a.score || b.end - b.start - (a.end - a.start) || a.start - b.start,
  );
  // Kept apart and in order, so the only neighbours that can overlap are the next ones on either side.
  const kept: Entity[] = [];
  for (const entity of ranked) {
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
