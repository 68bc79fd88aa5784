import type { DoctorOptions } from '../commands/doctor.ts';
import type { AddCommands } from './group.ts';

/** `sallyport doctor` */
export const doctorCommand: AddCommands = (program, { terminal, finish }) => {
  program
    .command('doctor')
    .summary('what is wrong, and what mends it')
    .description(
      'Looks at this machine, and with --public at the gateway as its clients see it. Each line has a verdict and, where something is wrong, what mends it: troubleshooting.md.',
    )
    .option('-c, --config <file>', 'the config (default: ./sallyport.yaml)')
    .option('--public <url>', 'where it is published: look from outside as well')
    .option(
      '--token <token>',
      'for calls from outside (or SALLYPORT_TOKEN; default: that of the gateway that runs here, where it is published)',
    )
    .option('--fix', 'mend what can do no harm, and say what was done')
    .option('--bundle <file>', 'write a file for whoever is to help, without secrets and personal values')
    .option('--ca <file>', 'certificates to believe besides the known ones, in PEM')
    .option(
      '--connect-to <host:port:to-host:to-port>',
      'connect elsewhere than a name leads, as curl does; may be repeated',
      collect,
    )
    .option('--json', 'for programs')
    .action(async (options: DoctorOptions) => {
      const { doctor } = await import('../commands/doctor.ts');
      finish(await doctor(options, terminal));
    });
};

/** The values of an option that may be repeated. */
function collect(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value];
}
