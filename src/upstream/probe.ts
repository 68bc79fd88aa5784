import { isObject } from '../core/json.ts';
import { type Era, LEGACY_VERSIONS, META, MODERN_VERSION } from '../core/protocol.ts';
import { failure, type Reply } from '../core/reply.ts';
import { LegacyPeer } from './legacy.ts';
import type { Link } from './link.ts';
import { envelope, ModernPeer } from './modern.ts';
import type { Opening, Peer, Self, Times } from './peer.ts';

/** How long a server may stay silent on the modern question before it is asked the legacy one as well. */
const SILENCE_MS = 3000;

/**
 * Finds out which era a server over stdio speaks, and opens it. It is asked `server/discover` first, which a modern
 * server must answer; an error, or silence, means legacy. A server that is only slow to start loses nothing: it reads
 * the modern question first.
 *
 * @param known the era this server had before; then nothing is probed
 */
export async function open(link: Link, opening: Opening, known: Era | undefined): Promise<Peer | Reply> {
  const { self, times, pinned } = opening;
  const era = pinned?.era ?? known;
  if (era === 'legacy') return LegacyPeer.open(link, opening);
  const modern = openModern(link, self, times);
  if (era === 'modern') return modern;
  if (link.streamPerRequest) return afterwards(await modern, link, opening);
  const first = await Promise.race([modern, silence(SILENCE_MS)]);
  if (first instanceof ModernPeer) return first;
  const legacy = LegacyPeer.open(link, opening);
  if (first !== undefined) return legacy;
  // Both questions are out. Whichever is answered with a result decides.
  const answers = await Promise.race([modern, legacy]);
  if ('era' in answers) return answers;
  const [late, later] = await Promise.all([modern, legacy]);
  return 'era' in later ? later : late;
}

/**
 * Over HTTP nobody has to guess from silence: a legacy server refuses what it does not know.
 *
 * > If the request fails with a 4xx whose body is not a recognised modern error … fall back to initialize
 * > (basic/versioning)
 */
async function afterwards(modern: ModernPeer | Reply, link: Link, opening: Opening): Promise<Peer | Reply> {
  const isOver = 'era' in modern || !saysLegacy(modern);
  return isOver ? modern : LegacyPeer.open(link, opening);
}

/** HeaderMismatch and MissingRequiredClientCapability; only a modern server knows them. */
const MODERN_ERRORS: ReadonlySet<number> = new Set([-32020, -32021]);
const UNSUPPORTED_VERSION = -32022;

/** May this answer to the modern question be that of a legacy server? */
function saysLegacy(reply: Reply): boolean {
  if (reply.kind !== 'failure' || saysNothing(reply)) return false;
  const { code, data } = reply.error;
  if (code !== UNSUPPORTED_VERSION) return !MODERN_ERRORS.has(code);
  const supported = isObject(data) ? data['supported'] : undefined;
  return Array.isArray(supported) && LEGACY_VERSIONS.some((version) => supported.includes(version));
}

/** Failures that have nothing to do with what the server speaks: it cannot be reached, or wants a login first. */
const NOT_ABOUT_THE_ERA: ReadonlySet<unknown> = new Set([
  'server_unavailable',
  'server_login_required',
  'call_timeout',
]);

/** Would asking in the other era's words be answered in the same way? */
export function saysNothing(reply: Reply): boolean {
  if (reply.kind !== 'failure') return false;
  const { data } = reply.error;
  return isObject(data) && NOT_ABOUT_THE_ERA.has(data['reason']);
}

async function openModern(link: Link, self: Self, times: Times): Promise<ModernPeer | Reply> {
  const reply = await link.send({
    method: 'server/discover',
    params: () => ({ _meta: envelope({ ...self }, {}) }),
    timeoutMs: times.startMs,
  });
  if (reply.kind !== 'result') return reply;
  const said = reply.body.tryParse();
  if (!said) return failure('server_reply_invalid', 'Its answer to server/discover is no JSON object.');
  const { supportedVersions, capabilities, instructions, _meta } = said;
  if (!Array.isArray(supportedVersions) || !supportedVersions.includes(MODERN_VERSION))
    return failure('server_reply_invalid', `It supports the versions ${JSON.stringify(supportedVersions)}.`);
  const info = isObject(_meta) ? _meta[META.serverInfo] : undefined;
  return new ModernPeer(link, self, times, {
    info: isObject(info) ? info : {},
    capabilities: isObject(capabilities) ? capabilities : {},
    instructions: typeof instructions === 'string' ? instructions : undefined,
  });
}

function silence(ms: number): Promise<undefined> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(undefined), ms).unref();
  });
}
