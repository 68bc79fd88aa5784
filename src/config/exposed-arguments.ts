import type { Findings } from './findings.ts';
import { entryOf, type Node } from './node.ts';

/**
 * Says where a kept secret is on its way into a command line, which every user of the machine can read (`ps`). It is no
 * mistake: there are servers that take their key in no other way.
 * @param server the entry of a server, its references resolved
 */
export function noteExposedArguments(server: Node, findings: Findings): void {
  for (const holder of [server, entryOf(server, 'container')?.value]) {
    const args = entryOf(holder, 'args')?.value;
    for (const item of args?.kind === 'list' ? args.items : [])
      if (item.kind === 'scalar' && item.secret)
        findings.note(
          item.span,
          'Every user of this machine can read a secret in the command line of a process.',
          'Name it under env, if the server takes it from there.',
        );
  }
}
