import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { child, sallyport } from '../support/gateway.ts';
import { temporaryFolder } from '../support/processes.ts';

describe('sallyport doctor --bundle', () => {
  it('writes what helps, without a secret or a personal value', async () => {
    using folder = temporaryFolder();
    const secrets = [
      'hunter2-hunter2-hunter2',
      'ghp_16C7e42F292c6912E7710c838347Ae178B4a',
      'sp_from-the-environment',
    ];
    const [password, key, token] = secrets;
    const config = {
      listen: '127.0.0.1:0',
      auth: { basic: { 'marie.curie': password } },
      mcpServers: {
        child: child(),
        dead: {
          command: process.execPath,
          args: [
            '-e',
            'console.error("no mail to pierre.curie@example.org with " + process.env.API_KEY); process.exit(3)',
          ],
          env: { API_KEY: key },
        },
      },
    };
    writeFileSync(join(folder.path, 'sallyport.json'), JSON.stringify(config));
    const bundle = join(folder.path, 'support.json');
    const run = await sallyport(['doctor', '--config', 'sallyport.json', '--bundle', bundle], {
      cwd: folder.path,
      env: { HOME: folder.path, SALLYPORT_TOKEN: token ?? '' },
    });
    expect(run.code, run.stderr).toBe(1);
    const text = readFileSync(bundle, 'utf8');
    for (const hidden of [...secrets, 'marie.curie', 'pierre.curie@example.org', folder.path])
      expect(text).not.toContain(hidden);
    expect(JSON.parse(text)).toMatchObject({
      versions: { node: expect.stringMatching(/^v\d+/) },
      outcomes: expect.arrayContaining([expect.objectContaining({ name: 'servers', verdict: 'fail' })]),
      config: { auth: { basic: '(1 users)' } },
    });
    expect(text).toContain('no mail to [EMAIL_ADDRESS] with');
    expect(statSync(bundle).mode & 0o777).toBe(0o600);
  });
});
