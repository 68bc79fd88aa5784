import { ok, type OutsideCheck, warn } from '../check.ts';

const ROUNDS = 5;
const SLOW_MS = 1000;

export const latency: OutsideCheck = {
  name: 'latency',
  side: 'outside',
  looksAt: 'how long the smallest answer takes',
  needs: ['answers'],
  symptoms: [
    {
      sees: 'every call is slow, however little it does',
      cause:
        'The way to the gateway is slow: a distant proxy, DNS at each request, or a machine without memory.',
      remedy: 'sallyport access slow; compare with `sallyport call` on the machine itself',
    },
  ],
  async look(site, signal) {
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1)
      times.push((await site.ask(site.at(`${site.prefix}/health`), {}, signal)).headMs);
    const median = Math.round(times.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0);
    return median > SLOW_MS
      ? warn(`${median} ms, connection and TLS included`, 'sallyport access slow')
      : ok(`${median} ms, connection and TLS included`);
  },
};
