import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { recordingTerminal } from '../../../test/support/terminal.ts';
import { main } from '../main.ts';

const folder = mkdtempSync(join(tmpdir(), 'sallyport-pii-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function pii(words: readonly string[], stdin = '') {
  const terminal = { ...recordingTerminal({ stdin }), cwd: folder };
  const code = await main(['pii', ...words], terminal);
  return { code, out: terminal.out(), err: terminal.err() };
}

const LINE = '홍길동님 kim@example.com 010-1234-5678';

describe('sallyport pii scan', () => {
  it('takes JSON lines, and gives JSON lines', async () => {
    const input = [
      JSON.stringify({ id: 'a', text: LINE }),
      JSON.stringify({ text: '없음' }),
      '{"id": 7, "text": "９００１０１-1234567"}',
    ].join('\n');
    const { code, out } = await pii(['scan'], input);
    expect(code).toBe(0);
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    expect(lines).toEqual([
      {
        id: 'a',
        entities: [
          { type: 'PERSON', start: 0, end: 3, score: expect.any(Number) },
          { type: 'EMAIL_ADDRESS', start: 5, end: 20, score: expect.any(Number) },
          { type: 'PHONE_NUMBER', start: 21, end: 34, score: expect.any(Number) },
        ],
      },
      { id: 2, entities: [] },
      { id: 7, entities: [{ type: 'KR_RRN', start: 0, end: 14, score: expect.any(Number) }] },
    ]);
  });

  it('takes plain text from a file, and shows places, never values', async () => {
    writeFileSync(join(folder, 'a.txt'), `nothing\n${LINE}\n`);
    const { out } = await pii(['scan', 'a.txt', '--types', 'email_address']);
    expect(out).toMatch(/^2:6-20 {2}EMAIL_ADDRESS {2}0\.\d\d\n$/);
    const json = await pii(['scan', 'a.txt', '--json']);
    expect(json.out.split('\n')[0]).toBe('{"id":1,"entities":[]}');
    expect(json.out).not.toContain('kim');
  });

  it('takes patterns of one’s own, and shows where one is wrong', async () => {
    writeFileSync(join(folder, 'p.json'), '{"BADGE": "B-\\\\d{4}"}');
    expect((await pii(['scan', '--patterns', 'p.json'], 'B-1234')).out).toContain('1:1-6  BADGE');
    writeFileSync(join(folder, 'bad.json'), '{\n  "BADGE": "("\n}');
    const bad = await pii(['scan', '--patterns', 'bad.json'], 'x');
    expect(bad.code).toBe(1);
    expect(bad.err).toContain('bad.json:2:12');
  });

  it.each([
    [['scan', '--threshold', '2'], 2],
    [['scan', '--types', 'NOTHING'], 2],
    [['scan', 'no-such-file'], 1],
    [['eval'], 2],
  ])('%j is refused with %i', async (words, code) => {
    expect((await pii(words, 'x')).code).toBe(code);
  });
});

describe('sallyport pii mask', () => {
  it('hides what it finds, in text and in JSON', async () => {
    expect((await pii(['mask', '--keep', '2'], `${LINE}\nplain`)).out).toBe(
      '*길동님 ***@*******.*om ***-****-**78\nplain\n',
    );
    const json = await pii(
      ['mask', '--redact'],
      '{"주민번호": "9001011234567", "n": [1, "kim@example.com"]}',
    );
    expect(json.out).toBe('{"주민번호":"[KR_RRN]","n":[1,"[EMAIL_ADDRESS]"]}\n');
  });
});

describe('sallyport pii encrypt, decrypt and rewrap', () => {
  it('bring everything back, also with a new key', async () => {
    const first = await pii(['encrypt'], LINE);
    expect(first.out).toMatch(/^⟦PERSON:v2\.[^⟧]+⟧님 ⟦EMAIL_ADDRESS:v2\.[^⟧]+⟧ ⟦PHONE_NUMBER:v2\.[^⟧]+⟧\n$/);
    expect((await pii(['decrypt'], first.out)).out).toBe(`${LINE}\n`);

    const rotated = await pii(['rewrap', '--rotate', '-'], first.out);
    const id = /key ([0-9a-f]{8})/.exec(rotated.err)?.[1] ?? '';
    expect(rotated.out.match(/v2\.[0-9a-f]{8}/g)).toEqual([`v2.${id}`, `v2.${id}`, `v2.${id}`]);
    expect((await pii(['decrypt'], rotated.out)).out).toBe(`${LINE}\n`);
    expect((await pii(['decrypt'], first.out)).out).toBe(`${LINE}\n`);
  });

  it('do not open for another tenant, or another policy', async () => {
    const { out } = await pii(['encrypt', '--tenant', 'alice'], LINE);
    for (const flags of [[], ['--tenant', 'bob'], ['--tenant', 'alice', '--policy', 'x']]) {
      const closed = await pii(['decrypt', ...flags], out);
      expect(closed.code).toBe(1);
      expect(closed.out).toBe(out);
      expect(closed.err).toContain('3 of the envelopes did not open');
    }
    expect((await pii(['decrypt', '--tenant', 'alice'], out)).code).toBe(0);
  });

  it('refuse a key file that others may read', async () => {
    await pii(['encrypt', '--keys', 'open.json'], LINE);
    chmodSync(join(folder, 'open.json'), 0o644);
    const { code, err } = await pii(['decrypt', '--keys', 'open.json'], LINE);
    expect(code).toBe(1);
    expect(err).toContain('chmod 0600');
    expect(err).not.toContain(readFileSync(join(folder, 'open.json'), 'utf8').slice(40, 60));
  });

  it('write and read Fernet, and take it in', async () => {
    writeFileSync(join(folder, 'fernet.txt'), 'cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=\n');
    const fernet = ['--fernet-key', 'fernet.txt'];
    const { out } = await pii(['encrypt', ...fernet], 'to kim@example.com!');
    expect(out).toMatch(/^to gAAAAA[\w-]+=*!\n$/);
    expect((await pii(['decrypt', ...fernet], out)).out).toBe('to kim@example.com!\n');
    const taken = await pii(['rewrap', ...fernet, '--entity', 'EMAIL_ADDRESS'], out);
    expect(taken.out).toMatch(/^to ⟦EMAIL_ADDRESS:v2\./);
    expect((await pii(['decrypt'], taken.out)).out).toBe('to kim@example.com!\n');
  });
});

describe('sallyport pii eval', () => {
  it('tells precision and recall of each type', async () => {
    const lines = [
      {
        text: LINE,
        entities: [
          { type: 'PERSON', start: 0, end: 3 },
          { type: 'EMAIL_ADDRESS', start: 5, end: 20 },
        ],
      },
      { text: 'me AT example.com', entities: [{ type: 'EMAIL_ADDRESS', start: 0, end: 17 }] },
    ];
    writeFileSync(join(folder, 'set.jsonl'), lines.map((line) => JSON.stringify(line)).join('\n'));
    const { code, out } = await pii(['eval', 'set.jsonl', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({
      lines: 2,
      scores: [
        { type: 'EMAIL_ADDRESS', precision: 1, recall: 0.5, found: 1, missed: 1, false: 0 },
        { type: 'PERSON', precision: 1, recall: 1, found: 1, missed: 0, false: 0 },
        { type: 'PHONE_NUMBER', precision: 0, recall: 1, found: 0, missed: 0, false: 1 },
      ],
    });
    expect((await pii(['eval', 'set.jsonl'])).out).toContain('EMAIL_ADDRESS      1.000   0.500');
  });

  it('says which line is not labelled', async () => {
    writeFileSync(join(folder, 'wrong.jsonl'), '{"text": "x", "entities": []}\nplain\n');
    const { code, err } = await pii(['eval', 'wrong.jsonl']);
    expect(code).toBe(1);
    expect(err).toContain('line 2');
  });
});
