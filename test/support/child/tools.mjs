// What the child can be told to do, good and bad.
import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';

const text = (value) => ({ content: [{ type: 'text', text: value }] });
const put = (chunk) => new Promise((resolve) => process.stdout.write(chunk, resolve));
const filler = (bytes) => 'x'.repeat(Math.max(0, bytes));

/**
 * A tool's `run` gets its arguments and `{ id, params, state }` of the request, and gives the result; undefined when it
 * has written an answer of its own, or wants to write none.
 */
export const TOOLS = new Map(
  Object.entries({
    // Well behaved.
    echo: {
      about: 'Gives back `text` after `delayMs`',
      async run({ text: value, delayMs = 0 }) {
        if (delayMs > 0) await pause(delayMs);
        return text(String(value));
      },
    },
    whoami: {
      about: 'Name, process and environment of this server',
      run: (_input, { state }) =>
        text(JSON.stringify({ name: state.name, pid: process.pid, env: process.env, argv: process.argv })),
    },
    received: {
      about: 'Every message this server was sent so far, this one included',
      run: (_input, { state }) => text(JSON.stringify(state.received)),
    },
    cancelled: {
      about: 'The ids of the requests that were cancelled',
      run: (_input, { state }) => text(JSON.stringify(state.cancelled)),
    },
    big: {
      about: 'A text of `bytes` bytes, a canary at its end',
      run: ({ bytes, canary = '' }) => text(filler(bytes - canary.length) + canary),
    },
    structured: {
      about: 'structuredContent as given',
      run: ({ value }) => ({ ...text(JSON.stringify(value)), structuredContent: value }),
    },
    progress: {
      about: 'Reports `steps` steps, if anybody asked, and `delayMs` between them',
      async run({ steps = 3, delayMs = 5, label = '' }, { params, state }) {
        const progressToken = params['_meta']?.progressToken;
        for (let progress = 1; progress <= steps; progress += 1) {
          await pause(delayMs);
          if (progressToken === undefined) continue;
          const message = `${label}${progress}`;
          state.send({
            method: 'notifications/progress',
            params: { progressToken, progress, total: steps, message },
          });
        }
        return text(`done${label}`);
      },
    },
    log: {
      about: 'Logs `data` at `level`',
      run({ level = 'info', data }, { state }) {
        state.send({ method: 'notifications/message', params: { level, logger: 'child', data } });
        return text('logged');
      },
    },
    route: {
      about: 'Gives back `region`, which requests over HTTP repeat in the header Mcp-Param-Region',
      properties: { region: { type: 'string', 'x-mcp-header': 'Region' } },
      run: ({ region }) => text(String(region)),
    },
    fail: { about: 'Fails as tools do', run: ({ message }) => ({ ...text(message), isError: true }) },
    rpc_error: {
      about: 'Answers with a JSON-RPC error',
      run({ code, message, data }) {
        throw Object.assign(new Error(message), { code, data });
      },
    },
    add_tool: {
      about: 'From now on there is a tool more, and everybody is told',
      run({ name }, { state }) {
        state.extraTools.push(name);
        state.send({ method: 'notifications/tools/list_changed' });
        return text('added');
      },
    },
    ask: {
      about: 'Sends the client the request `method` and gives back what comes',
      run({ method, params }, { state }) {
        const id = `ask-${state.asked.size}`;
        state.send({ id, method, params });
        return new Promise((resolve) => {
          state.asked.set(id, ({ result, error }) => resolve(text(JSON.stringify({ result, error }))));
        });
      },
    },
    grandchild: {
      about: 'Starts a process that outlives everything but the end of its group',
      run: () => text(String(spawn('sleep', ['600'], { stdio: 'ignore' }).pid)),
    },

    // Badly behaved.
    hang: { about: 'Never answers', run: () => undefined },
    crash: {
      about: 'Prints `message` and ends',
      run({ message = 'crashed' }) {
        process.stderr.write(`${message}\n`, () => process.exit(3));
      },
    },
    stderr: {
      about: 'Prints `lines` lines of `width` on stderr, starting with `text`',
      run({ text: first = '', lines = 1, width = 80 }) {
        process.stderr.write(`${first}\n`);
        for (let line = 1; line < lines; line += 1) process.stderr.write(`${filler(width)}\n`);
        return text('printed');
      },
    },
    stderr_without_end: {
      about: 'Prints `bytes` on stderr without a line end',
      run({ bytes }) {
        process.stderr.write(filler(bytes));
        return text('printed');
      },
    },
    junk: {
      about: 'Prints lines that are no messages, then answers',
      run(_input, { state }) {
        for (const line of ['debug: working…', '', '{}', '[1]', 'null', '{"id":', '"text"'])
          state.write(line);
        return text('after junk');
      },
    },
    tail_id: {
      about: 'Answers with the id behind the result',
      run({ bytes = 10 }, { id, state }) {
        state.write(JSON.stringify({ result: text(filler(bytes)), jsonrpc: '2.0', id }));
      },
    },
    decoy_ids: {
      about: 'Answers with things that look like ids all over the result',
      run({ bytes = 10 }, { id, state }) {
        const decoys = {
          id: 1,
          note: '"id":2,"jsonrpc":"2.0"',
          inner: { jsonrpc: '2.0', id: 3, result: {} },
        };
        const result = { ...text(filler(bytes)), structuredContent: decoys };
        state.write(
          `{ "result" : ${JSON.stringify(result)} ,\t"id" : ${JSON.stringify(id)}, "jsonrpc":"2.0" }`,
        );
      },
    },
    strangers: {
      about: 'Answers requests that nobody sent, and its own twice',
      run({ text: value = 'right' }, { id, state }) {
        for (const other of [0, -1, 999_999_999, 'a', null, {}, 1.5]) {
          state.send({ id: other, result: text('for nobody') });
        }
        state.send({ id, result: text(value) });
        state.send({ id, result: text('again') });
      },
    },
    stray_progress: {
      about: 'Progress for tokens that nobody gave',
      run(_input, { state }) {
        for (const progressToken of [0, 1, 2, 3, 'a', '__proto__']) {
          state.send({ method: 'notifications/progress', params: { progressToken, progress: 1 } });
        }
        return text('sent');
      },
    },
    neither: {
      about: 'Answers with neither result nor error',
      run: (_input, { id, state }) => void state.send({ id }),
    },
    raw: {
      about: 'Answers with `line`, in which ID stands for the id of the request',
      run: ({ line }, { id, state }) => void state.write(line.replaceAll('ID', JSON.stringify(id))),
    },
    flood_line: {
      about: 'A line of `bytes` bytes, in pieces; an answer in form when `ended`, without an end otherwise',
      async run({ bytes, ended = true }, { id }) {
        const piece = filler(1024 * 1024);
        await put(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{"content":[{"type":"text","text":"`);
        for (let left = bytes; left > 0; left -= piece.length) await put(piece.slice(0, left));
        if (ended) await put('"}]}}\n');
      },
    },
  }),
);

/** The list entries, with those that `add_tool` added. */
export function toolsOf(state) {
  const inputSchema = { type: 'object' };
  const own = [...TOOLS].map(([name, { about, properties }]) => ({
    name,
    description: about,
    inputSchema: properties ? { ...inputSchema, properties } : inputSchema,
  }));
  return [...own, ...state.extraTools.map((name) => ({ name, inputSchema }))];
}
