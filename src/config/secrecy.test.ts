import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigError, renderDiagnostics, type Diagnostic } from './diagnose.ts';
import { loadConfig, type Loaded } from './load.ts';
import { inheritedSecrets, Secrets } from './secrets.ts';

const folder = mkdtempSync(join(tmpdir(), 'sallyport-secrecy-'));
afterAll(() => rmSync(folder, { recursive: true }));

const CANARY = 'c4n4ry9f3e7b21';
const env = { CANARY };

async function load(text: string, file: string): Promise<Loaded | ConfigError> {
  writeFileSync(join(folder, file), text);
  try {
    return await loadConfig(join(folder, file), { env });
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}

/** Everything that could be printed after loading. */
function printed(result: Loaded | ConfigError): string {
  const isError = result instanceof ConfigError;
  const diagnostics: readonly Diagnostic[] = isError ? result.diagnostics : result.notes;
  return [
    renderDiagnostics(diagnostics, { color: false }),
    renderDiagnostics(diagnostics, { color: true }),
    JSON.stringify(diagnostics),
    isError ? `${result.message}${result.stack}` : JSON.stringify(result.shown),
  ].join('\n');
}

/** A mistake on every line, so that every line is quoted. */
const JSON_LINES = `{
  "mcpServers": {
    "a": { "comand": "npx", "env": { "A": "${CANARY}", "B": 5, "C": ["${CANARY}"] } },
    "b": { "command": ["${CANARY}"], "args": ["--api-key=${CANARY}", "--token", "${CANARY}", "-e", "X=${CANARY}"] },
    "c": { "url": "htp://user:${CANARY}@host/?key=${CANARY}", "headers": { "X Y": "Bearer ${CANARY}" } },
    "d": { "url": "https://user:${CANARY}@host/", "foo": "${CANARY}", "bar": { "baz": ["${CANARY}"] } },
    "e": { "command": "x", "auth": { "CLIENT_SECRET": "${CANARY}" }, "nope": 1 },
    "f": { "builtin": "nett", "options": { "key": "${CANARY}" } }, // ${CANARY}
    "g": { "command": "x --token ${CANARY}", "nope": 1, "env": { "P": "\${env:NOT_SET:-${CANARY}}\${env:NOT_SET}" } },
    "h": { "url": "\${env:CANARY}", "headers": { "A": "\${env:CANARY}\\n" } },
    "i": { "command": "x", "cwd": 5, "type": "\${env:CANARY}" }
  },
  "inputs": [{ "default": "${CANARY}" }],
  "log": { "level": "\${env:CANARY}" }, "unknown": "${CANARY}",
  "listen": "\${env:CANARY}", "publicUrl": "\${env:CANARY}", "limits": { "body": "\${env:CANARY}" }
}`;

describe('a secret never gets into what is printed', () => {
  it('of a file whose every line is quoted', async () => {
    const result = await load(JSON_LINES, 'lines.json');
    expect(result).toBeInstanceOf(ConfigError);
    const quoted = (result as ConfigError).diagnostics.map(({ line }) => line);
    for (const line of [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15]) expect(quoted).toContain(line);
    expect(printed(result)).not.toContain(CANARY);
  });

  it('of the same on a single line', async () => {
    const text = JSON_LINES.replaceAll(/\/\/.*/g, '').replaceAll(/\s*\n\s*/g, ' ');
    const result = await load(text, 'line.json');
    expect(result).toBeInstanceOf(ConfigError);
    expect(printed(result)).not.toContain(CANARY);
  });

  it('of a good file with literal secrets: shown as it was written, without them', async () => {
    const text = `mcpServers:
  a: {command: npx, args: [-y, x, --key, ${CANARY}], env: {KEY: ${CANARY}, REF: "\${env:CANARY}"}, timeout: 5}
  b: {url: "https://host/mcp?key=${CANARY}", headers: {Authorization: "Bearer \${env:CANARY}"}} # ${CANARY}
`;
    const result = await load(text, 'good.yaml');
    expect(result).not.toBeInstanceOf(ConfigError);
    const loaded = result as Loaded;
    expect(printed(loaded)).not.toContain(CANARY);
    expect(loaded.notes).toHaveLength(1);
    expect(loaded.shown).toEqual({
      mcpServers: {
        a: {
          command: 'npx',
          args: ['-y', 'x', '--key', '(hidden)'],
          env: { KEY: '(hidden)', REF: '${env:CANARY}' },
        },
        b: { url: '(hidden)', headers: { Authorization: 'Bearer ${env:CANARY}' } },
      },
    });
    // The gateway itself gets them, and can keep them out of what others write.
    expect(loaded.config.servers[0]).toMatchObject({ env: { KEY: CANARY, REF: CANARY } });
    expect(loaded.secrets.redact(`stderr: bad key ${CANARY}!`)).toBe('stderr: bad key [redacted]!');
  });

  it.each([
    ['yaml', `mcpServers:\n  a:\n    env:\n      KEY: ${CANARY}\n     B: ${CANARY}\n`],
    ['yaml', `mcpServers: {a: {env: {KEY: "${CANARY}}}}\n`],
    ['yaml', `mcpServers:\n  a: *${CANARY}\n`],
    ['yaml', `mcpServers:\n  a: !${CANARY} x\n`],
    ['yaml', `a: &${CANARY} [\n`],
    ['yaml', `a: "\\q${CANARY}"\n`],
    ['yaml', `a: |\n  ${CANARY}\n b: ${CANARY}\n`],
    ['yaml', `${CANARY}\n`],
    ['yaml', `- ${CANARY}\n`],
    ['yaml', `a: @${CANARY}\n`],
    ['yaml', `a: it's ${CANARY}: x\n  b: c`],
    ['json', `{"mcpServers": {"a": {"env": {"KEY": "${CANARY}" "B": "${CANARY}"}}}}`],
    ['json', `{"mcpServers": {"a": {"env": {"KEY": "${CANARY}}}}}`],
    ['json', `{"mcpServers": {"a": {"env": {"KEY": ${CANARY}}}}}`],
    ['json', `{"mcpServers": {"a": {"env": {"KEY": '${CANARY}'}}}}`],
    ['json', `{"mcpServers": {"a": {"env": {"KEY": "${CANARY}\\q"}}}}`],
    ['json', `{"mcpServers": {"a": {"env": {"KEY": "${CANARY}"}}}} // ${CANARY} }`],
    ['json', `{"a": "Bearer: ${CANARY}", "b": ["x: ${CANARY}"`],
    ['json', `"${CANARY}"`],
  ])('of %s with broken syntax: %j', async (extension, text) => {
    expect(printed(await load(text, `broken.${extension}`))).not.toContain(CANARY);
  });

  it('wherever somebody breaks the file', async () => {
    const good = `{"mcpServers": {"a": {"command": "npx", "args": ["--key", "${CANARY}"], "env": {"K": "${CANARY}"}},
      "b": {"url": "https://u:${CANARY}@h", "headers": {"A": "Bearer ${CANARY}"}}}, "x": "${CANARY}"}`;
    const breaks = fc.record({
      at: fc.nat(good.length),
      remove: fc.nat(3),
      insert: fc.constantFrom('', '"', '{', '}', ',', ':', '\n', '#', "'", '//', '\\'),
      yaml: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(breaks, async ({ at, remove, insert, yaml }) => {
        const text = good.slice(0, at) + insert + good.slice(at + remove);
        expect(printed(await load(text, yaml ? 'fuzz.yaml' : 'fuzz.json'))).not.toContain(CANARY);
      }),
      { numRuns: 150 },
    );
  }, 30_000);
});

describe('a secret in the arguments of a server', () => {
  it('is noted at its place, since every user can read a command line', async () => {
    writeFileSync(join(folder, 'key'), CANARY, { mode: 0o600 });
    const result = await load(
      `mcpServers:
  a: {command: x, args: [--level, "\${env:HOME:-x}", "--key=\${file:key}"], env: {KEY: "\${file:key}"}}
  b: {container: {image: x, args: ["\${file:key}"]}}
`,
      'arguments.yaml',
    );
    expect(result).not.toBeInstanceOf(ConfigError);
    const { notes } = result as Loaded;
    expect(notes.map(({ line, column, message }) => ({ line, column, message }))).toEqual([
      { line: 2, column: 53, message: expect.stringContaining('Every user of this machine') },
      { line: 3, column: 36, message: expect.stringContaining('Every user of this machine') },
    ]);
    expect(printed(result)).not.toContain(CANARY);
  });
});

describe('Secrets', () => {
  const LINES = [
    '-----BEGIN PRIVATE KEY-----',
    'MIIEvQIBADANBgkq',
    'hkiG9w0BAQEFAASC',
    'Ab3dEf',
    '-----END PRIVATE KEY-----',
  ];

  it.each([
    ['line by line', '\n'],
    ['with the line ends of Windows', '\r\n'],
    ['with line ends that were escaped', String.raw`\n`],
  ])('takes out a key of several lines that is printed %s', (_how, end) => {
    const secrets = new Secrets();
    secrets.add(LINES.join(end));
    const shown = [...LINES.map((line) => `> ${line} <`), LINES.join(String.raw`\n`)].map((line) =>
      secrets.redact(line),
    );
    for (const line of LINES.slice(1, -1)) expect(shown.join('\n')).not.toContain(line);
    expect(secrets.redact('-----BEGIN PRIVATE KEY-----')).toBe('-----BEGIN PRIVATE KEY-----');
  });

  it('knows what is added after it was asked', () => {
    const secrets = new Secrets();
    expect(secrets.redact('canary')).toBe('canary');
    secrets.add('canary');
    expect(secrets.redact('canary')).toBe('[redacted]');
  });

  it('knows the password of a proxy that servers inherit', () => {
    const surroundings = {
      HTTPS_PROXY: 'http://me:c4n%40ry!@proxy:3128',
      https_proxy: 'http://proxy:3128',
      OTHER: 'x',
    };
    const secrets = new Secrets();
    for (const value of inheritedSecrets(surroundings)) secrets.add(value);
    const basic = Buffer.from('me:c4n@ry!').toString('base64');
    for (const text of [surroundings.HTTPS_PROXY, 'c4n%40ry!', 'c4n@ry!', `Basic ${basic}`])
      expect(secrets.redact(text)).toMatch(/^(?:Basic )?\[redacted\]$/);
    expect(secrets.redact('http://proxy:3128')).toBe('http://proxy:3128');
  });

  it('takes out the longest first, and leaves short words alone', () => {
    const secrets = new Secrets();
    for (const value of ['', '1234', 'secret', 'secret-and-more']) secrets.add(value);
    expect([...secrets.values]).toEqual(['1234', 'secret', 'secret-and-more']);
    expect(secrets.redact('1234 secret-and-more secret')).toBe('1234 [redacted] [redacted]');
  });
});
