import { EXIT, type ExitCode } from '../exit-codes.ts';
import { interruptible } from '../interrupt.ts';
import { errorObject, withClient } from '../mcp-client.ts';
import { resolveTarget, type TargetOptions } from '../target.ts';
import type { Terminal } from '../terminal.ts';
import { toolList } from '../tool-list.ts';

export interface ToolsOptions extends TargetOptions {
  readonly json?: boolean;
}

/** `sallyport tools`: what an endpoint offers. `--json`: `{"tools": […]}` as the server describes them. */
export async function tools(options: ToolsOptions, terminal: Terminal): Promise<ExitCode> {
  try {
    const target = await resolveTarget(options, terminal);
    const listed = await interruptible((signal) =>
      withClient(target, terminal, signal, (client) => client.listTools(undefined, { signal })),
    );
    if (options.json) terminal.stdout.write(`${JSON.stringify({ tools: listed.tools })}\n`);
    else if (listed.tools.length === 0) terminal.stderr.write(`${target.url.href} offers no tools\n`);
    else terminal.stdout.write(toolList(listed.tools, terminal.data));
    return EXIT.OK;
  } catch (error) {
    if (options.json) terminal.stdout.write(`${JSON.stringify({ error: errorObject(error) })}\n`);
    throw error;
  }
}
