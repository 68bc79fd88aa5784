import { isObject, type JsonObject } from '../../core/json.ts';
import { fail, ok, type OutsideCheck, skip } from '../check.ts';
import { mcpRequest, messageIn } from '../mcp.ts';

export const toolCall: OutsideCheck = {
  name: 'tool-call',
  side: 'outside',
  looksAt: 'a list of tools, and a call of one that only reads',
  needs: ['token'],
  timeoutMs: 60_000,
  symptoms: [
    {
      sees: 'a client connects, and shows no tools',
      cause: 'No server is running, or the rules let this user see none.',
      remedy: 'sallyport status; sallyport explain USER TOOL',
    },
  ],
  async look(site, signal) {
    if (site.token === undefined) return skip('--token is needed');
    const { text } = await site.askAsUser(site.endpoint, mcpRequest('tools/list'), signal);
    const result = messageIn(text)?.['result'];
    const tools = isObject(result) && Array.isArray(result['tools']) ? result['tools'].filter(isObject) : [];
    if (tools.length === 0) return fail('there are no tools', 'sallyport status   shows which servers run');
    const harmless = tools.find(isHarmless)?.['name'];
    if (typeof harmless !== 'string')
      return ok(`${tools.length} tools; none of them is known to be safe to call`);
    const began = performance.now();
    const answer = await site.askAsUser(
      site.endpoint,
      mcpRequest('tools/call', { name: harmless, arguments: {} }),
      signal,
    );
    const said = messageIn(answer.text);
    return said?.['result'] === undefined
      ? fail(`${harmless} was answered with ${answer.status}`, `sallyport call ${harmless}`)
      : ok(`${tools.length} tools; ${harmless} answered in ${Math.round(performance.now() - began)} ms`);
  },
};

/** It says that it only reads, and needs no arguments. */
function isHarmless({ annotations, inputSchema }: JsonObject): boolean {
  const reads = isObject(annotations) && annotations['readOnlyHint'] === true;
  const required = isObject(inputSchema) ? inputSchema['required'] : undefined;
  return reads && (!Array.isArray(required) || required.length === 0);
}
