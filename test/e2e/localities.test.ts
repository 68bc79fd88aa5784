import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sallyport, startGateway } from '../support/gateway.ts';
import { callTool, textOf } from '../support/http.ts';
import { SALLYPORT, temporaryFolder } from '../support/processes.ts';

const QUERIES = [
  { region: 'Brittany', population_min: 50_000 },
  { name: 'saint etienne' },
  { name: 'ville', sort: 'name' },
  { sort: 'population_asc' },
  { department: 'Finistère', sort: 'name' },
];
const BRETONS = { region: 'Brittany', population_min: 50_000 };

interface Answer {
  communes: { name: string; population: number }[];
  total: number;
  note: string | null;
  source: { name: string; licence: string };
}

describe('the localities server in a gateway', () => {
  it('knows the communes over 50,000 people in Brittany', async () => {
    await using gateway = await startGateway({
      config: { mcpServers: { communes: { builtin: 'localities' } } },
    });
    const answer = await callTool(gateway, 'search_communes', BRETONS);
    const result = answer.last.result?.['structuredContent'] as Answer;
    expect(result.communes.map(({ name }) => name)).toEqual([
      'Rennes',
      'Brest',
      'Quimper',
      'Lorient',
      'Vannes',
    ]);
    for (const { population } of result.communes) expect(population).toBeGreaterThan(50_000);
    expect(result).toMatchObject({
      total: 5,
      note: null,
      source: { licence: expect.stringContaining('Licence Ouverte') as string },
    });

    const misspelt = await callTool(gateway, 'search_communes', { region: 'Britanny' });
    expect(misspelt.last.result).toMatchObject({ isError: true });
    expect(textOf(misspelt)).toContain('There is no region');
  });

  it('asks the TrustyData API where there is a key for it, and shows the key to nobody', async () => {
    const authorizations: (string | undefined)[] = [];
    const api = createServer((request, response) => {
      authorizations.push(request.headers.authorization);
      if (authorizations.length > 1) {
        response.writeHead(401).end('{}');
        return;
      }
      const choices = [
        {
          nom_commune: 'Rennes',
          cog: { insee: '35238' },
          population: [{ periode: '2024', municipale: 240_000 }],
        },
      ];
      response.end(JSON.stringify({ status: 'OK', count: 1, choices }));
    }).listen(0, '127.0.0.1');
    await once(api, 'listening');
    onTestFinished(() => {
      api.closeAllConnections();
      api.close();
    });
    const { port } = api.address() as AddressInfo;
    await using gateway = await startGateway({
      config: {
        mcpServers: { communes: { builtin: 'localities', options: { baseUrl: `http://127.0.0.1:${port}` } } },
      },
      env: { TRUSTYDATA_API_KEY: 'k3y-hunter2' },
    });
    const ask = async (): Promise<Answer> => {
      const answer = await callTool(gateway, 'search_communes', BRETONS);
      expect(answer.text).not.toContain('hunter2');
      return answer.last.result?.['structuredContent'] as Answer;
    };
    expect(await ask()).toMatchObject({ communes: [{ name: 'Rennes', population: 240_000 }], note: null });
    expect(await ask()).toMatchObject({
      total: 5,
      note: expect.stringContaining('refused the key (401)') as string,
    });
    expect(authorizations).toEqual(['Bearer k3y-hunter2', 'Bearer k3y-hunter2']);
    expect(gateway.program.stdout() + gateway.program.stderr()).not.toContain('hunter2');
  });

  it('speaks MCP alone on stdio, answers within 5 ms, and is in the list with the others', async () => {
    const { stdout } = await sallyport(['server', '--list']);
    for (const name of ['net', 'localities', 'oauth', 'security', 'slack'])
      expect(stdout).toMatch(new RegExp(`^${name} +\\S.{10,100}\\.$`, 'm'));
    using folder = temporaryFolder();
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [SALLYPORT, 'server', 'localities'],
      cwd: folder.path,
    });
    const client = new Client({ name: 'test', version: '1' });
    await client.connect(transport);
    onTestFinished(() => client.close());
    const { structuredContent } = await client.callTool({
      name: 'get_commune',
      arguments: { code: '2a004' },
    });
    expect(structuredContent).toMatchObject({ commune: { name: 'Ajaccio', region: { name: 'Corse' } } });
    // The data is there now. The best of many, client and pipe included: other tests run beside this one.
    for (const input of QUERIES) {
      const times: number[] = [];
      for (let round = 0; round < 50; round += 1) {
        const before = performance.now();
        await client.callTool({ name: 'search_communes', arguments: input });
        times.push(performance.now() - before);
      }
      expect(Math.min(...times), JSON.stringify(input)).toBeLessThan(5);
    }
  });
});
