import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nameOfCommand } from './command-name.ts';
import { checkServerName } from './server-name.ts';

describe('nameOfCommand', () => {
  it.each([
    ['npx -y @modelcontextprotocol/server-everything stdio', 'server-everything'],
    ['npx -y @modelcontextprotocol/server-filesystem@2026.8.31 /srv', 'server-filesystem'],
    ['npx.cmd -y @upstash/context7-mcp@latest', 'context7-mcp'],
    ['npm exec -- @scope/tool', 'tool'],
    ['pnpm dlx cowsay-mcp', 'cowsay-mcp'],
    ['bun x some-server', 'some-server'],
    ['uvx mcp-server-time --local-timezone=Europe/Paris', 'mcp-server-time'],
    ['uvx --from git+https://example.com/x mcp-git', 'mcp-git'],
    ['uv --directory /srv/weather run weather.py', 'weather'],
    ['python -m mcp_server_fetch', 'mcp_server_fetch'],
    ['/usr/bin/python3 /opt/tools/server.py', 'tools'],
    ['node /home/me/weather/dist/index.js --port 1', 'weather'],
    ['node ./server.mjs', 'server'],
    ['docker run -i --rm -e API_KEY=x -v /a:/b mcp/time:1.0', 'time'],
    ['docker run -i --rm ghcr.io/github/github-mcp-server', 'github-mcp-server'],
    ['podman run -i example.com:5000/team/image@sha256:0123', 'image'],
    ['env FOO=1 BAR=2 my-server', 'my-server'],
    ['cmd /c npx -y some-mcp', 'some-mcp'],
    [String.raw`C:\tools\thing.exe`, 'thing'],
    ['./run.sh', 'run'],
    ['한국어', 'server'],
    ['npx', 'npx'],
  ])('%s → %s', (command, name) => {
    expect(nameOfCommand(command.split(' '))).toBe(name);
  });

  it('is a good name, whatever the command', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 5 }), (argv) => {
        const name = nameOfCommand(argv);
        expect(checkServerName(name)).toEqual({ value: name });
      }),
    );
  });
});
