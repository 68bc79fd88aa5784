/** A page of a list of Slack. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Undefined or empty for the last one. */
  readonly next: string | undefined;
}

/** "200 or under is recommended" by Slack for one page. */
const LARGEST_PAGE = 200;
/** Ends what would go on for ever: pages that are empty and have another one behind them. */
const MOST_PAGES = 25;

/**
 * Collects up to `limit` of the items that are wanted. No page is larger than what is still missing, so the cursor that
 * remains leads exactly to what comes next.
 */
export async function collect<T>(
  read: (cursor: string | undefined, size: number) => Promise<Page<T>>,
  wanted: (item: T) => boolean,
  limit: number,
  start?: string,
): Promise<{ items: T[]; next: string | null }> {
  const items: T[] = [];
  let cursor = start;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const page = await read(cursor, Math.min(LARGEST_PAGE, limit - items.length));
    items.push(...page.items.filter(wanted));
    cursor = page.next === '' ? undefined : page.next;
    if (cursor === undefined || items.length >= limit) break;
  }
  return { items, next: cursor ?? null };
}
