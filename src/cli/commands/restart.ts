import { EXIT, type ExitCode } from '../exit-codes.ts';
import { withGateway } from '../running/gateway.ts';
import { createStyle } from '../style.ts';
import type { Terminal } from '../terminal.ts';
import { serverLines } from '../up/server-lines.ts';

/** `sallyport restart SERVER`: starts a server of the gateway that runs here afresh, for all who use it. */
export async function restart(server: string, terminal: Terminal): Promise<ExitCode> {
  return withGateway(terminal, async (gateway, signal) => {
    const state = await gateway.restart(server, signal);
    const style = createStyle(terminal.color);
    for (const line of serverLines(state, 0, style)) terminal.stderr.write(`${line}\n`);
    return state.state === 'failed' ? EXIT.FAILED : EXIT.OK;
  });
}
