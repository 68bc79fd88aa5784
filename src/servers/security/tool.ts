import type { CallToolResult, ToolAnnotations } from '@modelcontextprotocol/server';
import { errorText } from './failure.ts';

/** All of these tools look and change nothing, and what they look at is this gateway. */
export function looksOnly(title: string): ToolAnnotations {
  return { title, readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false };
}

/** Runs a tool and makes its result: structured, and as text for clients that do not read the structure. */
export async function answer<Output extends Record<string, unknown>>(
  work: () => Promise<Output> | Output,
  toText: (output: Output) => string = JSON.stringify,
): Promise<CallToolResult> {
  try {
    const output = await work();
    return { content: [{ type: 'text', text: toText(output) }], structuredContent: output };
  } catch (error) {
    return { content: [{ type: 'text', text: errorText(error) }], isError: true };
  }
}
