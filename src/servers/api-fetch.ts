import { isIP } from 'node:net';
import type { RequestInit, Response } from 'undici';
import { z } from 'zod';
import { EgressPolicy } from '../egress/policy.ts';

/** Requests to one API that the operator wrote down, through the guard. */
export type ApiFetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/** The address of an API in the options of a server: a key goes there with every request, so it is https. */
export const apiUrl = z
  .url({ protocol: /^https?$/ })
  .refine(
    (url) => URL.parse(url)?.protocol !== 'http:' || isLoopback(hostOf(url)),
    'This has to be https, since the key is sent there; http is for this machine alone.',
  )
  .refine((url) => {
    const { username, password, search, hash } = new URL(url);
    return [username, password, search, hash].every((part) => part === '');
  }, 'This has no user, password, query or fragment in it.');

/**
 * A way to the API at this address. An address that the operator wrote down is meant; a name is trusted to lead to the
 * public Internet only, since whoever owns the name decides where it leads. The library is loaded with the first request.
 * @returns rejects with `EgressError`, and with what undici throws
 */
export function apiFetch(baseUrl: string): ApiFetch {
  let loaded: Promise<ApiFetch> | undefined;
  return async (url, init) => (await (loaded ??= load(hostOf(baseUrl))))(url, init);
}

async function load(host: string): Promise<ApiFetch> {
  const [{ fetch }, { guardedAgent }] = await Promise.all([import('undici'), import('../egress/agent.ts')]);
  const meant = isIP(host) === 0 ? [] : [host];
  const policy = new EgressPolicy({ allow: isLoopback(host) ? ['127.0.0.0/8', '::1'] : meant });
  const dispatcher = guardedAgent(policy, { connections: 4, keepAliveTimeout: 1000 });
  // Whoever is asked answers himself: a redirect would take the key elsewhere.
  return (url, init) => fetch(url, { ...init, redirect: 'error', dispatcher });
}

/** @param url one that `apiUrl` has checked, or that is checked yet */
function hostOf(url: string): string {
  return URL.parse(url)?.hostname.replace(/^\[(.*)\]$/, '$1') ?? '';
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d+){3}$/.test(host);
}
