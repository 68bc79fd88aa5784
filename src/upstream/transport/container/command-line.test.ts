import { describe, expect, it } from 'vitest';
import { isEngine, readCommandLine } from './command-line.ts';

const read = (line: string): unknown => {
  const [command = '', ...args] = line.split(' ');
  return readCommandLine(command, args);
};

describe('a command line of an engine', () => {
  it.each(['docker', 'podman', '/usr/bin/docker', 'C:\\Docker\\docker.exe'])('%s is one', (command) => {
    expect(isEngine(command)).toBe(true);
  });

  it.each(['node', 'docker-compose', 'my-docker', 'npx', ''])('%s is none', (command) => {
    expect(isEngine(command)).toBe(false);
  });

  it.each([
    ['docker run -i --rm mcp/time', { verb: 'run', words: ['run'], globals: [], cidFile: undefined }],
    ['docker container run -i mcp/time', { verb: 'run', words: ['container', 'run'] }],
    ['docker --context far run -i x', { verb: 'run', globals: ['--context', 'far'], rest: ['-i', 'x'] }],
    ['docker -H tcp://h:1 -D run x', { globals: ['-H', 'tcp://h:1', '-D'] }],
    ['podman --url=unix:///x run x', { name: 'podman', globals: ['--url=unix:///x'] }],
    ['docker run --cidfile /tmp/cid x', { cidFile: '/tmp/cid' }],
    ['docker run --cidfile=/tmp/cid x', { cidFile: '/tmp/cid' }],
    // What belongs to the program in the container is none of the engine's options.
    ['docker run -i --rm x --cidfile /tmp/cid', { cidFile: undefined }],
    ['docker run -e --cidfile x', { cidFile: undefined }],
  ])('%s', (line, expected) => {
    expect(read(line)).toMatchObject(expected);
  });

  it.each([
    ['docker exec -i db mcp', { verb: 'exec', container: 'db', user: undefined }],
    ['docker exec -i -u root db mcp -u other', { container: 'db', user: 'root' }],
    ['docker exec -iu root db mcp', { container: 'db', user: 'root' }],
    ['docker exec -uroot -i db mcp', { container: 'db', user: 'root' }],
    ['docker exec --user=1000:1000 -i db mcp', { container: 'db', user: '1000:1000' }],
    ['docker exec --interactive -e A=b -w /srv --privileged db mcp', { container: 'db' }],
    ['podman container exec -i --env-file /x db mcp', { container: 'db', words: ['container', 'exec'] }],
    ['docker exec -i -- db mcp', { container: 'db' }],
  ])('%s', (line, expected) => {
    expect(read(line)).toMatchObject(expected);
  });

  it.each([
    'docker',
    'docker ps',
    'docker compose run x',
    'docker exec -i',
    'docker mcp gateway run',
    'npx run x',
  ])('%s is left alone', (line) => {
    expect(read(line)).toBeUndefined();
  });
});
