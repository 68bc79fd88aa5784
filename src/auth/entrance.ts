import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AddressBlocks, subscriberOf } from '../config/address-block.ts';
import type { DoorRates } from '../config/rates.ts';
import type { Caller, Principal } from '../core/principal.ts';
import { RateLimiter } from '../core/rate.ts';
import { failure, type Failure } from '../core/reply.ts';
import type { Logger } from '../telemetry/log.ts';
import { bearerChallenge, endpointPath, metadataUrl } from '../wire/challenge.ts';
import { refuse } from '../wire/refuse.ts';
import type { Gate } from './gate.ts';
import { baseOf, metadataAt, type Protected } from './metadata.ts';
import { ANYBODY } from './token.ts';
import type { Refused, Verified } from './verdict.ts';

export interface EntranceOptions {
  /** Undefined: nobody has to prove anything. */
  readonly gate: Gate | undefined;
  /** The only addresses that get in. */
  readonly only?: AddressBlocks | undefined;
  /** Is HTTP Basic one of the ways? */
  readonly basic?: boolean;
  /** For those who have not proved who they are, by address, and for those who have. */
  readonly rates?: DoorRates | undefined;
  /** Present where there is somebody to get a token from. */
  readonly protected?: Protected | undefined;
  readonly publicUrl?: string | undefined;
  readonly log: Logger;
}

/** What a request asks for: an endpoint, and whose. */
export interface Asked {
  readonly scope: string | undefined;
  readonly endpoint: 'mcp' | 'sse' | 'messages';
  /** The path of a page that is no endpoint, but is as well protected. */
  readonly page?: string;
  readonly address: string | undefined;
}

/**
 * The door. Who has proved who he is, is counted as himself, wherever he comes from: the clients of a vendor share a few
 * addresses. Everybody else is counted by address, before anything costly is done for him.
 */
export class Entrance {
  readonly #options: EntranceOptions;
  readonly #byAddress: RateLimiter | undefined;
  readonly #byUser: RateLimiter | undefined;
  readonly #prefix: string;

  constructor(options: EntranceOptions) {
    this.#options = options;
    this.#prefix =
      options.publicUrl === undefined ? '' : new URL(options.publicUrl).pathname.replace(/\/$/, '');
    const { perAddress, perUser } = options.rates ?? {};
    this.#byAddress = perAddress && new RateLimiter(perAddress);
    this.#byUser = perUser && new RateLimiter(perUser);
  }

  /**
   * Finds out who calls, and calls back if he may come in; else the answer is sent.
   * What is known is known at once: `enter` is called before this returns.
   */
  admit(req: IncomingMessage, res: ServerResponse, asked: Asked, enter: (caller: Caller) => void): void {
    const { gate, only } = this.#options;
    const { address } = asked;
    if (only && !(address !== undefined && only.has(address)))
      return refuse(res, failure('address_not_allowed'));
    const { authorization } = req.headers;
    if (!gate) return this.#enter(ANYBODY, req, res, asked, enter);
    const known = authorization === undefined ? undefined : gate.recall(authorization);
    if (known) return this.#pass(known, req, res, asked, enter);
    const subscriber = address === undefined ? '' : subscriberOf(address);
    const waitMs = this.#byAddress?.take(subscriber) ?? 0;
    if (waitMs > 0) return refuse(res, tooMany(waitMs));
    if (authorization === undefined) return this.#challenge(req, res, asked);
    void gate.check(authorization).then(
      (verdict) => {
        if ('refused' in verdict) return this.#challenge(req, res, asked, verdict);
        this.#byAddress?.giveBack(subscriber);
        this.#pass(verdict, req, res, asked, enter);
      },
      (error: unknown) => {
        this.#options.log.error({ error: error instanceof Error ? error.name : 'unknown' }, 'the door broke');
        refuse(res, failure('internal_error'));
      },
    );
  }

  /**
   * Tells what the endpoints are and who gives tokens for them: to everybody, since who has no token asks for it.
   * @param path without its query
   * @returns false when there is nothing at this path
   */
  describe(req: IncomingMessage, res: ServerResponse, path: string, address: string | undefined): boolean {
    const { protected: described, publicUrl } = this.#options;
    const metadata = described && metadataAt(path, baseOf(req, publicUrl), this.#prefix, described);
    if (!metadata) return false;
    const waitMs = this.#byAddress?.take(address === undefined ? '' : subscriberOf(address)) ?? 0;
    if (waitMs > 0) refuse(res, tooMany(waitMs));
    else if (req.method !== 'GET' && req.method !== 'HEAD')
      refuse(res, failure('method_not_allowed'), { allow: 'GET, HEAD' });
    else sendJson(res, metadata);
    return true;
  }

  #pass(
    { principal, only }: Verified,
    req: IncomingMessage,
    res: ServerResponse,
    asked: Asked,
    enter: (caller: Caller) => void,
  ): void {
    if (only === undefined || only === (asked.page ?? asked.scope))
      return this.#enter(principal, req, res, asked, enter);
    this.#challenge(req, res, asked, { refused: 'invalid_token', why: 'it is for another endpoint' });
  }

  #enter(
    principal: Principal,
    req: IncomingMessage,
    res: ServerResponse,
    { address }: Asked,
    enter: (caller: Caller) => void,
  ): void {
    const waitMs = this.#byUser?.take(principal.id) ?? 0;
    if (waitMs > 0) return refuse(res, tooMany(waitMs));
    const base = this.#options.protected && baseOf(req, this.#options.publicUrl);
    enter({ principal, address, base });
  }

  /**
   * > If the request lacks any authentication information … the resource server SHOULD NOT include an error code
   * > (RFC 6750, 3.1)
   */
  #challenge(req: IncomingMessage, res: ServerResponse, { scope, endpoint }: Asked, why?: Refused): void {
    const { protected: described, publicUrl, basic, log } = this.#options;
    if (why) log.debug({ why: why.why }, 'not let in');
    const bearer = bearerChallenge({
      error: why?.refused,
      scopes: why?.scopes ?? described?.scopes,
      metadata: described && metadataUrl(baseOf(req, publicUrl) + endpointPath(scope, endpoint)),
    });
    const error = why?.refused === 'insufficient_scope' ? 'insufficient_scope' : 'unauthorized';
    refuse(res, failure(error), {
      'www-authenticate': basic ? `${bearer}, Basic realm="sallyport", charset="UTF-8"` : bearer,
    });
  }
}

function sendJson(res: ServerResponse, value: unknown): void {
  const text = JSON.stringify(value);
  res.writeHead(200, {
    'content-type': 'application/json',
    // Clients in web pages read it before they have anything to prove; there is nothing secret in it.
    ...(!res.hasHeader('access-control-allow-origin') && { 'access-control-allow-origin': '*' }),
    'cache-control': 'max-age=60',
    'content-length': Buffer.byteLength(text),
  });
  res.end(text);
}

function tooMany(waitMs: number): Failure {
  const { kind, error } = failure('rate_limited');
  return { kind, error: { ...error, retryAfter: Math.ceil(waitMs / 1000) } };
}
