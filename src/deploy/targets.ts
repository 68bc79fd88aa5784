import { caddy } from './caddy.ts';
import { cloudflared } from './cloudflared.ts';
import { compose } from './compose/compose.ts';
import { dockerfile } from './dockerfile.ts';
import { env } from './env.ts';
import { nginx } from './nginx/nginx.ts';
import { observability } from './observability.ts';
import { systemd } from './systemd.ts';
import type { Target } from './target.ts';

/** Everything that can be written, in the order of the help. */
export const TARGETS: readonly Target[] = [
  nginx,
  systemd,
  compose,
  dockerfile,
  caddy,
  cloudflared,
  env,
  observability,
];
