import type { Gateway, ServerSummary } from '../../gateway.ts';
import type { Welcome } from './start-screen.ts';

/** The one line of `up --json`: what the start screen says, for programs. Its shape is promised in docs/cli.md. */
export function readyLine(
  welcome: Welcome,
  { listening, servers }: { listening: Gateway['listening']; servers: readonly ServerSummary[] },
): string {
  const { version, endpoint, token, source, notes, warnings, guides } = welcome;
  return `${JSON.stringify({
    event: 'ready',
    version,
    endpoint,
    listening,
    token,
    pid: process.pid,
    source,
    servers: servers.map(({ name, kind, state, detail, stderrTail }) => ({
      name,
      kind,
      state,
      ...(state === 'ready' ? {} : { detail, stderrTail }),
    })),
    warnings,
    notes,
    clients: Object.fromEntries(guides.map((guide) => [guide.id, guide.snippets])),
  })}\n`;
}
