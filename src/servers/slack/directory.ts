import { suggest } from '../../config/suggest.ts';
import type { Slack } from './api.ts';
import { refusalOf, ToolFailure } from './failure.ts';
import { collect } from './pages.ts';

/** How long names are kept: channels and people are renamed, but not every minute. */
const KEPT_MS = 5 * 60_000;
/** Channels that are looked through for a name. */
const MOST_CHANNELS = 5000;
/** People that are asked for by one call: a name is a comfort, and each costs a request. */
const MOST_LOOKUPS = 20;
const MOST_PEOPLE = 10_000;

/** A channel, as its name and id are known; the name is null where only an id was given. */
export interface ChannelRef {
  readonly id: string;
  readonly name: string | null;
}

/** Names of channels and people, kept for a while: the workspace of one token. */
export class Directory {
  #channels: { readonly ids: ReadonlyMap<string, string>; readonly until: number } | undefined;
  readonly #people = new Map<string, { readonly name: string; readonly until: number }>();

  /**
   * The channel that somebody means by "#general", "general", "C0123456789" or "<#C0123456789|general>".
   * @throws {ToolFailure} when there is none of this name
   */
  async channel(text: string, slack: Slack): Promise<ChannelRef> {
    const mentioned = /^<#([A-Z0-9]+)(?:\|([^>]*))?>$/.exec(text);
    if (mentioned?.[1] !== undefined) return { id: mentioned[1], name: mentioned[2] || null };
    if (/^[CGD][A-Z0-9]{7,20}$/.test(text)) return { id: text, name: null };
    const name = text.replace(/^#/, '').toLowerCase();
    const kept = this.#channels;
    const known = kept && kept.until > performance.now() ? kept.ids : undefined;
    // A channel may be younger than what is kept.
    const id = known?.get(name) ?? (await this.#readChannels(slack)).get(name);
    if (id !== undefined) return { id, name };
    const near = suggest(name, this.#channels?.ids.keys() ?? []);
    const hint = near === undefined ? '' : ` Did you mean #${near}?`;
    throw new ToolFailure(
      `There is no channel ${JSON.stringify(text)} that this app sees.${hint} list_channels tells which there are; a private ` +
        'one has to have the app in it.',
    );
  }

  /** The names of these people; who cannot be looked up is not in it. */
  async names(ids: ReadonlySet<string>, slack: Slack): Promise<ReadonlyMap<string, string>> {
    const now = performance.now();
    const missing = [...ids].filter((id) => (this.#people.get(id)?.until ?? 0) <= now);
    for (const id of missing.slice(0, MOST_LOOKUPS)) {
      try {
        const { user } = await slack.ask((client) => client.users.info({ user: id }));
        const name = user?.profile?.display_name || user?.real_name || user?.name;
        if (name === undefined) continue;
        if (this.#people.size >= MOST_PEOPLE) this.#people.clear();
        this.#people.set(id, { name, until: now + KEPT_MS });
      } catch (error) {
        // Without users:read, and where Slack has had enough, the ids have to do.
        if (refusalOf(error) !== 'user_not_found') break;
      }
    }
    return new Map(
      [...ids].flatMap((id) => {
        const name = this.#people.get(id)?.name;
        return name === undefined ? [] : [[id, name] as const];
      }),
    );
  }

  async #readChannels(slack: Slack): Promise<ReadonlyMap<string, string>> {
    const { items } = await readChannels(slack, { limit: MOST_CHANNELS, wanted: () => true });
    const ids = new Map(items.flatMap(({ name, id }) => (name && id ? [[name, id] as const] : [])));
    this.#channels = { ids, until: performance.now() + KEPT_MS };
    return ids;
  }
}

/** A channel as Slack tells of it, as far as it is used. */
export interface SlackChannel {
  readonly id?: string;
  readonly name?: string;
  readonly is_private?: boolean;
  readonly is_archived?: boolean;
  readonly is_member?: boolean;
  readonly num_members?: number;
  readonly topic?: { readonly value?: string };
  readonly purpose?: { readonly value?: string };
}

/** Reads channels: also private ones, where the token is for those. */
export async function readChannels(
  slack: Slack,
  {
    limit,
    cursor,
    wanted,
  }: { limit: number; cursor?: string | undefined; wanted: (channel: SlackChannel) => boolean },
): Promise<{ items: SlackChannel[]; next: string | null; publicOnly: boolean }> {
  const read = (types: string) =>
    collect<SlackChannel>(
      async (from, size) => {
        const page = await slack.ask((client) =>
          client.conversations.list({
            types,
            limit: size,
            exclude_archived: false,
            ...(from && { cursor: from }),
          }),
        );
        return { items: page.channels ?? [], next: page.response_metadata?.next_cursor };
      },
      wanted,
      limit,
      cursor,
    );
  try {
    return { ...(await read('public_channel,private_channel')), publicOnly: false };
  } catch (error) {
    if (refusalOf(error) !== 'missing_scope') throw error;
    return { ...(await read('public_channel')), publicOnly: true };
  }
}
