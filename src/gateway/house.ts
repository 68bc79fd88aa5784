import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config/schema.ts';
import { chain, type Handler, type Policy } from '../core/handler.ts';
import type { OwnAuthorization } from '../core/own-authorization.ts';
import type { Upstreams } from '../core/upstream.ts';
import { aroundUpstreams } from '../policy/around-upstreams.ts';
import type { Recorder } from '../policy/audit.ts';
import { policies } from '../policy/chain.ts';
import { openGuard } from '../policy/guard-open.ts';
import { guardUpstreams } from '../policy/guarded-upstreams.ts';
import { permitted, type Permissions } from '../policy/permitted.ts';
import { LockFile } from '../router/pins/lock-file.ts';
import { pinUpstreams } from '../router/pins/pinned-upstreams.ts';
import { type Notice, PinBoard } from '../router/pins/pins.ts';
import { Router } from '../router/router.ts';
import type { Logger } from '../telemetry/log.ts';
import { ServerOutput } from '../telemetry/server-output.ts';
import { SubjectTokens } from '../upstream/oauth/subject-tokens.ts';
import { Servers } from '../upstream/servers.ts';
import type { GatewayOptions } from './options.ts';
import { without } from './passed-headers.ts';
import { credentialsBy, startServer } from './start-server.ts';

/** Whoever counts or traces calls: as they come in, and before each server. */
export interface CallWatcher {
  readonly policy: Policy;
  readonly policyFor: (server: string) => Policy;
}

/** Everything behind the door. */
export interface House {
  /** Tells clients that their lists may be others now. */
  readonly announce: () => void;
  readonly self: { readonly name: string; readonly version: string };
  readonly servers: Servers;
  readonly router: Router;
  readonly handle: Handler;
  readonly output: ServerOutput;
  /** What callers came with, where their tokens are exchanged. */
  readonly subjects: SubjectTokens;
  /** Resolves when calls can be let in. */
  readonly ready: Promise<void>;
}

/**
 * Builds what is behind the door.
 * @param current what the configuration is now: a reload takes another one over
 */
export function build(
  {
    config,
    home,
    log,
    oauth,
    records,
    recorder,
    watchers = [],
  }: Pick<GatewayOptions, 'config' | 'home' | 'log' | 'oauth' | 'records'> & {
    readonly recorder?: Recorder | undefined;
    readonly watchers?: readonly CallWatcher[];
  },
  current: () => Pick<GatewayOptions, 'config' | 'secrets'> & {
    readonly permissions: Permissions;
    readonly authorization?: OwnAuthorization | undefined;
  },
): House {
  const self = { name: 'sallyport', version: ownVersion() };
  const credentialsOf = oauth && credentialsBy(oauth, log);
  const output = new ServerOutput();
  const subjects = new SubjectTokens();
  const servers = new Servers(config.servers, {
    self,
    times: config.timeouts,
    limits: { ...config.limits, startQueueMs: config.timeouts.startQueueMs },
    log,
    start: (server, events, conceal) =>
      startServer(server, events, {
        config: current().config,
        current: () => current().config,
        authorization: () => current().authorization,
        home,
        log,
        hide: (text) => without(conceal, current().secrets?.redact(text) ?? text),
        onStderr: (line) => {
          log.info({ server: server.name }, line);
          output.write(server.name, line);
        },
        credentialsOf,
        subjects,
      }),
  });
  const permissions = (): Permissions => current().permissions;
  const guard = config.guard && openGuard(config.guard, log, records);
  const pinned = pinsOf(servers, config, home, log);
  const guarded = guard ? guardUpstreams(pinned, guard.policyFor) : pinned;
  // What is not permitted never comes to a server, and is not counted as its doing.
  const watched = watchers.reduceRight((rest, { policyFor }) => aroundUpstreams(rest, policyFor), guarded);
  const upstreams = permitted(watched, permissions);
  const router = new Router({
    upstreams,
    self,
    shows: (call, server, method, item) =>
      permissions().authorization?.shows(call, server, method, item) ?? true,
  });
  const ready = guard?.ready ?? Promise.resolve();
  const around = watchers.map(({ policy }) => policy);
  const handle = chain(
    policies(log, { validMs: config.timeouts.inputMs }, { recorder, around }),
    router.handle,
  );
  return { self, servers, router, output, subjects, ready, handle, announce: () => upstreams.announce() };
}

/** The servers behind what was agreed to about them, where there is a place to keep it. */
function pinsOf(servers: Servers, { pins }: Config, home: string | undefined, log: Logger): Upstreams {
  const path = pins.file ?? (home === undefined ? undefined : join(home, 'sallyport.lock'));
  if (pins.mode === 'off' || path === undefined) return servers;
  const file = new LockFile(path);
  file.refresh();
  const tell = (notice: Notice): void => log.warn({ ...notice }, 'not what was agreed to');
  return pinUpstreams(servers, new PinBoard({ file, mode: pins.mode, tell }));
}

/** Of the package. */
export function ownVersion(): string {
  const file = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(file) as { version: string }).version;
}
