import type { DeployFile, Proof } from '../target.ts';

/** How far ports are moved for the check: whoever is not root may not bind the usual ones. */
const ABOVE = 20_000;

/**
 * `nginx -t` over the files as they are, but for what belongs to the machine and not to them: the certificate, which may
 * not be here or not be readable, the folder of the logs, and the ports. A certificate whose path has a variable is read
 * when a connection comes, and not now.
 */
export const nginxProof: Proof = {
  program: 'nginx',
  stage: (files, folder) => [
    ...files.map(({ path, text }) => ({ path, text: portable(text, folder) })),
    { path: 'nginx.conf', text: mainFile(files, folder) },
  ],
  args: (_files, folder) => ['-t', '-q', '-p', folder, '-e', 'stderr', '-c', `${folder}/nginx.conf`],
};

function portable(text: string, folder: string): string {
  return text
    .replaceAll(/^(\s*ssl_certificate(?:_key)?) .*;$/gm, `$1 ${folder}/$ssl_server_name.pem;`)
    .replaceAll(/^(\s*access_log) (?!off;)\S+/gm, `$1 ${folder}/access.log`)
    .replaceAll(
      /^(\s*listen (?:\[::\]:)?)(\d+)/gm,
      (_all, before: string, port: string) => `${before}${ABOVE + (Number(port) % ABOVE)}`,
    );
}

function mainFile(files: readonly DeployFile[], folder: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `    ${name}_temp_path ${folder}/${name};`,
  );
  const includes = files
    .filter(({ path }) => path.endsWith('.conf'))
    .map(({ path }) => `    include ${path};`);
  return [`pid ${folder}/nginx.pid;`, 'events {}', 'http {', ...temporary, ...includes, '}', ''].join('\n');
}
