import type { Call } from '../core/call.ts';
import { isObject, type JsonObject } from '../core/json.ts';
import type { Reply } from '../core/reply.ts';

/** A task whose server names no end is forgotten after this long; and no process is kept longer for one. */
const MOST_MS = 60 * 60_000;
/** Tasks of one connection that are remembered; the oldest is forgotten first. */
const MOST = 1000;

const TERMINAL: ReadonlySet<unknown> = new Set(['completed', 'failed', 'cancelled']);

interface OpenTask {
  /** Milliseconds since 1970. */
  readonly until: number;
  working: boolean;
}

/**
 * The tasks that were made over one connection. A task of a local server lives in its process: whoever asks for it has
 * to be led there, and a process that works on one is in use although no call is under way.
 */
export class OpenTasks {
  readonly #tasks = new Map<string, OpenTask>();

  has(id: unknown): boolean {
    return typeof id === 'string' && this.#tasks.has(id);
  }

  /** Is one of them not known to be over? */
  get working(): boolean {
    if (this.#tasks.size === 0) return false;
    const now = Date.now();
    return [...this.#tasks.values()].some(({ working, until }) => working && until > now);
  }

  /** Sees in the reply to a call that a task was made, or is over. */
  learn({ method, params }: Call, reply: Reply): void {
    if (reply.kind !== 'result') return;
    if (method === 'tools/call') {
      // In the words of either era; what neither can be is not looked into.
      if (reply.resultType === 'task') this.#add(reply.body.tryParse());
      else if (params['task'] !== undefined) this.#add(reply.body.tryParse()?.['task']);
      return;
    }
    const { taskId } = params;
    if (typeof taskId !== 'string' || !method.startsWith('tasks/')) return;
    const task = this.#tasks.get(taskId);
    if (!task?.working) return;
    const isOver = method === 'tasks/result' || TERMINAL.has(reply.body.tryParse()?.['status']);
    if (isOver) task.working = false;
  }

  #add(task: unknown): void {
    if (!isObject(task) || typeof task['taskId'] !== 'string') return;
    const now = Date.now();
    this.#tasks.set(task['taskId'], { until: now + lifetime(task), working: !TERMINAL.has(task['status']) });
    for (const [id, { until }] of this.#tasks)
      if (until <= now || this.#tasks.size > MOST) this.#tasks.delete(id);
  }
}

/** How long a server keeps a task, as either era says it; null: without end. */
function lifetime({ ttlMs, ttl }: JsonObject): number {
  const said = ttlMs ?? ttl;
  return typeof said === 'number' ? Math.min(Math.max(said, 0), MOST_MS) : MOST_MS;
}
