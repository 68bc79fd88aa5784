import { PRIVATE_BLOCKS } from '../config/metrics.ts';
import type { Config } from '../config/schema.ts';
import { publicPaths } from './paths.ts';
import { localAddress, proxyNotes, siteOf } from './site.ts';
import type { Asked, Deployment, Target } from './target.ts';

export const caddy: Target = {
  name: 'caddy',
  summary: 'a site for a Caddyfile, which gets its certificates itself',
  build: buildCaddy,
  proofs: [
    {
      program: 'caddy',
      args: (_files, folder) => ['validate', '--adapter', 'caddyfile', '--config', `${folder}/Caddyfile`],
    },
  ],
};

/** A site of a Caddyfile. Caddy sets X-Forwarded-* itself, and lets nobody else do so. */
export function buildCaddy(config: Config, asked: Asked): Deployment {
  const site = siteOf(config);
  const addresses = asked.instances.length > 0 ? asked.instances : [localAddress(config.listen)];
  const paths = publicPaths(site);
  const named = (isPrivate: boolean): string =>
    paths
      .filter(({ kind }) => (kind === 'private') === isPrivate)
      .map(({ path, match }) => (match === 'exact' ? path : `${path}*`))
      .join(' ');
  const metrics = config.metrics?.listen;
  const text = `${site.origin.replace('https://', '')} {
	# What a client says of who it is, nobody behind this takes for the truth.
	request_header -X-User*
	request_header -X-Email
	request_header -X-Remote-User
	request_header -Remote-User
	request_header -X-Auth-Request-*
	request_header -X-Forwarded-User
	request_header -X-Forwarded-Email
	request_header -X-Forwarded-Groups
	request_header -X-Forwarded-Preferred-Username

	header {
		?Strict-Transport-Security "max-age=31536000"
		?X-Content-Type-Options nosniff
		?X-Frame-Options DENY
		?Referrer-Policy no-referrer
		?Content-Security-Policy "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
		-Server
	}

	@metrics {
		path ${named(true)}
		remote_ip ${(config.metrics?.allow ?? PRIVATE_BLOCKS).join(' ')}
	}
	handle @metrics {
		rewrite * /metrics
		reverse_proxy ${metrics ? localAddress(metrics) : addresses.join(' ')}
	}

	@sallyport path ${named(false)}
	handle @sallyport {
		request_body {
			max_size ${config.limits.bodyBytes}B
		}
		reverse_proxy ${addresses.join(' ')} {
			# Each piece of an answer goes on as it comes.
			flush_interval -1
${addresses.length > 1 ? '			# A caller stays with one gateway: sessions, and questions that wait for an answer, are in its memory.\n			lb_policy header Authorization\n' : ''}		}
	}
	handle {
		respond 404
	}
}
`;
  return { files: [{ path: 'Caddyfile', text }], notes: proxyNotes(config, '127.0.0.1') };
}
