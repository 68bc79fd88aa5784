import type { CallToolResult, ToolAnnotations } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { explain } from './failure.ts';

/** All three tools look and change nothing, but what they look at is the world. */
export function looksOnly(title: string): ToolAnnotations {
  return { title, readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true };
}

export const hostInput = z
  .string()
  .describe('A host name such as "example.com", or an IP address. No scheme, no port.');

export const addressesOutput = z
  .array(z.string())
  .describe('The addresses the host has, in the order in which they are tried');

/**
 * Runs a tool and makes its result: structured, and as text for clients that do not read the structure.
 *
 * > Tool Execution Errors ... SHOULD be reported in the result object with isError set to true (server/tools)
 *
 * @param toText default: the serialized JSON, as the specification would have it
 */
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
