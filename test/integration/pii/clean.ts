import { readFileSync } from 'node:fs';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from './random.ts';

const HEX = '0123456789abcdef';
const root = join(import.meta.dirname, '../../..');

/** Lines without personal data that are full of numbers. */
export const CLEAN: ReadonlyMap<string, (random: Random) => string> = new Map<
  string,
  (random: Random) => string
>([
  ['SHA-1', (r) => `commit ${r.text(40, HEX)}`],
  ['SHA-256', (r) => `sha256:${r.text(64, HEX)}  dist/app-${r.text(8, HEX)}.js`],
  ['integrity', (r) => `"integrity": "sha512-${Buffer.from(r.text(64, HEX)).toString('base64')}",`],
  ['UUID', (r) => `id=${[8, 4, 4, 4, 12].map((n) => r.text(n, HEX)).join('-')}`],
  ['epoch ms', (r) => `{"ts":${r.int(1_500_000_000, 1_790_000_000)}${r.digits(3)},"ok":true}`],
  ['epoch s', (r) => `at ${r.int(1_500_000_000, 1_790_000_000)} ${r.int(1_500_000_000, 1_790_000_000)}`],
  ['EAN-13', (r) => `barcode ${ean(r)}`],
  ['bare EAN-13', ean],
  [
    'log',
    (r) =>
      `2026-${String(r.int(1, 12)).padStart(2, '0')}-${String(r.int(1, 28)).padStart(2, '0')}T${String(r.int(0, 23)).padStart(2, '0')}:${String(r.int(0, 59)).padStart(2, '0')}:${String(r.int(0, 59)).padStart(2, '0')}.${r.digits(3)}Z INFO [worker-${r.int(1, 64)}] request ${r.text(16, HEX)} took ${r.int(1, 9999)}.${r.digits(3)} ms, ${r.int(1, 999_999_999)} bytes`,
  ],
  [
    'access',
    (r) =>
      `"GET /api/v${r.int(1, 3)}/items/${r.int(1, 99_999_999)}?page=${r.int(1, 99)} HTTP/1.1" 200 ${r.int(100, 999_999)} "-" "Mozilla/5.0 AppleWebKit/537.36 Chrome/${r.int(90, 140)}.0.${r.int(1000, 9999)}.${r.int(10, 200)}"`,
  ],
  [
    'version',
    (r) =>
      `lodash@${r.int(0, 20)}.${r.int(0, 40)}.${r.int(0, 99)} -> ${r.int(0, 20)}.${r.int(0, 40)}.${r.int(0, 99)}-beta.${r.int(0, 9)}`,
  ],
  [
    'amounts',
    (r) =>
      `합계 ${r.int(1, 999)},${r.digits(3)},${r.digits(3)}원 (VAT ${r.int(1, 99)},${r.digits(3)}원 포함), 수량 ${r.int(1, 9999)}개`,
  ],
  ['hex dump', (r) => `${r.text(8, HEX)}: ${Array.from({ length: 8 }, () => r.text(4, HEX)).join(' ')}`],
  ['coordinates', (r) => `${r.int(33, 38)}.${r.digits(6)}, ${r.int(125, 131)}.${r.digits(6)}`],
  ['order', (r) => `order #${r.int(2020, 2026)}${r.digits(10)} shipped`],
]);

function ean(random: Random): string {
  const body = `880${random.digits(9)}`;
  const sum = Array.from(body).reduce((total, char, i) => total + Number(char) * (i % 2 === 0 ? 1 : 3), 0);
  return body + String((10 - (sum % 10)) % 10);
}

/** The lines of this project's own source, which is code, and of two libraries. */
export function codeLines(): string[] {
  const files = [
    ...globSync('src/{config,core,wire,inbound,upstream,listener,router}/**/*.ts', { cwd: root }),
    ...globSync('node_modules/{zod,commander,undici}/lib/**/*.js', { cwd: root }),
  ];
  return files
    .filter((file) => !file.includes('.test.'))
    .flatMap((file) => readFileSync(join(root, file), 'utf8').split('\n'));
}
