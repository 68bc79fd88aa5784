import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Draft, draftFor, draftWithin, entriesOf, takePlace } from './place.ts';

let folder: string;
let home: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-place-'));
  home = join(folder, 'home');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** What was restored, with a file of this name in it. */
function freshIn({ folder: draft }: Draft, name: string): string {
  const fresh = join(draft, 'home');
  mkdirSync(fresh);
  writeFileSync(join(fresh, name), 'fresh');
  return fresh;
}

function oldHome(): void {
  mkdirSync(home);
  writeFileSync(join(home, 'token'), 'old');
  mkdirSync(join(home, 'lost+found'));
}

describe('the place of a home', () => {
  it('is taken where nobody is', async () => {
    for (const isThere of [false, true]) {
      if (isThere) mkdirSync(home);
      const draft = await draftFor(home);
      expect(draft.isVolume).toBe(false);
      expect(await takePlace(freshIn(draft, 'token'), home, draft)).toBeUndefined();
      expect(readdirSync(home)).toEqual(['token']);
      rmSync(home, { recursive: true });
    }
  });

  it('is taken from a home that is kept beside it', async () => {
    oldHome();
    const draft = await draftFor(home);
    const old = (await takePlace(freshIn(draft, 'token'), home, draft)) ?? '';
    expect(old.startsWith(`${home}.before-`)).toBe(true);
    expect(readFileSync(join(old, 'token'), 'utf8')).toBe('old');
    expect(readFileSync(join(home, 'token'), 'utf8')).toBe('fresh');
  });

  it('is exchanged where it is a volume, again and again', async () => {
    oldHome();
    for (const before of ['old', 'fresh']) {
      const draft = await draftWithin(home);
      const old = (await takePlace(freshIn(draft, 'token'), home, draft)) ?? '';
      rmSync(draft.folder, { recursive: true });
      expect(readFileSync(join(old, 'token'), 'utf8')).toBe(before);
      expect(readFileSync(join(home, 'token'), 'utf8')).toBe('fresh');
      expect(await entriesOf(home)).toEqual(['token']);
      // Names are by the millisecond.
      await new Promise((resolve) => {
        setTimeout(resolve, 2);
      });
    }
    expect(readdirSync(home)).toContain('lost+found');
  });

  it('that cannot be had is told in words', async () => {
    writeFileSync(join(folder, 'file'), '');
    await expect(draftFor(join(folder, 'file', 'home'))).rejects.toThrow(/cannot be put in its place \(E/);
  });
});
