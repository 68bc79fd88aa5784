import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { afterAll, describe, expect, it } from 'vitest';
import { Findings } from './findings.ts';
import { readJson } from './jsonc.ts';
import { valueOf } from './node.ts';
import { Secrets } from './secrets.ts';
import { resolveVariables } from './variables.ts';

const folder = mkdtempSync(join(tmpdir(), 'sallyport-variables-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The kept secrets. */
const secretSource = {
  file: '/home/secrets.sealed',
  read: async (name: string): Promise<string | undefined> => {
    if (name === 'broken') throw new Error('it was changed');
    return name === 'github' ? 'canary-secret' : undefined;
  },
};
// What is written here is a secret.
process.umask(0o077);

const env = { TOKEN: 'canary-token', EMPTY: '', NESTED: '${env:TOKEN}', lower_case1: 'x' };

/** What a value becomes, with the problems on the way. */
async function resolve(value: unknown): Promise<{
  value: unknown;
  problems: string[];
  hints: (string | undefined)[];
  secrets: string[];
  sources: string[];
}> {
  const findings = new Findings();
  const node = readJson(JSON.stringify(value), findings);
  if (!node) throw new Error('not JSON');
  const secrets = new Secrets();
  const sources = new Set<string>();
  const resolved = await resolveVariables(node, { env, folder, findings, secrets, sources, secretSource });
  return {
    value: valueOf(resolved),
    problems: findings.all.map(({ message }) => message),
    hints: findings.all.map(({ hint }) => hint),
    secrets: [...secrets.values],
    sources: [...sources],
  };
}

describe('resolveVariables', () => {
  it.each([
    ['${env:TOKEN}', 'canary-token'],
    ['Bearer ${env:TOKEN}!', 'Bearer canary-token!'],
    ['${env:TOKEN}${TOKEN}', 'canary-tokencanary-token'],
    ['${TOKEN}', 'canary-token'],
    ['${env:lower_case1}', 'x'],
    ['a${env:EMPTY}b', 'ab'],
    ['${env:EMPTY:-default}', 'default'],
    ['${env:NOT_SET:-default}', 'default'],
    ['${NOT_SET:-a:-b c}', 'a:-b c'],
    ['${NOT_SET:-}', ''],
    ['${env:TOKEN:-default}', 'canary-token'],
    ['${userHome}/x', `${homedir()}/x`],
    ['${workspaceFolder}', folder],
    ['${workspaceFolderBasename}', basename(folder)],
    ['${/}${pathSeparator}', '//'],
    ['$${env:TOKEN}', '${env:TOKEN}'],
    ['$$${env:TOKEN}', '$${env:TOKEN}'],
    ['$TOKEN $ {TOKEN} $(x) 5$', '$TOKEN $ {TOKEN} $(x) 5$'],
  ])('%s → %s', async (text, expected) => {
    expect(await resolve(text)).toMatchObject({ value: expected, problems: [] });
  });

  it('does not look through what a reference stands for', async () => {
    expect(await resolve('${env:NESTED}')).toMatchObject({ value: '${env:TOKEN}', problems: [] });
  });

  it('goes into lists and maps, but not into keys', async () => {
    const { value } = await resolve({ a: ['${TOKEN}', 1, null], '${TOKEN}': { b: '${TOKEN}' } });
    expect(value).toEqual({ a: ['canary-token', 1, null], '${TOKEN}': { b: 'canary-token' } });
  });

  it.each([
    ['${env:NOT_SET}', 'The environment variable NOT_SET is not set.'],
    ['${NOT_SET}', 'The environment variable NOT_SET is not set.'],
    ['${env:toString}', 'The environment variable toString is not set.'],
    ['${env:__proto__}', 'The environment variable __proto__ is not set.'],
    ['${env:}', 'There is no variable "${env:}".'],
    ['${}', 'There is no variable "${}".'],
    ['${env:A-B}', 'There is no variable "${env:A-B}".'],
    ['${nonsense:x}', 'There is no variable "${nonsense:x}".'],
    ['${workspaceFolder:other}', 'There is no variable "${workspaceFolder:other}".'],
    ['${command:pick}', 'There is no variable "${command:pick}".'],
    ['${input:my-key}', 'Only VS Code asks for "${input:my-key}"; a gateway has nobody to ask.'],
    ['a ${env:TOKEN', 'This ${ is never closed.'],
    ['${file:}', 'The path of the file is missing.'],
    ['${file:nowhere}', '"nowhere": There is no such file.'],
    ['${file:.}', '".": This is not a regular file.'],
  ])('%s is a mistake', async (text, problem) => {
    const { value, problems } = await resolve([text, '${env:TOKEN}']);
    expect(problems).toEqual([problem]);
    // The rest is resolved all the same, so that every mistake comes to light.
    expect(value).toEqual([text, 'canary-token']);
  });

  it('remembers what came from outside, and nothing else', async () => {
    const { secrets } = await resolve([
      '${env:TOKEN}',
      '${NOT_SET:-default}',
      '${env:EMPTY}',
      '${userHome}',
      'text',
    ]);
    expect(secrets).toEqual(['canary-token']);
  });
});

describe('${secret:…}', () => {
  it('is what was kept, a secret, and a reason to read the configuration again', async () => {
    expect(await resolve('Bearer ${secret:github}')).toMatchObject({
      value: 'Bearer canary-secret',
      problems: [],
      secrets: ['canary-secret'],
      sources: [secretSource.file],
    });
  });

  it.each([
    ['${secret:gitlab}', 'There is no secret "gitlab".', 'Run: sallyport secret set gitlab'],
    ['${secret:}', '"" is not a name of a secret.', 'It has 1 to 64 letters, digits, _, - and . in it.'],
    [
      '${secret:a b}',
      '"a b" is not a name of a secret.',
      'It has 1 to 64 letters, digits, _, - and . in it.',
    ],
    ['${secret:broken}', 'The kept secrets cannot be read: it was changed', undefined],
  ])('%s is a mistake', async (text, problem, hint) => {
    expect(await resolve(text)).toMatchObject({ problems: [problem], hints: [hint] });
  });
});

describe('${file:…}', () => {
  it('leaves out one line break at the end, no more', async () => {
    writeFileSync(join(folder, 'lf'), 'canary\n');
    writeFileSync(join(folder, 'crlf'), 'canary\r\n');
    writeFileSync(join(folder, 'two'), 'a\nb\n\n');
    writeFileSync(join(folder, 'bom'), '\uFEFFcanary');
    const { value, problems } = await resolve(['${file:lf}', '${file:crlf}', '${file:two}', '${file:bom}']);
    expect({ value, problems }).toEqual({ value: ['canary', 'canary', 'a\nb\n', 'canary'], problems: [] });
  });

  it('is relative to the configuration, or absolute, or behind a link', async () => {
    mkdirSync(join(folder, 'sub'));
    writeFileSync(join(folder, 'sub', 'secret'), 'canary');
    symlinkSync(join('sub', 'secret'), join(folder, 'link'));
    const { value, sources } = await resolve([
      '${file:sub/secret}',
      `\${file:${folder}/sub/secret}`,
      '${file:link}',
    ]);
    expect(value).toEqual(['canary', 'canary', 'canary']);
    expect(sources).toEqual([join(folder, 'sub', 'secret'), join(folder, 'link')]);
  });

  it('refuses what is not a text file, with the path and without the content', async () => {
    writeFileSync(join(folder, 'binary'), Buffer.from([0xff, 0xfe, 0x00]));
    writeFileSync(join(folder, 'nul'), 'canary\0');
    writeFileSync(join(folder, 'big'), 'canary'.repeat(200_000));
    symlinkSync('loop', join(folder, 'loop'));
    const names = ['binary', 'nul', 'big', 'loop'];
    const { problems } = await resolve(names.map((name) => `\${file:${name}}`));
    expect(problems).toEqual([
      '"binary": This file is not UTF-8 text.',
      '"nul": This file contains NUL characters: it is not text.',
      '"big": This file is larger than 1 MiB.',
      '"loop": This is a symbolic link that leads nowhere.',
    ]);
  });

  it('does not wait for a pipe that nobody writes into', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    expect((await resolve('${file:pipe}')).problems).toEqual(['"pipe": This is not a regular file.']);
  });
});
