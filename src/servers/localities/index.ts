import { McpServer, type McpServerFactory } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { apiUrl } from '../api-fetch.ts';
import { embedded } from './embedded.ts';
import { registerGetCommune } from './get-commune.ts';
import { registerListDepartments, registerListRegions } from './list-divisions.ts';
import { registerRegionSummary } from './region-summary.ts';
import { registerSearchCommunes } from './search-communes.ts';
import type { Source } from './source.ts';
import { trustyData } from './trusty-data.ts';

export const options = z.strictObject({
  apiKey: z
    .string()
    .min(1)
    .optional()
    .describe(
      'A key for the TrustyData API, best as ${secret:trustydata}. Default: TRUSTYDATA_API_KEY of the environment; without ' +
        'either, the embedded data answers',
    ),
  baseUrl: apiUrl
    .default('https://api.trustydata.app')
    .describe('Where the TrustyData API is. Without a key, nothing is asked there'),
  timeoutMs: z
    .int()
    .min(100)
    .max(60_000)
    .default(8000)
    .describe('How long the API may take, retries included, before the embedded data answers'),
});

const INSTRUCTIONS =
  'Knows the communes, departments and regions of France, with postal codes and population. Names may be written without ' +
  'accents and hyphens, and regions in English. Every answer says where its data is from, of when, and under which licence.';

/** The `localities` server, on the embedded data or on the TrustyData API with the embedded data behind it. */
export function create({ apiKey, baseUrl, timeoutMs }: z.infer<typeof options>): McpServerFactory {
  const key = apiKey ?? process.env['TRUSTYDATA_API_KEY'];
  const from: Source = key ? trustyData({ key, baseUrl, timeoutMs }, embedded) : embedded;
  return () => {
    const server = new McpServer(
      { name: 'localities', title: 'Localities of France', version: '1.0.0' },
      { instructions: INSTRUCTIONS },
    );
    registerSearchCommunes(server, from);
    registerGetCommune(server, from);
    registerListDepartments(server);
    registerListRegions(server);
    registerRegionSummary(server);
    return server;
  };
}
