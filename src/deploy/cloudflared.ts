import type { Config } from '../config/schema.ts';
import { localAddress, proxyNotes, siteOf } from './site.ts';
import type { Asked, Deployment, Target } from './target.ts';

export const cloudflared: Target = {
  name: 'cloudflared',
  summary: 'a tunnel, where no port can be opened',
  build: buildCloudflared,
  proofs: [
    {
      program: 'cloudflared',
      args: (_files, folder) => ['tunnel', '--config', `${folder}/config.yml`, 'ingress', 'validate'],
    },
  ],
};

/** The settings of a tunnel. `/metrics` is not for the outside, and through a tunnel everybody is outside. */
export function buildCloudflared(config: Config, asked: Asked): Deployment {
  const site = siteOf(config);
  const [address = localAddress(config.listen)] = asked.instances;
  const text = `# cloudflared tunnel create sallyport; then its id and the path of its credentials go here.
tunnel: sallyport
credentials-file: /etc/cloudflared/sallyport.json

ingress:
  - hostname: ${site.hostname}
    path: ^${escapeRegExp(site.prefix)}/metrics
    service: http_status:404
  - hostname: ${site.hostname}
    service: http://${address}
    originRequest:
      # The tunnel ends a stream that is silent for long; the gateway sends a comment before that.
      connectTimeout: 5s
      keepAliveConnections: 64
      httpHostHeader: ${site.hostname}
  - service: http_status:404
`;
  return {
    files: [{ path: 'config.yml', text }],
    notes: [
      ...proxyNotes(config, '127.0.0.1'),
      `cloudflared tunnel route dns sallyport ${site.hostname}   makes the name lead to the tunnel.`,
    ],
  };
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
