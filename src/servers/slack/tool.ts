import type { CallToolResult, ToolAnnotations } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { Slack } from './api.ts';
import type { Directory } from './directory.ts';
import { explain } from './failure.ts';

/** What the tools share. */
export interface Workspace {
  readonly slack: (signal: AbortSignal) => Promise<Slack>;
  readonly directory: Directory;
}

export const channelInput = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .describe('The name or the id of a channel: "#general", "general", "C0123456789"');

export const channelOutput = z.object({
  id: z.string(),
  name: z.string().nullable().describe('Null where only the id was given'),
});

export const cursorInput = z
  .string()
  .min(1)
  .max(1000)
  .optional()
  .describe('next_cursor of the answer before, for what comes after it');

export const nextCursor = z.string().nullable().describe('For the next call, when there is more');

/** These tools change nothing in Slack. */
export function looksOnly(title: string): ToolAnnotations {
  return { title, readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true };
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
