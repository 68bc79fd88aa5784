import { ConfigError, renderDiagnostics } from '../../config/diagnose.ts';
import type { ReloadReport, ServerSummary } from '../../gateway.ts';
import type { Logger } from '../../telemetry/log.ts';
import { errorMessage } from '../failure.ts';
import { createStyle } from '../style.ts';
import type { Terminal } from '../terminal.ts';
import { displayWidth } from '../text.ts';
import { reloadText } from './reload-text.ts';
import { serverLines, summary } from './server-lines.ts';
import { startScreen, type Welcome } from './start-screen.ts';

/** What `up` tells while it runs: to a person on the start screen, or to programs in the log. */
export interface Talk {
  readonly welcome: (welcome: Welcome) => void;
  readonly settled: (server: ServerSummary) => void;
  readonly ready: (servers: readonly ServerSummary[]) => void;
  readonly reloaded: (report: ReloadReport) => void;
  readonly refused: (error: unknown) => void;
  readonly stopping: () => void;
}

/** Lines for a person. */
export function screenTalk(terminal: Terminal, servers: readonly { readonly name: string }[]): Talk {
  const style = createStyle(terminal.color);
  const nameWidth = Math.max(0, ...servers.map(({ name }) => displayWidth(name)));
  const say = (...lines: string[]): void => {
    terminal.stderr.write(lines.map((line) => (line === '' ? '\n' : `  ${line}\n`)).join(''));
  };
  return {
    welcome: (welcome) => void terminal.stderr.write(startScreen(welcome, style, terminal.columns)),
    settled: (server) => say(...serverLines(server, nameWidth, style)),
    ready(states) {
      const waiting = states.filter(({ state }) => state === 'starting');
      say(...waiting.flatMap((server) => serverLines(server, nameWidth, style)));
      say('', `${style.strong(summary(states))} ${style.faint('Ctrl-C stops it.')}`, '');
    },
    reloaded: (report) => say(...reloadText(report, style).split('\n')),
    refused(error) {
      const why =
        error instanceof ConfigError
          ? renderDiagnostics(error.diagnostics, { color: terminal.color })
          : `${errorMessage(error)}\n`;
      terminal.stderr.write(why);
      say(style.warn('Config refused; serving goes on with the one before.'));
    },
    stopping: () => say(style.faint('Stopping. Calls under way may finish; Ctrl-C again does not wait.')),
  };
}

/** Lines of the log, for programs. The token is in none of them. */
export function logTalk(log: Logger): Talk {
  return {
    welcome: ({ endpoint, source, warnings, notes }) => {
      log.info({ endpoint, source }, 'listening');
      for (const note of notes) log.info({ note }, 'about the config');
      for (const warning of warnings) log.warn({ warning }, 'open or unsafe');
    },
    settled: ({ name, state, detail }) => log.info({ server: name, state, detail }, 'server settled'),
    ready: (servers) => log.info(summary(servers)),
    reloaded: (report) => log.info(report, 'config reloaded'),
    refused: (error) => log.error({ reason: errorMessage(error) }, 'config refused, serving goes on'),
    stopping: () => log.info('stopping'),
  };
}
