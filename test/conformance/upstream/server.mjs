// The server behind the gateway in a conformance run.
//   node server.mjs stdio [--era both|legacy|modern]                both eras on one pipe, or only one of them
//   node server.mjs http  [--era both|legacy|modern] [--port N]     POST, GET, DELETE /mcp
//   node server.mjs sse   [--port N]                                2024-11-05: GET /sse, POST /messages
import { parseArgs } from 'node:util';
import { buildServer } from './fixtures.mjs';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { era: { type: 'string', default: 'both' }, port: { type: 'string', default: '0' } },
});
const { era } = values;
const port = Number(values.port);

switch (positionals[0]) {
  case 'stdio': {
    const { serveStdio, StdioServerTransport } = await import('@modelcontextprotocol/server/stdio');
    // A plain server of 2025, which has never heard of server/discover.
    if (era === 'legacy') await buildServer({ era }).connect(new StdioServerTransport());
    else
      serveStdio((context) => buildServer({ era: context.era }), {
        legacy: era === 'modern' ? 'reject' : 'serve',
      });
    break;
  }
  case 'http': {
    const { serveHttp } = await import('./http.mjs');
    serveHttp({ era, port });
    break;
  }
  case 'sse': {
    const { serveSse } = await import('./sse.mjs');
    serveSse({ port });
    break;
  }
  default:
    console.error('Say how to serve: stdio, http or sse.');
    process.exit(2);
}
