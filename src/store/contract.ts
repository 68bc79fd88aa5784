import { describe, expect, it, vi } from 'vitest';
import type { Records } from './records.ts';

/** What every store has to hold to. @param open a fresh, empty one */
export function recordsContract(name: string, open: () => Records): void {
  describe(name, () => {
    it('gets what was put, and nothing else', () => {
      using records = open();
      records.put('user', 'alice', { name: 'Alice', tags: ['a', null, 1.5] });
      expect(records.get('user', 'alice')).toEqual({ name: 'Alice', tags: ['a', null, 1.5] });
      expect(records.get('user', 'bob')).toBeUndefined();
      expect(records.get('client', 'alice')).toBeUndefined();
      records.put('user', 'alice', { name: 'Alicia' });
      expect(records.get('user', 'alice')).toEqual({ name: 'Alicia' });
    });

    it('keeps keys apart that look like code, paths or prototypes', () => {
      using records = open();
      const keys = ['__proto__', 'constructor', "'; DROP TABLE records; --", '../..', '', '한글', '🙂'];
      for (const key of keys) records.put('k', key, { key });
      for (const key of keys) expect(records.get('k', key)).toEqual({ key });
      expect(records.list('k')).toHaveLength(keys.length);
      expect(records.list('__proto__')).toEqual([]);
    });

    it('gives out copies', () => {
      using records = open();
      const value = { list: [1] };
      records.put('k', 'a', value);
      value.list.push(2);
      const got = records.get('k', 'a');
      if (got) got['list'] = 'changed';
      expect(records.get('k', 'a')).toEqual({ list: [1] });
    });

    it('forgets a record when its time is over', () => {
      using records = open();
      vi.useFakeTimers({ toFake: ['Date'] });
      try {
        const end = Date.now() + 1000;
        for (const key of ['get', 'take', 'delete', 'add']) records.put('k', key, { old: true }, end);
        expect(records.add('k', 'add', { old: false })).toBe(false);
        vi.setSystemTime(end);
        expect(records.get('k', 'get')).toBeUndefined();
        expect(records.list('k')).toEqual([]);
        expect(records.take('k', 'take')).toBeUndefined();
        expect(records.delete('k', 'delete')).toBe(false);
        expect(records.add('k', 'add', { old: false })).toBe(true);
        expect(records.get('k', 'add')).toEqual({ old: false });
      } finally {
        vi.useRealTimers();
      }
    });

    it('adds only what is not there', () => {
      using records = open();
      expect(records.add('k', 'a', { n: 1 })).toBe(true);
      expect(records.add('k', 'a', { n: 2 })).toBe(false);
      expect(records.get('k', 'a')).toEqual({ n: 1 });
    });

    it('takes and deletes once', () => {
      using records = open();
      records.put('k', 'a', { n: 1 });
      expect(records.take('k', 'a')).toEqual({ n: 1 });
      expect(records.take('k', 'a')).toBeUndefined();
      records.put('k', 'a', { n: 1 });
      expect(records.delete('k', 'a')).toBe(true);
      expect(records.delete('k', 'a')).toBe(false);
    });

    it('lists a kind in the order of its keys', () => {
      using records = open();
      for (const key of ['b', 'a', '\u{1f642}', '\ufffd', 'B']) records.put('k', key, { key });
      records.put('other', 'c', {});
      expect(records.list('k').map(({ key }) => key)).toEqual(['B', 'a', 'b', '\ufffd', '\u{1f642}']);
    });

    it('does all of a transaction, or nothing', () => {
      using records = open();
      records.put('k', 'a', { n: 1 });
      expect(() =>
        records.transaction(() => {
          records.put('k', 'a', { n: 2 });
          records.transaction(() => records.put('k', 'b', {}));
          throw new Error('no');
        }),
      ).toThrow('no');
      expect(records.list('k')).toEqual([{ key: 'a', value: { n: 1 } }]);
      expect(records.transaction(() => records.take('k', 'a'))).toEqual({ n: 1 });
      expect(records.list('k')).toEqual([]);
    });

    it('counts changes, and only those', () => {
      using records = open();
      const seen = [records.version()];
      const looked = (work: () => unknown): boolean => {
        work();
        const now = records.version();
        const isGrown = now > (seen.at(-1) ?? 0);
        seen.push(now);
        return isGrown;
      };
      expect(looked(() => records.put('k', 'a', {}))).toBe(true);
      expect(looked(() => records.get('k', 'a'))).toBe(false);
      expect(looked(() => records.add('k', 'a', {}))).toBe(false);
      expect(looked(() => records.take('k', 'a'))).toBe(true);
      expect(looked(() => records.take('k', 'a'))).toBe(false);
    });
  });
}
