import { text as readAll } from 'node:stream/consumers';
import { type CallToolResult, ProtocolError, SdkError, SdkErrorCode } from '@modelcontextprotocol/client';
import { isObject, type JsonObject } from '../../core/json.ts';
import { META } from '../../core/protocol.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { errorMessage, Failure } from '../failure.ts';
import { interruptible } from '../interrupt.ts';
import { type Client, errorObject, withClient } from '../mcp-client.ts';
import { createStyle } from '../style.ts';
import { resolveTarget, type Target, type TargetOptions } from '../target.ts';
import type { Terminal } from '../terminal.ts';
import { oneLine, printable } from '../text.ts';
import { toolAdvice } from '../tool-advice.ts';
import { resultText } from '../tool-result.ts';

export interface CallOptions extends TargetOptions {
  readonly json?: boolean;
  /** Seconds without a word from the tool, an answer or progress, before the call is given up. */
  readonly timeout: number;
}

/** What servers answer to an unknown tool and to arguments that do not fit. */
const INVALID_PARAMS = -32602;

/**
 * `sallyport call TOOL '{…}'`: calls one tool and prints what it answers; `-` reads the arguments from stdin.
 * An answer that says `isError` goes to stderr and ends with 1. `--json` prints the result as the server sent it, or
 * `{"error": {code, message, data}}`.
 */
export async function call(
  tool: string,
  json: string | undefined,
  options: CallOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  try {
    const source = json === '-' ? await readAll(terminal.stdin) : json;
    const target = await resolveTarget(options, terminal);
    return await interruptible(async (signal) => {
      const args = parseArguments(source);
      if (args instanceof SyntaxError) throw await notJson(tool, args, target, terminal, signal);
      return withClient(target, terminal, signal, async (client) => {
        const result = await callTool(client, tool, args, options, terminal, signal);
        return print(tool, result, options, terminal);
      });
    });
  } catch (error) {
    if (options.json) terminal.stdout.write(`${JSON.stringify({ error: errorObject(error) })}\n`);
    throw error;
  }
}

function parseArguments(source: string | undefined): JsonObject | SyntaxError {
  if (source === undefined || source.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(source);
    return isObject(value) ? value : new SyntaxError('an object is wanted, {"name": value}');
  } catch (error) {
    return new SyntaxError(errorMessage(error));
  }
}

async function callTool(
  client: Client,
  name: string,
  args: JsonObject,
  options: CallOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<CallToolResult> {
  const style = createStyle(terminal.color);
  const meta = await askForLogs(client, signal);
  try {
    return await client.callTool(
      { name, arguments: args, ...meta },
      {
        signal,
        timeout: options.timeout * 1000,
        resetTimeoutOnProgress: true,
        onprogress: ({ progress, total, message }) => {
          const count = total === undefined ? `${progress}` : `${progress}/${total}`;
          terminal.stderr.write(`${style.faint(oneLine(`${count} ${message ?? ''}`))}\n`);
        },
      },
    );
  } catch (error) {
    if (error instanceof ProtocolError && error.code === INVALID_PARAMS) {
      const advice = await toolAdvice(client, name, signal).catch(() => []);
      throw new Failure(EXIT.FAILED, oneLine(error.message), advice, { cause: error });
    }
    if (error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout) {
      throw new Failure(EXIT.FAILED, `${oneLine(name)} did not answer within ${options.timeout} seconds`, [
        '--timeout gives it longer',
      ]);
    }
    throw error;
  }
}

/** Logs are asked for with each request in the modern era, and once for the session in the legacy one. */
async function askForLogs(client: Client, signal: AbortSignal): Promise<{ _meta?: Record<string, string> }> {
  if (client.getProtocolEra() === 'modern') return { _meta: { [META.logLevel]: 'info' } };
  if (client.getServerCapabilities()?.logging)
    await client.setLoggingLevel('info', { signal }).catch(() => {});
  return {};
}

function print(tool: string, result: CallToolResult, options: CallOptions, terminal: Terminal): ExitCode {
  const exitCode = result.isError === true ? EXIT.FAILED : EXIT.OK;
  if (options.json) {
    terminal.stdout.write(`${JSON.stringify(result)}\n`);
    return exitCode;
  }
  const text = resultText(result);
  if (exitCode === EXIT.OK) {
    terminal.stdout.write(terminal.data.tty ? printable(text) : text);
  } else {
    const style = createStyle(terminal.color);
    terminal.stderr.write(`${style.bad('error:')} ${oneLine(tool)} failed\n${printable(text)}`);
  }
  return exitCode;
}

/** The arguments are not JSON: says where, and shows what the tool takes, if the endpoint can be asked. */
async function notJson(
  tool: string,
  error: SyntaxError,
  target: Target,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Failure> {
  const advice = await withClient(target, terminal, signal, (client) =>
    toolAdvice(client, tool, signal),
  ).catch(() => [`for example: sallyport call ${tool} '{"name": "value"}'`]);
  return new Failure(EXIT.USAGE, `the arguments are not JSON: ${oneLine(error.message)}`, advice);
}
