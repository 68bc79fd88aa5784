// A server with every tool, prompt and resource that the conformance suites (0.1.16 and 0.2.0-alpha.12) call by name,
// after the "Server Implementation Requirements" of their scenarios.
import { McpServer } from '@modelcontextprotocol/server';
import { addContentTools } from './fixtures/content.mjs';
import { addPrompts, addResources } from './fixtures/documents.mjs';
import { addNotifyingTools } from './fixtures/notifications.mjs';
import { toolMaker } from './fixtures/parts.mjs';
import { addClassicQuestions, addRoundTrips, requestState } from './fixtures/questions.mjs';
import { addTasks } from './fixtures/tasks.mjs';

/**
 * @param {object} options
 * @param {'legacy' | 'modern'} options.era
 * @param {() => void} [options.toolsChanged] over HTTP: tells every subscriber (on stdio the server itself does)
 * @param {() => void} [options.promptsChanged]
 */
export function buildServer({ era, toolsChanged, promptsChanged }) {
  const server = new McpServer(
    { name: 'conformance-upstream', version: '1.0.0' },
    {
      capabilities: {
        tools: { listChanged: true },
        prompts: { listChanged: true },
        resources: { subscribe: true, listChanged: true },
        logging: {},
        completions: {},
      },
      requestState: { verify: (...input) => requestState.verify(...input) },
      instructions: 'Conformance fixtures.',
    },
  );
  const tool = toolMaker(server);
  addContentTools(tool);
  addNotifyingTools(tool, server, { era, toolsChanged, promptsChanged });
  addClassicQuestions(tool);
  addRoundTrips(tool, server);
  if (era === 'modern') addTasks(tool, server);
  addResources(server);
  addPrompts(server);

  server.server.setRequestHandler('completion/complete', async () => ({
    completion: { values: [], total: 0, hasMore: false },
  }));
  for (const method of ['resources/subscribe', 'resources/unsubscribe']) {
    server.server.setRequestHandler(method, async () => ({}));
  }
  if (era === 'legacy') server.server.setRequestHandler('logging/setLevel', async () => ({}));
  return server;
}
