import { describe, expect, it } from 'vitest';
import { lineDiff } from './line-diff.ts';
import { TARGET_NAMES } from './names.ts';
import { referencesOf } from './references.ts';
import { ASKED, CONFIG } from './testing.ts';
import { TARGETS } from './targets.ts';
import { DeployError } from './target.ts';

const DIGEST = `node:24-slim@sha256:${'0123456789abcdef'.repeat(4)}`;
const target = (name: string) => TARGETS.find((each) => each.name === name)!;
const textOf = (name: string, path: string, asked = {}, config = {}): string =>
  target(name)
    .build({ ...CONFIG, ...config }, { ...ASKED, ...asked })
    .files.find((file) => file.path === path)!.text;

describe('the targets', () => {
  it('are those of the help', () => {
    expect(TARGETS.map(({ name }) => name)).toEqual(TARGET_NAMES);
  });

  it.each(TARGETS)(
    '$name: the same files for the same config, each once, ending with a line break',
    ({ build }) => {
      const { files } = build(CONFIG, ASKED);
      expect(build(CONFIG, ASKED).files).toEqual(files);
      expect(new Set(files.map(({ path }) => path)).size).toBe(files.length);
      for (const { text } of files) expect(text).toMatch(/[^\n]\n$/);
    },
  );

  it.each(TARGETS)('$name: no socket of an engine, and no image without a digest', ({ build }) => {
    for (const { text } of build(CONFIG, ASKED).files) {
      expect(text).not.toMatch(/docker\.sock|podman\.sock/);
      expect(text).not.toMatch(/sha256:[0-9a-f]{64}/);
      expect(text).not.toMatch(/^\s*(?:FROM|image:) (?:node|nginx|certbot)/m);
    }
  });
});

describe('the image', () => {
  it('is built on what it is told, by its digest', () => {
    expect(textOf('dockerfile', 'Dockerfile', { images: { ...ASKED.images, node: DIGEST } })).toContain(
      `ARG NODE_IMAGE=${DIGEST}\n`,
    );
    expect(() =>
      textOf('dockerfile', 'Dockerfile', { images: { ...ASKED.images, node: 'node:24' } }),
    ).toThrow(DeployError);
  });
});

describe('the compose target', () => {
  it('is the gateway alone where that has TLS of its own', () => {
    const tls = {
      certificates: [],
      redirect: { host: '0.0.0.0', port: 80 },
      minVersion: 'TLSv1.2',
      hsts: true,
    };
    const text = textOf('compose', 'compose.yaml', {}, { listen: { host: '0.0.0.0', port: 443, tls } });
    expect(text).not.toMatch(/nginx|certbot/);
    expect(text).toContain('- "443:443"');
    expect(text).toContain('- "80:80"');
  });
});

describe('the unit', () => {
  it('binds low ports only where it listens on one', () => {
    expect(textOf('systemd', 'sallyport.service')).toContain('CapabilityBoundingSet=\n');
    const low = textOf('systemd', 'sallyport.service', {}, { listen: { host: '0.0.0.0', port: 443 } });
    expect(low).toContain('CapabilityBoundingSet=CAP_NET_BIND_SERVICE\n');
  });

  it('hands over what the config names as a file', () => {
    const references = { variables: [], secrets: [], credentials: ['github'] };
    expect(textOf('systemd', 'sallyport.service', { references })).toContain(
      'LoadCredential=github:/etc/sallyport/credentials/github\n',
    );
  });
});

describe('the references of a config', () => {
  it('are names, each once, and what has a default is not required', () => {
    const text =
      '${env:B} ${A} ${env:B:-x} ${env:C:-y} $${env:NOT} ${secret:s} ${file:f} ${file:./g} ${userHome} ${principal.id} ${header:x}';
    expect(referencesOf(text)).toEqual({
      variables: [
        { name: 'A', required: true },
        { name: 'B', required: true },
        { name: 'C', required: false },
      ],
      secrets: ['s'],
      credentials: ['f'],
    });
  });

  it('are empty in the template', () => {
    const references = referencesOf('${env:KEY} ${env:PORT:-1}');
    expect(textOf('env', '.env.example', { references })).toMatch(/^KEY=\n[^]*^#PORT=\n/m);
  });
});

describe('a diff', () => {
  it('has the lines around a change, and no others', () => {
    const before = Array.from({ length: 20 }, (_, i) => `line ${i}\n`).join('');
    const after = before.replace('line 10\n', 'other\nmore\n');
    expect(lineDiff('f', before, after)).toBe(
      '--- f\n+++ f\n@@\n line 7\n line 8\n line 9\n-line 10\n+other\n+more\n line 11\n line 12\n line 13\n',
    );
    expect(lineDiff('f', before, before)).toBe('');
    expect(lineDiff('f', '', 'a\n')).toBe('--- f\n+++ f\n@@\n+a\n');
  });
});
