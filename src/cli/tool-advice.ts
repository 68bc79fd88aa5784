import type { Client } from '@modelcontextprotocol/client';
import { suggest } from '../config/suggest.ts';
import { oneLine } from './text.ts';
import { usageLines } from './tool-arguments.ts';

/** For somebody whose call was not taken: what the tool takes, or which tool may have been meant. */
export async function toolAdvice(client: Client, name: string, signal: AbortSignal): Promise<string[]> {
  const { tools } = await client.listTools(undefined, { signal });
  const tool = tools.find((candidate) => candidate.name === name);
  if (tool !== undefined) return usageLines(name, tool.inputSchema);
  const names = tools.map((candidate) => candidate.name);
  // With several servers a tool is called `server__tool`; the prefix is what people leave out.
  const meant = names.find((each) => each.endsWith(`__${name}`)) ?? suggest(name, names);
  const guess = meant === undefined ? [] : [`did you mean ${oneLine(meant)}?`];
  return [...guess, 'sallyport tools   lists what there is'];
}
