/**
 * What a scan costs, as JSON on stdout. A program of its own: a test runner rewrites imports, and the innermost loops
 * then take several times as long. Texts without a hit are timed on the processor, since the machine may do other things as
 * well; single scans by the clock, as whoever waits for one does.
 */
import { createEngine } from '../../../src/pii/engine.ts';
import { structured } from './development-set.ts';
import { Random } from './random.ts';
import { NAMELESS } from './sentences.ts';

const engine = createEngine();

function seconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

const CLEAN =
  'The gateway stands between clients and servers; nothing in this sentence is anybody’s, 42 times.\n'.repeat(
    20_000,
  );
engine.scan(CLEAN);
const best = Math.min(...[1, 2, 3, 4, 5].map(() => seconds(() => engine.scan(CLEAN))));

/** Texts of 8 KB with a find in each line. */
const random = new Random(5);
const lines = structured(0, 20).map(({ text }, i) => `${text} ${NAMELESS[i % NAMELESS.length] ?? ''}\n`);
const texts = Array.from({ length: 300 }, () => {
  let text = '';
  while (Buffer.byteLength(text) < 8192) text += random.pick(lines);
  return text;
});
let finds = 0;
for (const text of texts) finds += engine.scan(text).length;
// The first thousands are compiled on the way.
for (let round = 0; round < 10; round++) for (const text of texts) engine.scan(text);
const times = Array.from({ length: 10 }, () =>
  texts.map((text) => {
    const start = performance.now();
    engine.scan(text);
    return performance.now() - start;
  }),
)
  .flat()
  .toSorted((a, b) => a - b);
const rounds = Array.from({ length: 10 }, () =>
  seconds(() => {
    for (const text of texts) engine.scan(text);
  }),
);
const millisecondsAt = (share: number): number =>
  Number((times[Math.floor(share * times.length)] ?? 0).toFixed(3));

process.stdout.write(
  `${JSON.stringify({
    megabytesPerSecond: Math.round(Buffer.byteLength(CLEAN) / 1e6 / best),
    millisecondsFor8KB: (Math.min(...rounds) / texts.length) * 1000,
    byTheClock: { p50: millisecondsAt(0.5), p99: millisecondsAt(0.99) },
    findsIn8KB: Math.round(finds / texts.length),
  })}\n`,
);
