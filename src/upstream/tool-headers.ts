import { Body } from '../core/body.ts';
import type { MirroredParameter } from '../core/call.ts';
import { isObject, type JsonObject, type JsonValue } from '../core/json.ts';
import { mirroredParameters, parameterHeaders } from '../wire/mcp-headers.ts';

/** Tools whose annotations are remembered; a hostile server could name ever new ones. */
const MOST_TOOLS = 10_000;

/**
 * What the tools of a modern server over HTTP want to have repeated in `Mcp-Param-*` headers, learnt from each
 * `tools/list` that passes by.
 */
export class ToolHeaders {
  readonly #tools = new Map<string, readonly MirroredParameter[]>();
  readonly #complained = new Set<string>();
  readonly #warn: (problem: string) => void;

  constructor(warn: (problem: string) => void) {
    this.#warn = warn;
  }

  /** The headers of a request. */
  for(method: string, params: JsonObject): Record<string, string> | undefined {
    if (method !== 'tools/call') return undefined;
    const { name, arguments: callArguments } = params;
    const parameters = typeof name === 'string' ? this.#tools.get(name) : undefined;
    return parameters && parameterHeaders(parameters, callArguments);
  }

  /**
   * Learns from a list of tools.
   *
   * > Clients MUST exclude tools with invalid x-mcp-header annotations from the result of tools/list, and SHOULD log a
   * > warning  (server/tools)
   *
   * @returns the list without them
   */
  learn(list: Body): Body {
    const value = list.tryParse();
    const tools = value?.['tools'];
    if (!value || !Array.isArray(tools)) return list;
    const valid = tools.filter((tool) => this.#isValid(tool));
    return valid.length === tools.length ? list : Body.value({ ...value, tools: valid });
  }

  #isValid(tool: JsonValue): boolean {
    if (!isObject(tool) || typeof tool['name'] !== 'string') return true;
    const { name } = tool;
    const parameters = mirroredParameters(tool['inputSchema']);
    if (typeof parameters === 'string') {
      if (!this.#complained.has(name) && this.#complained.size < MOST_TOOLS) {
        this.#complained.add(name);
        this.#warn(`the tool ${JSON.stringify(name.slice(0, 100))} is left out: ${parameters}`);
      }
      return false;
    }
    if (parameters.length === 0) this.#tools.delete(name);
    else if (this.#tools.size < MOST_TOOLS || this.#tools.has(name)) this.#tools.set(name, parameters);
    return true;
  }
}
