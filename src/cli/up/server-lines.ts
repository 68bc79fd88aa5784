import type { ServerSummary } from '../../gateway.ts';
import type { Style } from '../style.ts';
import { oneLine, pad } from '../text.ts';

/** How many of the last lines that a failed server printed are worth showing. */
const TAIL = 5;

/** One server's state for the screen: a mark, its name, and where it failed why and what it printed last. */
export function serverLines(server: ServerSummary, nameWidth: number, style: Style): string[] {
  const name = pad(oneLine(server.name), nameWidth);
  switch (server.state) {
    case 'ready':
      return [`${style.good('✓')} ${name}  ${style.faint(`${server.kind}, ready`)}`];
    case 'failed': {
      const tail = (server.stderrTail ?? [])
        .slice(-TAIL)
        .map((line) => `    ${style.faint(`│ ${oneLine(line)}`)}`);
      return [`${style.bad('✗')} ${name}  ${reason(server)}`, ...tail];
    }
    default:
      return [`${style.warn('…')} ${name}  ${style.faint(`${server.kind}, ${server.state}`)}`];
  }
}

/** Why it failed, without the lines it printed: those are shown as lines. */
function reason({ detail = 'failed', stderrTail = [] }: ServerSummary): string {
  const [first = ''] = detail.split('\n');
  return oneLine(stderrTail.length > 0 ? first.replace(/ It printed:$/, '') : detail);
}

/** How all of them are, in one sentence. */
export function summary(servers: readonly ServerSummary[]): string {
  const ready = servers.filter(({ state }) => state === 'ready').length;
  if (servers.length === 0) return 'Ready, without a server: add one to the config.';
  if (ready === servers.length) return `Ready: ${count(ready)}.`;
  if (ready === 0) return `Listening, but no server is ready (of ${servers.length}).`;
  return `Ready: ${ready} of ${count(servers.length)}.`;
}

function count(servers: number): string {
  return servers === 1 ? '1 server' : `${servers} servers`;
}
