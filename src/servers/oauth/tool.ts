import type { CallToolResult, ToolAnnotations } from '@modelcontextprotocol/server';
import { EgressError } from '../../egress/error.ts';

/** A tool cannot do what it was asked. The message says what happened and what to do. */
export class ToolFailure extends Error {
  override readonly name = 'ToolFailure';
}

/** These tools look and change nothing; what they look at may be on another machine. */
export function looksOnly(title: string): ToolAnnotations {
  return { title, readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true };
}

/** Runs a tool and makes its result: structured, and as text for clients that do not read the structure. */
export async function answer<Output extends Record<string, unknown>>(
  work: () => Promise<Output>,
  toText: (output: Output) => string = JSON.stringify,
): Promise<CallToolResult> {
  try {
    const output = await work();
    return { content: [{ type: 'text', text: toText(output) }], structuredContent: output };
  } catch (error) {
    return { content: [{ type: 'text', text: explain(error) }], isError: true };
  }
}

/** What went wrong, for whoever called the tool. What nobody expected is not quoted. */
export function explain(error: unknown): string {
  if (error instanceof ToolFailure || error instanceof EgressError) return error.message;
  if (error instanceof Error && error.name === 'TimeoutError') return 'no answer in time';
  // undici says "fetch failed", and what has failed in its cause.
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  if (cause instanceof EgressError) return cause.message;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string'
    ? `no connection (${code})`
    : 'it failed for a reason that this tool does not know';
}
