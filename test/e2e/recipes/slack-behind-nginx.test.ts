import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NGINX, canConnect, frontPorts, startNginx } from '../deploy/front.ts';
import { freePort } from '../../bench/free-port.ts';
import { certify } from '../../support/certificates.ts';
import { CLIENTS } from '../../support/clients.ts';
import { fetchLocally } from '../../support/https.ts';
import { eventually } from '../../support/processes.ts';
import { openRecipe } from '../../support/recipe.ts';
import { SLACK_TOKEN, startSlack } from '../../support/slack.ts';

describe.skipIf(NGINX === undefined)('examples/slack-behind-nginx (SKIPPED without nginx)', () => {
  it('everybody reads, announcers write, and both are on record', async () => {
    await using slack = await startSlack();
    const ports = await frontPorts();
    const port = await freePort();
    const ours: Record<string, string> = {
      'https://mcp.example.com': `https://mcp.example.com:${ports.https}`,
      'https://slack.com/api/': slack.url,
    };
    await using recipe = openRecipe('slack-behind-nginx', ours);
    const { cert, key, ca } = certify(recipe.home.replace(/home$/, ''), { names: ['mcp.example.com'] });
    ours['--out nginx'] =
      `--out nginx --instance 127.0.0.1:${port} --no-ipv6 --http-port ${ports.http} --https-port ${ports.https} --certificate ${cert} --key ${key} --logs .`;

    await recipe.run('sallyport secret set slack', {}, SLACK_TOKEN);
    await recipe.run('sallyport deploy nginx --out nginx');
    await recipe.up('sallyport up', port);
    const tokenOf = async (command: string): Promise<string> =>
      /sp_\S+/.exec(await recipe.run(command))?.[0] ?? '';
    const alice = await tokenOf('sallyport token create --name alice --user alice --role announcer');
    const bob = await tokenOf('sallyport token create --name bob --user bob');

    const nginx = startNginx(recipe.folder, join(recipe.folder, 'nginx'));
    try {
      await eventually('nginx listens', () => canConnect(ports.https), 20_000);
      const [, connect] = CLIENTS[0] ?? [];
      if (!connect) throw new Error('there is no client');
      const at = { endpoint: `https://mcp.example.com:${ports.https}/mcp`, fetch: fetchLocally(ca) };
      await using reader = await connect({ ...at, token: bob });
      expect((await reader.tools()).map(({ name }) => name)).not.toContain('send_message');
      expect(JSON.stringify(await reader.call('read_channel', { channel: '#general' }))).toContain('general');
      await using writer = await connect({ ...at, token: alice });
      await writer.call('send_message', { channel: '#general', text: 'The build is green.' });
      expect(slack.sent).toMatchObject([{ text: 'The build is green.' }]);
    } finally {
      await nginx.stop();
    }
    await eventually('it is recorded', async () =>
      (await recipe.run('sallyport audit search tool:send_message')).includes('alice'),
    );
    expect(await recipe.run('sallyport audit top tool')).toContain('read_channel');
    await recipe.run('sallyport audit verify');
    const log = readFileSync(join(recipe.home, 'audit', 'audit.jsonl'), 'utf8');
    expect(log).not.toContain('The build is green.');
    expect(log).not.toContain(SLACK_TOKEN);
    expect(recipe.unused()).toEqual([]);
  });
});
