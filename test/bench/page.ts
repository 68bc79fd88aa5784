import type { Candidate } from './candidates.ts';
import { table } from './markdown.ts';
import { tables, type Run } from './tables.ts';

/** The page `docs/benchmarks.md`. */
export function page(run: Run): string {
  const { machine, candidates, results } = run;
  const repeated = results.windows.filter((row) => row.attempts > 1).length;
  const versions = candidates
    .filter((one) => one.name !== 'bare')
    .map((one) => `${one.name} ${one.version}`)
    .join(', ');
  return `# Benchmarks

Written by \`npm run bench\` on ${machine.date}; do not edit. Commit ${machine.commit}.

- Machine: ${machine.cpu}, ${machine.cores} cores, ${Math.round(machine.memoryBytes / 2 ** 30)} GiB, ${machine.kernel}
- Node ${machine.node}; ${versions}
- Echo child: ${run.child}

Figures from another machine, or another hour on a shared one, differ. The ratios hold.

## What is compared

- **bare**: \`node:http\` to the pipe with no checks at all (\`test/bench/bare-bridge.mjs\`). The limit, not a product.
- **sallyport**: as \`sallyport up\` starts it, authentication and all checks on.
- **supergateway** and **mcp-proxy**: from npm, at their defaults but for the transport (and supergateway's log of
  every message, which is off).

They do not do the same work. What each one does beyond passing messages on:

${traitTable(candidates)}
Bridges that do not come from npm are measured with \`--peer\`.

## Results

Medians of ${run.rounds} rounds, in brackets the lowest and the highest. A ratio is the median of the ratios within each
round. Sizes are those of the text in the result; 1 MB is a million bytes, MiB and KiB are powers of two. "CPU a
request" is that of the server process alone.

${tables(run)}
## Method

One call at a time on each connection, the next one sent when the answer is there. Each connection of 2025-11-25 has a
session of its own. The server has one core; load generator and the server's child have another (\`taskset\`). Each
window has fresh processes, ${run.warmUpSeconds} s of warm-up and ${run.windowSeconds} s that are measured. The candidates take turns within a round, so
that a machine that is slow for a while is slow for all. A window in which other processes took more than 15 % of the
two cores is repeated; ${repeated} of ${results.windows.length} were.

The load generator (\`test/bench/load/\`) is our own. It checks **every** answer: the id, that it is no error, and every
byte of the text, in which each call has its own canary. Ids are the same on all connections, as with real clients, so
that an answer which goes to the wrong one is seen. One wrong answer fails the run. The last column shows what is
measured: a server near 100 % is at its limit; a generator near 100 % would be at its own.

"Start to first answer" ends when the first \`tools/call\` is answered right; it is a second start, with the compile
cache filled where a candidate has one. "Idle RSS" is read after that answer and some seconds of rest. "An idle session"
is the growth of the server process for each of ${sessionCount(run)} sessions with their connections, after as many others, with
garbage collected before both readings. Processes that a candidate starts for each session are in the last column and
come on top.

\`npm run bench\` takes about ${minutes(run)} minutes; \`npm run bench -- --help\` tells of shorter runs.
`;
}

function traitTable(candidates: readonly Candidate[]): string {
  return table(
    ['', ...candidates.map((one) => one.name)],
    [
      ['authentication', ...candidates.map((one) => one.traits.authentication)],
      ['Host and Origin', ...candidates.map((one) => one.traits.hostAndOrigin)],
      ['isolation', ...candidates.map((one) => one.traits.isolation)],
      ['limits', ...candidates.map((one) => one.traits.limits)],
      ['requests from the server', ...candidates.map((one) => one.traits.serverRequests)],
      [
        '2026-07-28',
        ...candidates.map((one) => (one.eras.includes('modern') ? 'yes' : 'not with this child')),
      ],
    ],
  );
}

function sessionCount({ results }: Run): string {
  const counts = [...new Set(results.footprints.map((row) => row.sessions))].sort((a, b) => b - a);
  return counts.map((count) => count.toLocaleString('en')).join(' or ') || 'the';
}

/** Start and stop of the processes add about a second and a half to each window. */
function minutes(run: Run): number {
  const windows = run.scenarios.length * run.candidates.length * run.rounds;
  return Math.round((windows * (run.warmUpSeconds + run.windowSeconds + 1.5)) / 60);
}
