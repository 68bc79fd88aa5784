import { configOf, readmeOf, type Template } from './template.ts';

/** The versions that these files are written for: those this Sallyport is built with. */
export const PACKAGES = {
  '@modelcontextprotocol/server': '^2.4.0',
  '@modelcontextprotocol/client': '^2.4.0',
  zod: '^4.6.7',
} as const;

/** A server in TypeScript that Node runs as it is, without a build. */
export const typescript: Template = {
  command: 'node',
  args: ['server.ts'],
  prepare: ['npm install'],
  test: 'npm test',
  files: (name) => [
    ['server.ts', server(name)],
    ['server.test.ts', TEST],
    ['package.json', manifest(name)],
    ['tsconfig.json', TSCONFIG],
    ['Dockerfile', DOCKERFILE],
    ['.dockerignore', 'node_modules\n'],
    ['.gitignore', 'node_modules/\n'],
    configOf(name, typescript),
    readmeOf(name, typescript, 'server.ts'),
  ],
};

function server(name: string): string {
  return `import { McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { z } from 'zod';

/** Makes the server: one for each connection. */
function create(): McpServer {
  const server = new McpServer({ name: '${name}', version: '0.1.0' });

  server.registerTool(
    'count_words',
    {
      title: 'Count words',
      description: 'Counts the words and characters of a text.',
      inputSchema: z.strictObject({
        text: z.string().max(100_000).describe('The text'),
      }),
      outputSchema: z.object({ words: z.int(), characters: z.int() }),
      // It looks at what it is given and changes nothing.
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    ({ text }) => {
      const output = {
        words: text.split(/\\s+/u).filter((word) => word !== '').length,
        characters: [...text].length,
      };
      return {
        structuredContent: output,
        // For clients that do not read the structure.
        content: [{ type: 'text', text: JSON.stringify(output) }],
      };
    },
  );

  return server;
}

// Messages go over stdin and stdout: print anything else with console.error.
serveStdio(create);
`;
}

const TEST = `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

test('count_words counts words and characters', async () => {
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(new StdioClientTransport({ command: process.execPath, args: ['server.ts'] }));
  try {
    const result = await client.callTool({ name: 'count_words', arguments: { text: 'one two  three' } });
    assert.deepEqual(result.structuredContent, { words: 3, characters: 14 });
  } finally {
    await client.close();
  }
});
`;

function manifest(name: string): string {
  const { '@modelcontextprotocol/client': client, ...dependencies } = PACKAGES;
  return `${JSON.stringify(
    {
      name,
      version: '0.1.0',
      private: true,
      type: 'module',
      scripts: { start: 'node server.ts', test: 'node --test', check: 'tsc' },
      dependencies,
      devDependencies: {
        '@modelcontextprotocol/client': client,
        '@types/node': '^24.0.0',
        typescript: '^7.0.2',
      },
      engines: { node: '>=22.18' },
    },
    null,
    2,
  )}\n`;
}

const TSCONFIG = `${JSON.stringify(
  {
    compilerOptions: {
      target: 'es2024',
      module: 'nodenext',
      types: ['node'],
      strict: true,
      noUncheckedIndexedAccess: true,
      erasableSyntaxOnly: true,
      verbatimModuleSyntax: true,
      skipLibCheck: true,
      noEmit: true,
    },
  },
  null,
  2,
)}\n`;

const DOCKERFILE = `FROM node:24-slim
WORKDIR /app
COPY package.json package-lock.json* ./
# No script of a package runs: a server needs none, and one of a stranger's package may do anything.
RUN npm install --omit=dev --ignore-scripts --no-audit --no-fund
COPY server.ts ./
USER node
ENTRYPOINT ["node", "server.ts"]
`;
