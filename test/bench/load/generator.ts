/**
 * The load generator, a process of its own. Reads lines of JSON from stdin: a plan first, for which it opens the
 * connections, and then timings. For each timing it warms up, prints `{"event":"window"}`, measures, and prints
 * `{"event":"result",…}`; `{"event":"failed",…}` ends it. It stays until stdin closes, so that its CPU time can still
 * be read.
 */
import { createInterface } from 'node:readline';

import { quantile } from '../statistics.ts';
import { Client } from './client.ts';
import type { Call, Endpoint } from './request.ts';

export interface Plan {
  endpoint: Endpoint;
  call: Call;
  connections: number;
}

export interface Timing {
  warmUpSeconds: number;
  windowSeconds: number;
}

/** Latencies in milliseconds. */
export interface Result {
  requests: number;
  seconds: number;
  p50: number;
  p99: number;
  max: number;
}

export type Report =
  | { event: 'window' }
  | ({ event: 'result' } & Result)
  | { event: 'failed'; reason: string };

const SETUP_SECONDS = 60;

function print(report: Report): void {
  process.stdout.write(`${JSON.stringify(report)}\n`);
}

/** A growing list of numbers without boxing. */
class Samples {
  #values: Float32Array = new Float32Array(1 << 20);
  #count = 0;

  add(value: number): void {
    if (this.#count === this.#values.length) {
      const larger = new Float32Array(this.#values.length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#count] = value;
    this.#count += 1;
  }

  sorted(): Float32Array {
    return this.#values.subarray(0, this.#count).sort();
  }
}

async function connectAll(plan: Plan): Promise<Client[]> {
  const clients: Client[] = [];
  for (let number = 0; number < plan.connections; number += 1) {
    const client = await Client.open(plan.endpoint);
    if (plan.call.era === 'legacy') await client.openSession();
    clients.push(client);
  }
  return clients;
}

async function measure(clients: readonly Client[], call: Call, timing: Timing): Promise<Result> {
  const samples = new Samples();
  let phase: 'warm-up' | 'window' | 'over' = 'warm-up';
  const answered = (milliseconds: number): boolean => {
    if (phase === 'window') samples.add(milliseconds);
    return phase !== 'over';
  };
  const loops = Promise.all(clients.map((client, number) => client.repeat(call, number, answered)));
  await Promise.race([sleep(timing.warmUpSeconds), loops]);
  print({ event: 'window' });
  phase = 'window';
  const started = performance.now();
  await Promise.race([sleep(timing.windowSeconds), loops]);
  const seconds = (performance.now() - started) / 1000;
  phase = 'over';
  // Answers that are still on their way are checked too.
  await within(SETUP_SECONDS, loops, 'A call was not answered');
  const sorted = samples.sorted();
  if (sorted.length === 0) throw new Error('Not one call was answered within the window.');
  return {
    requests: sorted.length,
    seconds,
    p50: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
    max: quantile(sorted, 1),
  };
}

function sleep(seconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, seconds * 1000);
  });
}

function within<T>(seconds: number, promise: Promise<T>, what: string): Promise<T> {
  const late = sleep(seconds).then(() => Promise.reject(new Error(`${what} within ${seconds} seconds.`)));
  return Promise.race([promise, late]);
}

async function work(): Promise<void> {
  let plan: Plan | undefined;
  let clients: Client[] = [];
  for await (const line of createInterface({ input: process.stdin })) {
    if (plan) print({ event: 'result', ...(await measure(clients, plan.call, JSON.parse(line) as Timing)) });
    else {
      plan = JSON.parse(line) as Plan;
      clients = await within(SETUP_SECONDS, connectAll(plan), 'The sessions were not opened');
    }
  }
}

work().then(
  () => process.exit(0),
  (error: unknown) =>
    print({ event: 'failed', reason: error instanceof Error ? error.message : String(error) }),
);
