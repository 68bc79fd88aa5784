import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectV1, connectV2, firstText, type Progress, type TestClient } from '../support/clients.ts';
import { child, type Gateway, startGateway } from '../support/gateway.ts';
import { callTool, Session, textOf } from '../support/http.ts';

const CLIENT_COUNT = 50;
const ROUNDS = 8;

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({
    config: { mcpServers: { old: child('--era', 'legacy'), new: child('--era', 'modern') } },
  });
});
afterAll(() => gateway?.stop());

const delay = (): number => Math.floor(Math.random() * 40);
const canary = (client: number, round: number): string => `canary ${client}/${round} ${Math.random()}`;
/** Half of the calls go to the server of either era. */
const server = (client: number, round: number): string => ((client + round) % 2 === 0 ? 'old' : 'new');

describe(`threat 14: ${CLIENT_COUNT} callers with the same request ids`, () => {
  it('each get the answers to their own calls, raw requests of both eras', async () => {
    const callers = Array.from({ length: CLIENT_COUNT }, async (_unused, index) => {
      const session = index % 2 === 0 ? await Session.open(gateway) : undefined;
      for (let round = 0; round < ROUNDS; round += 1) {
        // Two calls at once, and everybody uses the same ids for them.
        await Promise.all(
          [1, 'a'].map(async (id) => {
            const text = canary(index, round);
            const tool = `${server(index, round)}__echo`;
            const input = { text, delayMs: delay() };
            const answer = await (session?.call(tool, input, id) ?? callTool(gateway, tool, input, { id }));
            expect(answer.status, answer.text).toBe(200);
            expect(answer.messages).toHaveLength(1);
            expect(answer.last.id).toBe(id);
            expect(textOf(answer)).toBe(text);
          }),
        );
      }
      await session?.close();
    });
    await Promise.all(callers);
  });

  it('each get their own answers, progress and log messages, official clients of both eras', async () => {
    const connect = [
      () => connectV2(gateway, 'modern'),
      () => connectV2(gateway, 'legacy'),
      () => connectV1(gateway),
    ];
    const clients: TestClient[] = await Promise.all(
      Array.from({ length: 18 }, (_unused, index) => connect[index % 3]?.() ?? connectV1(gateway)),
    );
    await Promise.all(
      clients.map(async (client, index) => {
        for (let round = 0; round < ROUNDS; round += 1) {
          const text = canary(index, round);
          const seen: Progress[] = [];
          const label = `client ${index} step `;
          const [echo, progress] = await Promise.all([
            client.call(`${server(index, round)}__echo`, { text, delayMs: delay() }),
            client.call(
              `${server(index, round + 1)}__progress`,
              { steps: 3, delayMs: delay() / 4, label },
              { onprogress: (step) => void seen.push(step) },
            ),
          ]);
          expect(firstText(echo)).toBe(text);
          expect(firstText(progress)).toBe(`done${label}`);
          expect(seen.map(({ message }) => message)).toEqual([1, 2, 3].map((n) => `${label}${n}`));
        }
      }),
    );
    await Promise.all(clients.map((client) => client.close()));
  });

  it('never see an answer that a server gives to nobody, or a second one', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_unused, index) =>
        callTool(gateway, 'old__strangers', { text: `own ${index}` }, { id: 1 }),
      ),
    );
    expect(answers.map(textOf)).toEqual(answers.map((_unused, index) => `own ${index}`));
  });

  it('never see progress for a token that nobody gave', async () => {
    const waiting = callTool(
      gateway,
      'old__echo',
      { text: 'x', delayMs: 150 },
      { id: 1, meta: { progressToken: 1 } },
    );
    await callTool(gateway, 'old__stray_progress', {}, { id: 2, meta: { progressToken: 2 } });
    const { messages } = await waiting;
    expect(messages).toHaveLength(1);
    expect(messages[0]?.id).toBe(1);
  });
});

describe('a progress token of the client', () => {
  it.each([0, 7, 'seven', ''])('comes back as it was given: %j', async (progressToken) => {
    const { messages } = await callTool(gateway, 'old__progress', { steps: 2 }, { meta: { progressToken } });
    const tokens = messages.flatMap(({ method, params }) =>
      method === 'notifications/progress' ? [params?.['progressToken']] : [],
    );
    expect(tokens).toEqual([progressToken, progressToken]);
  });

  it('is not needed', async () => {
    const { messages } = await callTool(gateway, 'old__progress', { steps: 2 });
    expect(messages).toHaveLength(1);
  });
});
