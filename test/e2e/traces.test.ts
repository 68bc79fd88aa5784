import { describe, expect, it } from 'vitest';
import { child, startGateway } from '../support/gateway.ts';
import { callTool, type Message, Session, textOf } from '../support/http.ts';
import { recordingServer } from '../support/recording-server.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const traceparent = `00-${TRACE}-00f067aa0ba902b7-01`;
const other = `00-${TRACE}-1111111111111111-01`;
const tracestate = 'rojo=00f067aa0ba902b7';

/** The `_meta` of the last call that a child was sent. */
function metaIn(answer: { last: Message }): unknown {
  const received = JSON.parse(textOf(answer) ?? '[]') as Message[];
  return received.findLast(({ method }) => method === 'tools/call')?.params?.['_meta'];
}

describe('a trace goes on to the servers, without any SDK', () => {
  it('from headers into _meta, and from _meta as it came', async () => {
    await using gateway = await startGateway({ config: { mcpServers: { child: child() } } });
    const byHeader = await callTool(gateway, 'received', {}, { headers: { traceparent, tracestate } });
    expect(metaIn(byHeader)).toMatchObject({ traceparent, tracestate });
    const meta = { traceparent, tracestate, baggage: 'a=b' };
    expect(metaIn(await callTool(gateway, 'received', {}, { meta }))).toMatchObject(meta);
    // What _meta says is about this very call; headers are about the request that it came in.
    const both = await callTool(gateway, 'received', {}, { meta, headers: { traceparent: other } });
    expect(metaIn(both)).toMatchObject(meta);
    const broken = await callTool(gateway, 'received', {}, { headers: { traceparent: '00-x', tracestate } });
    expect(JSON.stringify(metaIn(broken) ?? {})).not.toMatch(/trace/);
    const session = await Session.open(gateway, { headers: { traceparent } });
    expect(metaIn(await session.call('received'))).toMatchObject({ traceparent });
  });

  it.each(['modern', 'legacy'] as const)('to a %s one behind HTTP in both places', async (era) => {
    await using server = await recordingServer(era);
    await using gateway = await startGateway({ config: { mcpServers: { far: { url: server.url } } } });
    await callTool(gateway, 'a', {}, { headers: { traceparent, tracestate } });
    expect(server.last('tools/call')).toMatchObject({
      headers: { traceparent, tracestate },
      message: { params: { _meta: { traceparent, tracestate } } },
    });
    await callTool(gateway, 'a', {}, { meta: { traceparent: other, baggage: 'user=jane' } });
    const second = server.last('tools/call');
    expect(second?.headers).toMatchObject({ traceparent: other });
    expect(second?.headers).not.toHaveProperty('baggage');
    await callTool(gateway, 'a', {}, { meta: { traceparent: 'x\r\nevil: yes' } });
    expect(server.last('tools/call')?.headers).not.toHaveProperty('traceparent');
    expect(server.last('tools/call')?.headers).not.toHaveProperty('evil');
    await callTool(gateway, 'a');
    expect(server.last('tools/call')?.headers).not.toHaveProperty('traceparent');
  });
});
