import { describe, expect, it } from 'vitest';
import type { Call } from '../core/call.ts';
import type { JsonObject } from '../core/json.ts';
import { type Reply, result } from '../core/reply.ts';
import { onlyDeclared } from './undeclared.ts';

/** What becomes of a reply on its way to a client with these capabilities. */
function passed(reply: Reply, capabilities: JsonObject): Promise<Reply> {
  const call = { client: { capabilities } } as unknown as Call;
  return onlyDeclared(() => Promise.resolve(reply))(call);
}

function asking(...methods: unknown[]): Reply {
  const requests = methods.map((method, i) => [`q${i}`, { method, params: {} }]);
  return { kind: 'input_required', inputRequests: Object.fromEntries(requests) as JsonObject };
}

describe('a question', () => {
  it('passes to a client that declared it', async () => {
    const reply = asking('elicitation/create', 'roots/list');
    expect(await passed(reply, { elicitation: {}, roots: {} })).toBe(reply);
  });

  it.each([
    ['elicitation/create', 'elicitation'],
    ['sampling/createMessage', 'sampling'],
    ['roots/list', 'roots'],
  ])('%s does not reach a client that did not', async (method, capability) => {
    expect(await passed(asking(method), { experimental: {} })).toMatchObject({
      kind: 'failure',
      error: { code: -32021, status: 400, data: { requiredCapabilities: { [capability]: {} } } },
    });
  });

  it('names all that is missing, and only that', async () => {
    const reply = await passed(asking('elicitation/create', 'sampling/createMessage', 'roots/list'), {
      sampling: {},
    });
    expect(reply).toMatchObject({
      error: { message: expect.stringContaining('elicitation, roots') as string },
    });
    expect(JSON.stringify(reply)).not.toContain('"sampling":{}');
  });

  it.each(['tools/call', '__proto__', 7, undefined])('by %j is none of the protocol', async (method) => {
    expect(await passed(asking(method), { elicitation: {} })).toMatchObject({
      error: { data: { reason: 'server_reply_invalid' } },
    });
  });
});

it('leaves results alone', async () => {
  const reply = result({ content: [] });
  expect(await passed(reply, {})).toBe(reply);
});
