import { fail, type InsideCheck, ok, skip } from '../check.ts';
import { spawnAll, type Started } from '../spawn.ts';

/** Longer than timeouts.start, and the time to end. */
const TIMEOUT_MS = 75_000;

export const servers: InsideCheck = {
  name: 'servers',
  side: 'inside',
  looksAt: 'every server: it is started, and ended again',
  needs: ['config'],
  timeoutMs: TIMEOUT_MS,
  symptoms: [
    {
      sees: 'tools are missing, or calls are answered with server_start_failed or server_exited',
      cause: 'A server does not start: its command, its variables or its address are not right.',
      remedy: 'run its command by hand; sallyport logs NAME shows what it printed',
    },
  ],
  async look({ config, oauth }) {
    if (!config?.loaded || config.loaded.config.servers.length === 0) return skip('there are no servers');
    const started = await spawnAll(config.loaded, oauth);
    const dead = started.filter(({ state }) => state.state === 'failed');
    const details = started.flatMap(lines);
    if (dead.length > 0) {
      const names = dead.map(({ state }) => state.name);
      const reasons = dead.map(({ state }) => `${state.name}: ${state.detail ?? 'it does not start'}`);
      const fix = `mend mcpServers.${names.join(', mcpServers.')} in ${config.file} (what it printed is above), then: sallyport restart ${names[0] ?? ''}`;
      return fail(reasons.join('; '), fix, { details });
    }
    return ok(`${started.length} of ${started.length} start`, details);
  },
};

function lines({ state, ms, stderr }: Started): string[] {
  const printed = state.state === 'failed' ? stderr.map((line) => `  ${line}`) : [];
  return [
    `${state.name}: ${state.state === 'idle' ? 'starts with a call' : state.state}, ${ms} ms`,
    ...printed,
  ];
}
