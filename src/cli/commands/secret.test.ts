import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recordingTerminal, type RecordingTerminal } from '../../../test/support/terminal.ts';
import { main } from '../main.ts';
import { secretStore } from '../secrets.ts';

const CANARY = 'c4n4ry-cmd';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-secret-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function secret(
  words: readonly string[],
  stdin = '',
): Promise<{ code: number; terminal: RecordingTerminal }> {
  const terminal = recordingTerminal({ env: { SALLYPORT_HOME: join(folder, 'home') }, stdin });
  return { code: await main(['secret', ...words], terminal), terminal };
}

describe('sallyport secret', () => {
  it('keeps what stdin says, without one line break at its end, and never shows it', async () => {
    const set = await secret(['set', 'github'], `${CANARY}\n\n`);
    expect(set.code).toBe(0);
    expect(set.terminal.err()).toBe('Kept. A config names it ${secret:github}.\n');
    expect(await secretStore(join(folder, 'home')).read('github')).toBe(`${CANARY}\n`);

    const list = await secret(['list']);
    expect(list.terminal.out()).toMatch(/^github {2}\d{4}-\d\d-\d\d \d\d:\d\d UTC\n$/);
    const json = await secret(['list', '--json']);
    expect(JSON.parse(json.terminal.out())).toEqual({
      secrets: [{ name: 'github', created: expect.any(String), changed: expect.any(String) }],
    });
    for (const { terminal } of [set, list, json])
      expect(terminal.out() + terminal.err()).not.toContain(CANARY);

    expect((await secret(['set', 'github'], 'x')).terminal.err()).toContain('Changed.');
    expect((await secret(['rm', 'github'])).code).toBe(0);
    expect((await secret(['list'])).terminal.err()).toContain('No secret is kept here');
  });

  it('takes no value in the command line', async () => {
    expect((await secret(['set', 'github', CANARY])).code).toBe(2);
    const wrongPlace = await secret(['set', `${CANARY}=x`], 'x');
    expect(wrongPlace.code).toBe(2);
    expect(wrongPlace.terminal.err()).not.toContain(CANARY);
  });

  it.each([
    ['nothing', '', 'there is no value'],
    ['a line break', '\n', 'there is no value'],
    ['too much', 'x'.repeat(65_537), 'larger than 64 KiB'],
    ['NUL', 'a\0b', 'it is not text'],
  ])('refuses %s', async (_what, stdin, message) => {
    const { code, terminal } = await secret(['set', 'a'], stdin);
    expect(code).toBe(2);
    expect(terminal.err()).toContain(message);
  });

  it('says which secret may have been meant', async () => {
    await secret(['set', 'github'], 'x');
    const { code, terminal } = await secret(['rm', 'gihtub']);
    expect(code).toBe(1);
    expect(terminal.err()).toContain('did you mean github?');
  });

  it('tells of a store that cannot be used in words, not as a mistake of its own', async () => {
    await secret(['set', 'a'], 'x');
    const { file } = secretStore(join(folder, 'home'));
    rmSync(file);
    symlinkSync('/dev/null', file);
    const { code, terminal } = await secret(['list']);
    expect(code).toBe(1);
    expect(terminal.err()).toBe(`error: ${file} is a symbolic link. Remove it.\n`);
  });
});
