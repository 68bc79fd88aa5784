import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseServerUrl } from '../../config/web-names.ts';
import { RemoteTransport } from './remote.ts';

const events = { message: () => {}, overflow: () => {}, junk: () => {}, closed: () => {} };

function open(url: string, allowPrivate: boolean): RemoteTransport {
  const server = { url, headers: {}, allowPrivate, transport: undefined };
  return new RemoteTransport({ server, messageLimit: 1000, stopMs: 100 }, events);
}

describe('RemoteTransport', () => {
  it('can be made for every URL that a configuration may have', async () => {
    const host = fc.oneof(
      fc.domain(),
      fc.ipV4(),
      fc.ipV6().map((address) => `[${address}]`),
      fc.string({ unit: fc.constantFrom(...Array.from('abZ09-_.!*~ü%[]:@/')), maxLength: 70 }),
    );
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(host, fc.boolean(), async (text, allowPrivate) => {
        const reading = parseServerUrl(`https://${text}/mcp`);
        if (!('value' in reading)) return;
        taken += 1;
        await open(reading.value, allowPrivate).close();
      }),
      { numRuns: 300 },
    );
    expect(taken).toBeGreaterThan(100);
  });
});
