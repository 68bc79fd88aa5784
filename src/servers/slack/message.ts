import { z } from 'zod';

/** Characters of a message that are returned. */
const MOST_CHARACTERS = 8000;

export const messageOutput = z.object({
  ts: z.string().describe('Which message it is, for thread_ts'),
  time: z.string().nullable().describe('When it was sent, ISO 8601'),
  user: z.object({ id: z.string().nullable(), name: z.string().nullable() }).describe('Who sent it'),
  text: z.string().describe('Cut after 8,000 characters'),
});

export type MessageOutput = z.infer<typeof messageOutput>;

/** A message as Slack tells of it, as far as it is used. */
export interface SlackMessage {
  readonly ts?: string;
  readonly user?: string;
  readonly username?: string;
  readonly bot_id?: string;
  readonly text?: string;
}

/** @param names of people, by id */
export function asOutput(message: SlackMessage, names: ReadonlyMap<string, string>): MessageOutput {
  const { ts = '', user, username, bot_id: bot, text = '' } = message;
  return {
    ts,
    time: timeOf(ts),
    user: { id: user ?? bot ?? null, name: names.get(user ?? '') ?? username ?? null },
    text: text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text,
  };
}

/** The ids of who sent them. */
export function sendersOf(messages: readonly SlackMessage[]): Set<string> {
  return new Set(messages.flatMap(({ user }) => user ?? []));
}

/** A ts is a time in seconds with a number behind the point that tells messages of the same second apart. */
function timeOf(ts: string): string | null {
  const seconds = Number(ts);
  return Number.isFinite(seconds) && seconds > 0 && seconds < 1e11
    ? new Date(seconds * 1000).toISOString()
    : null;
}
