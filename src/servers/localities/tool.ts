import type { CallToolResult, ToolAnnotations } from '@modelcontextprotocol/server';
import { explain } from './failure.ts';

/**
 * All of these tools look and change nothing.
 * @param isRemote an API is asked, and not the data that is here
 */
export function looksOnly(title: string, isRemote = false): ToolAnnotations {
  return { title, readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: isRemote };
}

/** Runs a tool and makes its result: structured, and as JSON text for clients that do not read the structure. */
export async function answer(work: () => Promise<Record<string, unknown>>): Promise<CallToolResult> {
  try {
    const output = await work();
    return { content: [{ type: 'text', text: JSON.stringify(output) }], structuredContent: output };
  } catch (error) {
    return { content: [{ type: 'text', text: explain(error) }], isError: true };
  }
}
