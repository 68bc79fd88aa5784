import { DeployError } from './target.ts';

/** NAME:TAG@sha256:DIGEST, where the tag is for people and the digest for machines. */
const PINNED = /^[\w.:/-]+@sha256:[0-9a-f]{64}$/;

/**
 * An image that is named by what it contains. A tag alone is whatever somebody pushed last.
 * @throws DeployError
 */
export function pinned(image: string, option: string): string {
  if (PINNED.test(image)) return image;
  const [name = image] = image.split('@');
  throw new DeployError(`${option} ${image} has no digest`, [
    `docker buildx imagetools inspect ${name}   prints it; then   ${option} ${name}@sha256:…`,
  ]);
}
