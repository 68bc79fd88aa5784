import { fail, type InsideCheck, ok, skip } from '../check.ts';

export const store: InsideCheck = {
  name: 'store',
  side: 'inside',
  looksAt: 'the store of tokens and grants',
  needs: ['modes'],
  symptoms: [
    {
      sees: 'every token of `sallyport token create`, or every login, is refused after a crash or a restore',
      cause: 'store.db is damaged, or belongs to somebody else.',
      remedy: 'sallyport restore BACKUP, or move store.db away and have clients log in anew',
    },
  ],
  async look({ home, records }) {
    try {
      const found = await records();
      if (!found) return skip('there is none yet');
      // Reads through the same statements as the gateway does.
      found.get('doctor', 'nothing');
      return ok(`version ${found.version()}`);
    } catch (error) {
      return fail(
        error instanceof Error ? error.message : 'it cannot be opened',
        `mv '${home}/store.db' '${home}/store.db.broken'   or restore a backup; clients then log in anew`,
      );
    }
  },
};
