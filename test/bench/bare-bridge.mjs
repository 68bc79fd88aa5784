/**
 * The limit: `node:http` to one stdio child with no checks at all. No authentication, no host or origin check, no
 * limits, no errors, no notifications. What every other candidate does, it does on top of this.
 *
 *     PORT=8080 node bare-bridge.mjs COMMAND [ARGUMENTS…]
 *
 * SESSIONS=1 gives each `initialize` a session, for the memory of idle sessions.
 *
 * Plain JavaScript, so that its start is not slowed by taking types away. Its way of working stays as it is, so that
 * figures compare over time: the body is parsed once, ids live in slots, stdin is written once a tick, small answers
 * are spliced as strings, large ones are passed on in the chunks they came in.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';

const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const BACKSLASH = 92;
const SPACE = 32;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const NEWLINE = 10;

/** How the answers of a well-behaved child begin; the id follows. */
const ANSWER_START = '{"jsonrpc":"2.0","id":';

/** Where the id of the last `findId` stands. One array for all calls, since an array for each is garbage. */
const idSpan = [0, 0];

/** Finds the value of the top-level member `id`. */
function findId(bytes) {
  const length = bytes.length;
  let depth = 0;
  let i = 0;
  while (i < length) {
    const byte = bytes[i];
    if (byte === QUOTE) {
      i += 1;
      const start = i;
      i = endOfString(bytes, i);
      const isId = depth === 1 && i - start === 2 && bytes[start] === 105 && bytes[start + 1] === 100;
      i += 1;
      if (isId && findValue(bytes, i)) return true;
      continue;
    }
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth += 1;
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth -= 1;
    i += 1;
  }
  return false;
}

function findValue(bytes, afterKey) {
  let i = afterKey;
  while (bytes[i] === SPACE) i += 1;
  if (bytes[i] !== COLON) return false;
  i += 1;
  while (bytes[i] === SPACE) i += 1;
  idSpan[0] = i;
  if (bytes[i] === QUOTE) i = endOfString(bytes, i + 1) + 1;
  else while (bytes[i] !== COMMA && bytes[i] !== CLOSE_BRACE && bytes[i] !== SPACE) i += 1;
  idSpan[1] = i;
  return true;
}

function endOfString(bytes, start) {
  let i = start;
  while (bytes[i] !== QUOTE) i += bytes[i] === BACKSLASH ? 2 : 1;
  return i;
}

/**
 * Requests in flight: slots and a free list. A Map with growing keys is rehashed again and again, and each dead table
 * keeps what it held alive until the next full collection.
 */
class Slots {
  entries = [];
  free = [];
  generation = 0;

  add(entry) {
    let slot = this.free.pop();
    if (slot === undefined) {
      slot = this.entries.length;
      this.entries.push(null);
    }
    this.generation = (this.generation + 1) & 0x7fff;
    entry.wireId = (this.generation << 16) | slot;
    this.entries[slot] = entry;
    return entry.wireId;
  }

  take(wireId) {
    const slot = wireId & 0xffff;
    const entry = this.entries[slot];
    if (!entry || entry.wireId !== wireId) return undefined;
    this.entries[slot] = null;
    this.free.push(slot);
    return entry;
  }
}

class Child {
  pending = new Slots();
  outgoing = '';
  flushArmed = false;
  /** Chunks of a line whose end has not come yet, and their bytes. */
  chunks = [];
  size = 0;

  constructor([command, ...args]) {
    this.process = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.process.stdout.on('data', (chunk) => this.read(chunk));
  }

  send(line) {
    this.outgoing += line;
    if (this.flushArmed) return;
    this.flushArmed = true;
    setImmediate(this.flush);
  }

  flush = () => {
    this.flushArmed = false;
    const lines = this.outgoing;
    this.outgoing = '';
    this.process.stdin.write(lines, 'latin1');
  };

  read(chunk) {
    let start = 0;
    let newline = chunk.indexOf(NEWLINE);
    while (newline >= 0) {
      if (this.chunks.length > 0) {
        this.chunks.push(chunk.subarray(start, newline));
        const chunks = this.chunks;
        const size = this.size + newline - start;
        this.chunks = [];
        this.size = 0;
        this.answerInChunks(chunks, size);
      } else {
        this.answer(chunk, start, newline);
      }
      start = newline + 1;
      newline = chunk.indexOf(NEWLINE, start);
    }
    if (start < chunk.length) {
      const rest = start > 0 ? chunk.subarray(start) : chunk;
      this.chunks.push(rest);
      this.size += rest.length;
    }
  }

  /** A line that lies within one chunk: spliced as a string. */
  answer(chunk, start, end) {
    const line = chunk.latin1Slice(start, end);
    let idStart;
    let idEnd;
    if (line.startsWith(ANSWER_START)) {
      idStart = ANSWER_START.length;
      idEnd = line.indexOf(',', idStart);
    } else {
      const match = /,"id":(\d+)\}$/.exec(line);
      if (!match) return;
      idEnd = line.length - 1;
      idStart = idEnd - match[1].length;
    }
    const entry = this.pending.take(+line.slice(idStart, idEnd));
    if (!entry) return;
    const body = line.slice(0, idStart) + entry.id + line.slice(idEnd);
    entry.response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
    entry.response.end(body, 'latin1');
  }

  /** A longer line: only the bytes of the id change, the chunks go out as they came in. */
  answerInChunks(received, size) {
    let chunks = received;
    const head = chunks[0].latin1Slice(0, Math.min(48, chunks[0].length));
    let idStart = ANSWER_START.length;
    let idEnd = head.startsWith(ANSWER_START) ? head.indexOf(',', idStart) : -1;
    // Another shape, or a first chunk that ends before the id does.
    if (idEnd < 0) {
      const whole = Buffer.concat(chunks, size);
      const match = /,"id":(\d+)\}$/.exec(whole.latin1Slice(Math.max(0, size - 40)));
      if (match) {
        idEnd = size - 1;
        idStart = idEnd - match[1].length;
      } else if (findId(whole)) [idStart, idEnd] = idSpan;
      else return;
      chunks = [whole];
    }
    const first = chunks[0];
    const entry = this.pending.take(+first.latin1Slice(idStart, idEnd));
    if (!entry) return;
    const { response } = entry;
    const length = size - (idEnd - idStart) + entry.id.length;
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': length });
    response.cork();
    response.write(first.subarray(0, idStart));
    response.write(entry.id, 'latin1');
    response.write(first.subarray(idEnd));
    for (let i = 1; i < chunks.length; i += 1) response.write(chunks[i]);
    response.end();
  }
}

const child = new Child(process.argv.slice(2));
const sessions = process.env.SESSIONS === '1' ? new Map() : undefined;

function handle(body, request, response) {
  const message = JSON.parse(body);
  if (sessions && message.method === 'initialize') {
    const id = randomUUID();
    sessions.set(id, { id, lastUsed: Date.now() });
    response.setHeader('mcp-session-id', id);
  }
  const sessionId = request.headers['mcp-session-id'];
  if (sessionId) {
    const session = sessions?.get(sessionId);
    if (!session) {
      response.writeHead(404).end();
      return;
    }
    session.lastUsed = Date.now();
  }
  if (message.id === undefined || !findId(body)) {
    child.send(`${body.latin1Slice()}\n`);
    response.writeHead(202).end();
    return;
  }
  const [start, end] = idSpan;
  const wireId = child.pending.add({ response, id: body.latin1Slice(start, end), wireId: 0 });
  child.send(`${body.latin1Slice(0, start)}${wireId}${body.latin1Slice(end)}\n`);
}

const server = createServer((request, response) => {
  let first;
  let all;
  request.on('data', (chunk) => {
    if (!first) first = chunk;
    else (all ??= [first]).push(chunk);
  });
  request.on('end', () => handle(all ? Buffer.concat(all) : first, request, response));
});
server.keepAliveTimeout = 60_000;
server.listen(Number(process.env.PORT), '127.0.0.1');
// A clean exit, so that --cpu-prof writes its file.
process.on('SIGTERM', () => process.exit(0));
