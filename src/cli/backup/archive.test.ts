import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { Header } from 'tar';
import { afterAll, describe, expect, it } from 'vitest';
import { pack, unpack, writeInto } from './archive.ts';
import { seal, unseal } from './envelope.ts';

const folder = mkdtempSync(join(tmpdir(), 'sallyport-archive-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Type = 'File' | 'Directory' | 'SymbolicLink' | 'Link' | 'FIFO' | 'CharacterDevice';

/** An archive as a stranger would write it. */
async function* tar(...entries: { path: string; type?: Type; text?: string; linkpath?: string }[]) {
  for (const { path, type = 'File', text = '', linkpath } of entries) {
    const size = type === 'File' ? Buffer.byteLength(text) : 0;
    const header = new Header({
      path,
      type,
      size,
      mode: 0o4777,
      mtime: new Date(0),
      ...(linkpath && { linkpath }),
    });
    const block = Buffer.alloc(512);
    header.encode(block);
    yield block;
    if (size > 0) yield Buffer.concat([Buffer.from(text), Buffer.alloc(512 - (size % 512))]);
  }
  yield Buffer.alloc(1024);
}

describe('an archive', () => {
  it('is read file by file, and written for the owner only', async () => {
    const target = mkdtempSync(join(folder, 'good-'));
    const archive = tar(
      { path: 'home/', type: 'Directory' },
      { path: 'home/token', text: 'sp_token' },
      { path: 'home/audit/..keys', text: 'x'.repeat(300) },
      { path: 'config/a b.yaml', text: '' },
    );
    const entries = await unpack(archive, (path, bytes) => writeInto(target, path, bytes));
    expect(entries).toEqual([
      { path: 'home/token', bytes: 8 },
      { path: 'home/audit/..keys', bytes: 300 },
      { path: 'config/a b.yaml', bytes: 0 },
    ]);
    expect(readFileSync(join(target, 'home/token'), 'utf8')).toBe('sp_token');
    expect(statSync(join(target, 'home/token')).mode & 0o7777).toBe(0o600);
    expect(statSync(join(target, 'home/audit')).mode & 0o7777).toBe(0o700);
  });

  it.each<[string, Parameters<typeof tar>[0]]>([
    ['a link', { path: 'home/a', type: 'SymbolicLink', linkpath: '/etc' }],
    ['a hard link', { path: 'home/a', type: 'Link', linkpath: '/etc/passwd' }],
    ['a pipe', { path: 'home/a', type: 'FIFO' }],
    ['a device', { path: 'home/a', type: 'CharacterDevice' }],
    ['a way up', { path: 'home/../../etc/cron.d/x', text: 'x' }],
    ['a way up at the end', { path: 'home/..', type: 'Directory' }],
    ['a place of its own', { path: '/etc/passwd', text: 'x' }],
    ['another folder', { path: 'elsewhere/x', text: 'x' }],
    ['a backslash', { path: String.raw`home/..\..\x`, text: 'x' }],
    ['a drive', { path: 'C:/x', text: 'x' }],
    ['an empty name', { path: 'home//x', text: 'x' }],
    ['the folder itself as a file', { path: '.', text: 'x' }],
  ])('with %s is refused as a whole', async (_what, entry) => {
    const target = mkdtempSync(join(folder, 'bad-'));
    const take = (path: string, bytes: AsyncIterable<Buffer>): Promise<void> =>
      writeInto(target, path, bytes);
    await expect(unpack(tar({ path: 'home/ok', text: 'x' }, entry), take)).rejects.toThrow(
      /backup|no archive/,
    );
  });

  it('gives back what was packed, large files and many', async () => {
    const from = mkdtempSync(join(folder, 'from-'));
    mkdirSync(join(from, 'home/audit'), { recursive: true });
    const large = randomBytes(5 * 1024 * 1024 + 7);
    writeFileSync(join(from, 'home/audit/audit.jsonl'), large);
    const name = `${'long-name-'.repeat(20)}ü.json`;
    writeFileSync(join(from, 'home', name), 'x');
    for (let i = 0; i < 300; i += 1) writeFileSync(join(from, `home/file-${i}`), `${i}`.repeat(i));
    const target = mkdtempSync(join(folder, 'to-'));
    const sealed = seal(pack(from, ['home']), 'correct horse');
    const entries = await unpack(unseal(sealed, 'correct horse'), (path, bytes) =>
      writeInto(target, path, bytes),
    );
    expect(entries).toHaveLength(302);
    expect(readFileSync(join(target, 'home/audit/audit.jsonl')).equals(large)).toBe(true);
    expect(readFileSync(join(target, 'home', name), 'utf8')).toBe('x');
    expect(readFileSync(join(target, 'home/file-299'), 'utf8')).toBe('299'.repeat(299));
    expect(await unpack(unseal(seal(pack(from, ['home']), 'correct horse'), 'correct horse'))).toEqual(
      entries,
    );
  });

  it('does not write over a file of its own', async () => {
    const target = mkdtempSync(join(folder, 'twice-'));
    const twice = tar({ path: 'home/a', text: '1' }, { path: 'home/a', text: '2' });
    await expect(unpack(twice, (path, bytes) => writeInto(target, path, bytes))).rejects.toThrow('EEXIST');
  });

  it('that ends too early, or is none, is refused', async () => {
    const whole = await buffer(tar({ path: 'home/a', text: 'x'.repeat(2000) }));
    for (const bytes of [whole.subarray(0, 1024), Buffer.alloc(2048, 'x')])
      await expect(
        unpack(
          (async function* () {
            yield bytes;
          })(),
        ),
      ).rejects.toThrow();
  });
});
