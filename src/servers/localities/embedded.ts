import { search } from './query.ts';
import type { Source } from './source.ts';
import { territory } from './territory.ts';

/** The data that comes with Sallyport. */
export const embedded: Source = {
  isRemote: false,
  async search(query) {
    const france = await territory();
    return { value: search(france, query), origin: france.origin };
  },
  async get(code) {
    const { byCode, byFormerCode, origin } = await territory();
    return { value: byCode.get(code) ?? byFormerCode.get(code), origin };
  },
};
