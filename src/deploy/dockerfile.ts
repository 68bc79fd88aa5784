import type { Config } from '../config/schema.ts';
import { pinned } from './image.ts';
import type { Asked, DeployFile, Deployment, Target } from './target.ts';

/** Where the image has the state of the gateway, and where it looks for its configuration. */
export const IMAGE_HOME = '/var/lib/sallyport';
export const IMAGE_CONFIG = '/etc/sallyport';
/** Nobody in particular, and not root. */
export const IMAGE_USER = '65532:65532';

export const dockerfile: Target = {
  name: 'dockerfile',
  summary: 'an image that runs as nobody, from a base with a digest',
  build: buildDockerfile,
};

export function buildDockerfile(config: Config, asked: Asked): Deployment {
  return { files: [imageFile(config, asked), IGNORED], notes: imageNotes(asked) };
}

/**
 * The image. What npm needs stays in the first stage. The base is named by its digest: by `--base`, or when it is built.
 * The port inside is 8080 whatever the configuration says: only the engine reaches it.
 */
export function imageFile(config: Config, { images, sallyportVersion }: Asked): DeployFile {
  const base = images.node === undefined ? undefined : pinned(images.node, '--base');
  const listen = config.listen.tls ? '' : ' --listen 0.0.0.0:8080';
  // The line on standard output is for programs, and has the token in it: not for the log of an engine.
  const command = `exec sallyport up --json --config ${IMAGE_CONFIG}/sallyport.yaml${listen} >/dev/null`;
  const url = config.listen.tls ? `https://127.0.0.1:${config.listen.port}` : 'http://127.0.0.1:8080';
  const text = `# Node 24 or later, by its digest: NAME@sha256:…
ARG NODE_IMAGE${base === undefined ? '' : `=${base}`}

FROM \${NODE_IMAGE} AS packages
ARG SALLYPORT=sallyport@${sallyportVersion}
RUN npm install --global --prefix /opt/sallyport --omit=dev --ignore-scripts --no-audit --no-fund "\${SALLYPORT}" \\
  && mkdir -p /state && chown ${IMAGE_USER} /state && chmod 0700 /state

FROM \${NODE_IMAGE}
ENV NODE_ENV=production HOME=/tmp SALLYPORT_HOME=${IMAGE_HOME} PATH=/opt/sallyport/bin:/usr/local/bin:/usr/bin:/bin
COPY --from=packages /opt/sallyport /opt/sallyport
# A volume begins as this folder: with its owner.
COPY --from=packages --chown=${IMAGE_USER} /state ${IMAGE_HOME}
# Nothing else is written to: run it with --read-only --tmpfs /tmp
VOLUME ${IMAGE_HOME}
USER ${IMAGE_USER}
EXPOSE ${config.listen.tls ? config.listen.port : 8080}
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 CMD ["node", "-e", "${healthProgram(url)}"]
CMD ["sh", "-c", "${command}"]
`;
  return { path: 'Dockerfile', text };
}

export function imageNotes({ images }: Asked): string[] {
  return images.node === undefined
    ? [
        'The base image has to be named with its digest: --base, or --build-arg NODE_IMAGE=node:24-slim@sha256:… when it is built. docker buildx imagetools inspect node:24-slim prints the digest.',
      ]
    : [];
}

/** Nothing of the folder goes into the image, least of all a config or an .env. */
export const IGNORED: DeployFile = { path: '.dockerignore', text: '*\n' };

/** There is no curl in the image. A certificate is for the name outside, and this asks inside. */
function healthProgram(url: string): string {
  const [scheme = 'http'] = url.split(':');
  return `require('node:${scheme}').get('${url}/health/live', {rejectUnauthorized: false}, (r) => process.exit(r.statusCode === 200 ? 0 : 1)).on('error', () => process.exit(1))`;
}
