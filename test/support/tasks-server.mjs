// A server with the experimental tasks of 2025-11-25, made with the official SDK, on stdio.
import { InMemoryTaskMessageQueue, InMemoryTaskStore } from '@modelcontextprotocol/sdk/experimental/tasks';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { ElicitResultSchema } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';

const server = new McpServer(
  { name: 'tasks', version: '1.0.0' },
  {
    capabilities: { tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } } },
    taskStore: new InMemoryTaskStore(),
    taskMessageQueue: new InMemoryTaskMessageQueue(),
  },
);
const text = (value) => ({ content: [{ type: 'text', text: value }] });

/** A tool that is answered with a task, and ends with what `work` gives. */
function addJob(name, inputSchema, work) {
  server.experimental.tasks.registerToolTask(
    name,
    { inputSchema, execution: { taskSupport: 'required' } },
    {
      async createTask(input, extra) {
        const task = await extra.taskStore.createTask({ ttl: 60_000, pollInterval: 50 });
        void work(input, extra, task.taskId).then((result) =>
          extra.taskStore.storeTaskResult(task.taskId, 'completed', result).catch(() => {}),
        );
        return { task };
      },
      getTask: (_input, { taskId, taskStore }) => taskStore.getTask(taskId),
      getTaskResult: (_input, { taskId, taskStore }) => taskStore.getTaskResult(taskId),
    },
  );
}

addJob('wait', { ms: z.number() }, async ({ ms }) => {
  await new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
  return text(`waited in ${process.pid}`);
});
addJob('ask', { label: z.string() }, async ({ label }, { sendRequest, taskStore }, taskId) => {
  await taskStore.updateTaskStatus(taskId, 'input_required');
  const params = {
    message: label,
    requestedSchema: { type: 'object', properties: { name: { type: 'string' } } },
  };
  const related = { relatedTask: { taskId } };
  const answer = await sendRequest({ method: 'elicitation/create', params }, ElicitResultSchema, related);
  return text(JSON.stringify(answer.content));
});

await server.connect(new StdioServerTransport());
