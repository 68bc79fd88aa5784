import { setTimeout as pause } from 'node:timers/promises';
import { createSecureContext } from 'node:tls';
import type { Authorization, Client, Order } from 'acme-client';
import type { ChallengeType } from '../../../config/tls.ts';
import type { Answers } from './answers.ts';
import { adviceFor, AcmeError, problemOf } from './problem.ts';
import type { AcmeHttp } from './http.ts';

/** A certificate and its key, in PEM. */
export interface Ordered {
  readonly cert: string;
  readonly key: string;
}

export interface OrderOptions {
  readonly domain: string;
  readonly challenge: ChallengeType;
  readonly answers: Answers;
  readonly http: AcmeHttp;
  readonly signal: AbortSignal;
}

/** How long an authority may take to look, or to sign; and how often it is asked, when it does not say. */
const PATIENCE_MS = 180_000;
const ASK_MS = 1000;
const MOST_MS = 15_000;

/**
 * Orders one certificate: proves that the name is ours, has a new key signed, fetches what was made (RFC 8555, section
 * 7.4).
 * @throws {AcmeError} and whatever the library throws
 */
export async function orderCertificate(client: Client, options: OrderOptions): Promise<Ordered> {
  const { domain, http } = options;
  const order = await client.createOrder({ identifiers: [{ type: 'dns', value: domain }] });
  for (const authorization of await client.getAuthorizations(order))
    if (authorization.status !== 'valid') await prove(client, order, authorization, options);
  // A key is as young as its certificate: one that was copied somewhere is worth nothing after the next renewal.
  const key = await http.crypto.createPrivateEcdsaKey('P-256');
  const [, request] = await http.crypto.createCsr({ commonName: domain, altNames: [domain] }, key);
  await client.finalizeOrder(order, request);
  const finished = await until(options, async () => {
    const now = await client.getOrder(order);
    if (now.status === 'invalid')
      throw new AcmeError(
        `The authority did not sign: ${problemOf(now.error)?.detail ?? 'it does not say why'}`,
      );
    return now.status === 'valid' ? now : undefined;
  });
  return { cert: await client.getCertificate(finished), key: key.toString('utf8') };
}

async function prove(
  client: Client,
  order: Order,
  authorization: Authorization,
  options: OrderOptions,
): Promise<void> {
  const { domain, challenge: type } = options;
  const challenge = authorization.challenges.find(
    ({ type: offered }: { readonly type: string }) => offered === type,
  );
  if (!challenge) throw new AcmeError(`The authority does not offer ${type} for ${domain}.`);
  const keyAuthorization = await client.getChallengeKeyAuthorization(challenge);
  const takeBack = await answerTo(authorization, challenge.token, keyAuthorization, options);
  try {
    await client.completeChallenge(challenge);
    await until(options, async () => {
      const all = await client.getAuthorizations(order);
      return isProven(
        all.find(({ url }) => url === authorization.url),
        challenge.url,
        options,
      );
    });
  } finally {
    takeBack();
  }
}

/** @throws {AcmeError} with what the authority found instead */
function isProven(
  authorization: Authorization | undefined,
  challengeUrl: string,
  { domain, challenge: type }: OrderOptions,
): true | undefined {
  if (authorization?.status === 'pending') return undefined;
  if (authorization?.status === 'valid') return true;
  const problem = problemOf(authorization?.challenges.find(({ url }) => url === challengeUrl)?.error);
  if (!problem) throw new AcmeError(`The authority does not believe that ${domain} is ours.`);
  throw new AcmeError(
    `The authority looked for ${domain} (${type}): ${problem.detail} ${adviceFor(problem, domain, type)}`.trim(),
  );
}

/** @returns takes the answer back */
async function answerTo(
  authorization: Authorization,
  token: string,
  keyAuthorization: string,
  { domain, challenge, answers, http }: OrderOptions,
): Promise<() => void> {
  if (challenge === 'http-01') return answers.addHttp(token, keyAuthorization);
  const own = await http.crypto.createPrivateEcdsaKey('P-256');
  const [key, cert] = await http.crypto.createAlpnCertificate(authorization, keyAuthorization, own);
  return answers.addTls(domain, createSecureContext({ key, cert }));
}

/** Asks until there is an answer, as often as the authority wants to be asked (RFC 8555, section 7.5.1). */
async function until<T>({ signal, http }: OrderOptions, ask: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new AcmeError('The authority takes too long to answer.');
    await pause(Math.min(http.retryAfterMs ?? ASK_MS, MOST_MS), undefined, { signal });
  }
}
