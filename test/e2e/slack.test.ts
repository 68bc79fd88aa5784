import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sallyport, startGateway } from '../support/gateway.ts';
import { callTool, modern, textOf } from '../support/http.ts';
import { temporaryFolder } from '../support/processes.ts';
import { SLACK_TOKEN, startSlack } from '../support/slack.ts';

describe('the slack server in a gateway', () => {
  it('reads the last messages of #general and sends, with a token that only the secret store and Slack see', async () => {
    await using slack = await startSlack();
    using folder = temporaryFolder();
    const env = { SALLYPORT_HOME: join(folder.path, 'home') };
    expect((await sallyport(['secret', 'set', 'slack'], { env, input: SLACK_TOKEN })).code).toBe(0);
    const options = { token: '${secret:slack}', slackApiUrl: slack.url };
    await using gateway = await startGateway({
      config: {
        mcpServers: {
          slack: { builtin: 'slack', options },
          reader: { builtin: 'slack', options: { ...options, readOnly: true } },
        },
      },
      env,
    });

    const { last: listed } = await modern(gateway, 'tools/list');
    const { tools } = listed.result as { tools: { name: string }[] };
    const names = tools.map(({ name }) => name);
    expect(names).toContain('slack__send_message');
    expect(names).toContain('reader__read_channel');
    expect(names).not.toContain('reader__send_message');

    const read = await callTool(gateway, 'slack__read_channel', { channel: '#general', limit: 2 });
    expect(read.last.result).toMatchObject({
      structuredContent: {
        messages: [{ text: 'message 5' }, { text: 'message 6', user: { name: 'minji' } }],
      },
    });
    const sent = await callTool(gateway, 'slack__send_message', {
      channel: 'general',
      text: 'from the gateway',
    });
    expect(sent.last.result?.['isError']).toBeUndefined();
    expect(slack.sent).toMatchObject([{ channel: 'C00000001', text: 'from the gateway' }]);

    const withoutIt = await callTool(gateway, 'reader__send_message', {
      channel: 'general',
      text: 'not this',
    });
    expect(withoutIt.last.result).toBeUndefined();
    expect(withoutIt.last.error?.code).toBe(-32602);
    expect(slack.sent).toHaveLength(1);

    slack.refuse('conversations.history', 'not_in_channel');
    const refused = await callTool(gateway, 'slack__read_channel', { channel: 'general' });
    expect(refused.last.result).toMatchObject({ isError: true });
    expect(textOf(refused)).toContain('/invite');
    const shown = [read, sent, refused].map(({ text }) => text).join('');
    expect(shown + gateway.program.stdout() + gateway.program.stderr()).not.toContain('hunter2');
  });

  it('does not start without a token, and says what to do', async () => {
    const { code, stderr } = await sallyport(['server', 'slack']);
    expect(code).toBe(1);
    expect(stderr).toContain('sallyport secret set slack');
  });
});
