/**
 * `npm run soak`, ten minutes, or `node test/soak/run.ts --seconds 60`: many clients at once, most of which behave badly,
 * and servers that do as well. When they are gone, nothing of them may be left: no process, no session, no call, and no
 * memory to speak of. Needs the built package. Ends with 0 when that holds.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { child } from '../support/gateway.ts';
import { isAlive, temporaryFolder } from '../support/processes.ts';
import { DOINGS, type Random, type Seen, type Soaked } from './clients.ts';
import type { Held } from './gateway.ts';

const CLIENTS = 12;
/** How much more memory there may be at the end than after the warm-up: of objects, and of the process. */
const GROWTH = 1.2;
/**
 * So often a process that has grown may go on, to show that it comes to rest. It keeps the pages of its bursts, and meets no
 * larger ones only after some thousand doings: 105 MiB after 400, 153 after 3,000, 154 after 12,000. What leaks grows on.
 */
const MORE_WARM_UPS = 2;
/** Until everything must be gone when the clients are: times of the config below, on a busy machine. */
const SETTLE_MS = 60_000;

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '600' }, seed: { type: 'string', default: '1' } },
});
const seconds = Number(values.seconds);
if (!(seconds >= 10)) throw new Error('--seconds is a number from 10 on');

/** Everything that has a time has a short one, so that it can be waited for. */
const CONFIG = {
  listen: '127.0.0.1:0',
  mcpServers: {
    each: { ...child('--name', 'each'), idle: '2s', maxLifetime: '20s' },
    session: { ...child('--name', 'session', '--stubborn'), isolation: 'session', idle: '2s' },
    shared: { ...child('--name', 'shared', '--era', 'modern'), isolation: 'shared', idle: '2s', warm: 1 },
    refuses: { ...child('--refuse', 'no key'), idle: '2s' },
    mute: { ...child('--mute'), idle: '2s', startTimeout: '500ms' },
  },
  limits: { processes: 24, startQueue: 16, sessions: 200, sessionsPerUser: 200 },
  timeouts: { session: '4s', call: '3s', input: '5s', start: '10s', stop: '500ms', startQueue: '2s' },
};

using folder = temporaryFolder();
const token = 'soak'.padEnd(43, 'x');
const configFile = join(folder.path, 'sallyport.json');
writeFileSync(configFile, JSON.stringify(CONFIG));
const runner = fork(join(import.meta.dirname, 'gateway.ts'), [configFile, token], {
  // A young generation that may grow keeps its pages for ever once there was a burst, in a bare node:http server too (100 MB
  // of them). What is measured here is what stays, so it stays small.
  execArgv: ['--expose-gc', '--max-semi-space-size=1'],
  env: { PATH: process.env['PATH'], HOME: folder.path },
});
const ended = once(runner, 'exit');
process.once('exit', () => runner.kill('SIGKILL'));
const [{ port }] = (await once(runner, 'message')) as [{ port: number }];
const gateway: Soaked = { port, token };
const seen: Seen = { grandchildren: [] };

/** Says what the gateway holds right now. */
async function held(): Promise<Held> {
  const answer = once(runner, 'message');
  runner.send('held');
  return ((await answer) as [Held])[0];
}

/** The clients at their work until the time is over. @returns how often each has done something */
async function soak(ms: number): Promise<number> {
  const until = performance.now() + ms;
  let done = 0;
  const client = async (_unused: unknown, i: number): Promise<void> => {
    const random = randomFrom(Number(values.seed) * 1000 + i);
    while (performance.now() < until) {
      const doing = DOINGS[Math.floor(random() * DOINGS.length)];
      // A client that is refused, or whose server crashes, goes on to the next thing.
      await doing?.(gateway, random, seen).catch(() => {});
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return done;
}

/** mulberry32. */
function randomFrom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function leftovers(now: Held): string[] {
  const orphans = seen.grandchildren.filter(isAlive).length;
  const counts = {
    children: now.children,
    sessions: now.sessions,
    calls: now.calls,
    parked: now.parked,
    orphans,
  };
  return Object.entries(counts).flatMap(([what, count]) => (count > 0 ? [`${count} ${what}`] : []));
}

/** Waits until nothing is left, or for as long as that may take. */
async function settled(): Promise<Held> {
  const until = performance.now() + SETTLE_MS;
  let now = await held();
  while (leftovers(now).length > 0 && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 250));
    now = await held();
  }
  return now;
}

const mebibytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
const report = (what: string, now: Held): void => {
  const left = leftovers(now).join(', ');
  console.log(
    `${what}: ${left === '' ? 'nothing left' : `left are ${left}`}, ${mebibytes(now.rss)}, ${mebibytes(now.heap)} of objects`,
  );
};

const warmUpMs = Math.max(5000, (seconds * 1000) / 4);
const warmUp = await soak(warmUpMs);
const warm = await settled();
report(`after a warm-up of ${warmUp} doings`, warm);
let before = warm;
let after = warm;
for (let again = 0; again <= MORE_WARM_UPS; again += 1) {
  before = after;
  const rest = await soak(Math.max(5000, seconds * 1000 - warmUpMs));
  after = await settled();
  report(`after ${rest} more`, after);
  if (after.rss <= before.rss * GROWTH) break;
}

runner.disconnect();
const [code] = (await ended) as [number | null];
const problems = leftovers(after);
if (after.heap > warm.heap * GROWTH) problems.push(`objects take more than ${GROWTH} times as much`);
if (after.rss > before.rss * GROWTH)
  problems.push(`memory has grown by more than ${GROWTH}, again and again`);
if (code !== 0) problems.push(`the gateway ended with ${code}`);
const orphans = seen.grandchildren.filter(isAlive);
if (orphans.length > 0) problems.push(`${orphans.length} processes outlive the gateway`);
console.log(problems.length === 0 ? 'ok' : `FAILED: ${problems.join('; ')}`);
process.exitCode = problems.length === 0 ? 0 : 1;
