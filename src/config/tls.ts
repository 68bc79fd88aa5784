import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { domainToASCII } from 'node:url';
import { z } from 'zod';
import { readable, reading } from './fields.ts';
import { checkListen, DEFAULT_LISTEN, isHost, type Listen, parseListen, type Reading } from './units.ts';
import { parseServerUrl } from './web-names.ts';

/** Where to listen, and whether what is spoken there is encrypted. */
export interface ListenConfig extends Listen {
  readonly tls?: TlsConfig | undefined;
}

/** TLS of the gateway's own: certificates from an authority, or from files. */
export interface TlsConfig {
  readonly acme?: AcmeConfig | undefined;
  /** Empty with `acme`. The first is for whoever names no host. */
  readonly certificates: readonly CertificateFiles[];
  /** Where http is answered with the way to https. Undefined: nowhere. */
  readonly redirect: Listen | undefined;
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  readonly hsts: boolean;
}
export type CertificateFiles = z.output<typeof certificateFiles>;
export type AcmeConfig = z.output<typeof acme>;
export type ChallengeType = NonNullable<AcmeConfig['challenge']>;

/** Let's Encrypt (RFC 8555, section 7.1.1: the one address that a client has to know). */
const LETS_ENCRYPT = 'https://acme-v02.api.letsencrypt.org/directory';
const HTTPS_PORT = 443;
const HTTP_PORT = 80;

const certificateFiles = z.strictObject({
  cert: z.string().describe('The certificate and those between it and the root, in PEM.'),
  key: z.string().describe('Its private key, in PEM; for its owner only.'),
});

const acme = z.strictObject({
  domains: z
    .array(z.string().transform(reading(parseDomain)))
    .min(1)
    .max(100)
    .transform((names) => [...new Set(names)])
    .describe('The names of this gateway. Each gets a certificate of its own.'),
  email: z.email().optional().describe('Where the authority may write to.'),
  directory: z
    .string()
    .transform(reading(parseServerUrl))
    .check(
      readable((url) =>
        url.startsWith('https:') ? { value: url } : { problem: 'A directory begins with https://.' },
      ),
    )
    .default(LETS_ENCRYPT)
    .describe("The authority's directory. Default: that of Let's Encrypt."),
  termsAgreed: z
    .literal(true)
    .describe('true: you have read the terms of the authority, and agree. They are at its directory.'),
  ca: z
    .string()
    .optional()
    .describe("Certificates that the directory's own is checked with, for an authority of one's own."),
  challenge: z
    .enum(['http-01', 'tls-alpn-01'])
    .optional()
    .describe(
      'How the authority looks whose name it is: at port 80, or at port 443. Default: at 80 where http is answered, then at 443.',
    ),
});

const tls = z
  .strictObject({
    acme: acme.optional().describe('Certificates from an authority, ordered and renewed by the gateway.'),
    ...certificateFiles.partial().shape,
    certificates: z
      .array(certificateFiles)
      .min(1)
      .optional()
      .describe('Several of them: each is for the names that stand in it.'),
    redirect: z
      .union([z.literal(false), z.string().transform(reading(parseListen))])
      .optional()
      .describe(
        'Where http is answered with the way to https: HOST:PORT. Default: port 80, where it is 443.',
      ),
    minVersion: z.enum(['TLSv1.2', 'TLSv1.3']).default('TLSv1.2').describe('The oldest that is spoken.'),
    hsts: z
      .boolean()
      .default(true)
      .describe('Tells browsers that there is only https at this host, at whatever port.'),
  })
  .check(
    readable(({ acme: authority, cert, key, certificates }) => {
      const ways = [authority, cert ?? key, certificates].filter((way) => way !== undefined);
      if (ways.length !== 1)
        return {
          problem: 'TLS needs its certificates from one place.',
          hint: 'Either acme, or cert and key, or certificates.',
        };
      return (cert === undefined) === (key === undefined)
        ? { value: undefined }
        : { problem: 'cert and key stand together.' };
    }),
  )
  .optional()
  .describe('TLS of its own: tls.md.');

/** `listen` as a map. */
export const listenMap = z
  .strictObject({
    host: z.string().default(DEFAULT_LISTEN.host).describe('A name or an IP address.'),
    port: z.int().optional().describe('0 lets the system choose. Default: 8080, and with tls 443.'),
    tls,
  })
  .transform(
    reading(({ host, port, tls: own }): Reading<ListenConfig> => {
      const listen = { host, port: port ?? (own ? HTTPS_PORT : DEFAULT_LISTEN.port) };
      const checked = checkListen(listen);
      return own && 'value' in checked ? { value: { ...listen, tls: completed(own, listen) } } : checked;
    }),
  );

function completed(given: NonNullable<z.output<typeof tls>>, { host, port }: Listen): TlsConfig {
  const { acme: authority, cert, key, certificates, redirect, minVersion, hsts } = given;
  const one = cert === undefined || key === undefined ? [] : [{ cert, key }];
  // Somebody who chose another port of 443 has something else at 80.
  const usual = authority || port === HTTPS_PORT ? { host, port: HTTP_PORT } : undefined;
  return {
    ...(authority && { acme: authority }),
    certificates: certificates ?? one,
    redirect: redirect === false ? undefined : (redirect ?? usual),
    minVersion,
    hsts,
  };
}

/** A name that a certificate can be ordered for, as it stands in DNS. */
export function parseDomain(text: string): Reading<string> {
  if (text.startsWith('*.'))
    return {
      problem: 'A wildcard needs a proof in DNS, which this gateway does not give.',
      hint: 'Name each domain, or bring a certificate of your own: cert and key.',
    };
  // What parts a host from the rest of a URL would be cut off in silence.
  const name = /[\s/?#@:\\%]/.test(text) ? '' : domainToASCII(text.replace(/\.$/, ''));
  if (isIP(name) !== 0) return { problem: 'This is an address, and certificates are for names.' };
  return isHost(name) ? { value: name } : { problem: 'This is not the name of a host.' };
}

/** Paths that stand in the configuration, from its own folder. */
export function resolveListen(listen: ListenConfig, folder: string): ListenConfig {
  if (!listen.tls) return listen;
  const { acme: authority, certificates } = listen.tls;
  const ca = authority?.ca;
  return {
    ...listen,
    tls: {
      ...listen.tls,
      ...(authority && ca !== undefined && { acme: { ...authority, ca: resolve(folder, ca) } }),
      certificates: certificates.map(({ cert, key }) => ({
        cert: resolve(folder, cert),
        key: resolve(folder, key),
      })),
    },
  };
}

/**
 * The address that clients use, where only the domains tell: an authority has found the gateway at one of them, so it is
 * on the port that a URL need not name.
 */
export function publicUrlOf({ tls: own }: ListenConfig): string | undefined {
  const [domain] = own?.acme?.domains ?? [];
  return domain === undefined ? undefined : `https://${domain}`;
}
