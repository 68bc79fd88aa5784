import type { CertificateState, Gateway, ServerSummary } from '../../gateway.ts';
import type { Welcome } from './start-screen.ts';

/** The one line of `up --json`: what the start screen says, for programs. Its shape is promised in docs/cli.md. */
export function readyLine(
  welcome: Welcome,
  {
    listening,
    servers,
    certificates = [],
  }: {
    readonly listening: Gateway['listening'];
    readonly servers: readonly ServerSummary[];
    readonly certificates?: readonly CertificateState[];
  },
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
    ...(certificates.length > 0 && { certificates }),
    warnings,
    notes,
    clients: Object.fromEntries(guides.map((guide) => [guide.id, guide.snippets])),
  })}\n`;
}
