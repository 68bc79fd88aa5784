import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MemoryRecords } from '../../store/memory.ts';
import { publicKeys, signingKeys } from './keys.ts';

const HOUR = 3_600_000;
const TIMES = { rotateMs: 14 * 24 * HOUR, keepMs: HOUR };
const START = Date.UTC(2026, 0, 1);

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: START }));
afterEach(() => void vi.useRealTimers());

/** The ids of the keys so long after the beginning; the one that signs comes first. */
async function at(ms: number, records: MemoryRecords): Promise<string[]> {
  vi.setSystemTime(START + ms);
  const { keys } = await signingKeys(records, 'ES256', TIMES);
  return keys.map(({ kid }) => kid);
}

describe('the keys that sign', () => {
  it('change when it is time, published before and kept behind', async () => {
    const records = new MemoryRecords();
    const [first = ''] = await at(0, records);
    expect(await at(TIMES.rotateMs - HOUR, records)).toEqual([first]);
    const due = await at(TIMES.rotateMs + 1000, records);
    const second = due.find((kid) => kid !== first) ?? '';
    expect(due, 'the next one is seen, and does not sign yet').toEqual([first, second]);
    expect(
      await at(TIMES.rotateMs + HOUR + 2000, records),
      'it signs, the old one is still checked with',
    ).toEqual([second, first]);
    expect(await at(TIMES.rotateMs + 2 * HOUR + 2000, records), 'nothing valid is signed with it').toEqual([
      second,
    ]);
  });

  it('are the same for every process on a store', async () => {
    const records = new MemoryRecords();
    const both = await Promise.all([at(0, records), at(0, records)]);
    expect(new Set(both.flat()).size).toBe(1);
    expect(await at(HOUR, records)).toEqual(both[0]);
  });

  it('are of the algorithm that is asked for; those of the other are checked with', async () => {
    const records = new MemoryRecords();
    const [elliptic = ''] = await at(0, records);
    const { keys } = await signingKeys(records, 'RS256', TIMES);
    expect(keys.map(({ alg }) => alg)).toEqual(['RS256', 'ES256']);
    expect(keys[1]?.kid).toBe(elliptic);
    for (const key of publicKeys(keys).keys)
      for (const part of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) expect(key).not.toHaveProperty(part);
  });
});
