import { lookup } from 'node:dns/promises';
import { parseAddress, specialBlockOf } from '../../egress/address.ts';
import { fail, ok, type OutsideCheck, skip, warn } from '../check.ts';
import { placeOf } from '../dial.ts';

export const dns: OutsideCheck = {
  name: 'dns',
  side: 'outside',
  looksAt: 'where the name leads (A and AAAA)',
  symptoms: [
    {
      sees: 'the name cannot be resolved, or only some networks reach it',
      cause: 'There is no A or AAAA record, or it names an old or a private address.',
      remedy:
        'dig +short A HOST; dig +short AAAA HOST   and set both records to the addresses of the machine',
    },
  ],
  async look({ endpoint, dial }) {
    const place = placeOf(endpoint);
    const told = dial(place);
    if (told) return skip(`--connect-to leads to ${told.host}:${told.port}`);
    const found = await lookup(place.host, { all: true }).catch(() => []);
    if (found.length === 0)
      return fail(`${place.host} leads nowhere`, `add an A record (and AAAA) for ${place.host}`);
    const details = found.map(({ address, family }) => `${family === 4 ? 'A' : 'AAAA'} ${address}`);
    const special = found.flatMap(({ address }) => {
      const parsed = parseAddress(address);
      const block = parsed && specialBlockOf(parsed);
      return block ? [`${address} (${block.what})`] : [];
    });
    if (special.length > 0)
      return warn(
        `${place.host} leads to ${special.join(', ')}, which the internet does not reach`,
        `set the A and AAAA records of ${place.host} to the public address; /etc/hosts may say otherwise here`,
        { details },
      );
    return ok(details.join(', '));
  },
};
