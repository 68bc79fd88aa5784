import { SHORTEST_PASSWORD, USER_NAME, Users } from '../../auth/server/users.ts';
import { suggest } from '../../config/suggest.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { hiddenInput } from '../hidden-input.ts';
import { HomeStore } from '../home-store.ts';
import { homePath, openHome } from '../home.ts';
import type { Terminal } from '../terminal.ts';
import { displayWidth, pad } from '../text.ts';

export interface AddUserOptions {
  readonly email?: string;
  readonly role?: string;
}

/** `sallyport user add NAME`. */
export async function addUser(name: string, options: AddUserOptions, terminal: Terminal): Promise<ExitCode> {
  if (!USER_NAME.test(name.normalize('NFKC').toLowerCase()))
    throw new Failure(EXIT.USAGE, `${JSON.stringify(name)} cannot be the name of somebody`, [
      '1 to 64 letters and digits, with . _ @ + and - between them; not client_…',
    ]);
  return withUsers(terminal, async (users) => {
    if (users.get(name))
      throw new Failure(EXIT.FAILED, `there is a user ${name} already`, [
        `sallyport user passwd ${name}   changes the password`,
      ]);
    const roles = options.role?.split(/\s+/).filter(Boolean) ?? [];
    const password = await newPassword(name, terminal);
    if (!(await users.add(name, password, { email: options.email, roles })))
      throw new Failure(EXIT.FAILED, `there is a user ${name} already`);
    terminal.stderr.write(`${name} can log in.\n`);
    return EXIT.OK;
  });
}

/** `sallyport user passwd NAME`. */
export async function changePassword(name: string, terminal: Terminal): Promise<ExitCode> {
  return withUsers(terminal, async (users) => {
    if (!users.get(name)) unknown(name, users);
    await users.setPassword(name, await newPassword(name, terminal));
    terminal.stderr.write(`Changed. Every session and token of ${name} has ended.\n`);
    return EXIT.OK;
  });
}

/** `sallyport user disable NAME`. */
export async function disableUser(name: string, isDisabled: boolean, terminal: Terminal): Promise<ExitCode> {
  return withUsers(terminal, async (users) => {
    if (!users.setDisabled(name, isDisabled)) unknown(name, users);
    const said = isDisabled
      ? 'is not let in any more; their sessions and tokens have ended'
      : 'can log in again';
    terminal.stderr.write(`${name} ${said}.\n`);
    return EXIT.OK;
  });
}

/** `sallyport user list`. */
export async function listUsers(options: { readonly json?: boolean }, terminal: Terminal): Promise<ExitCode> {
  const users = await withUsers(terminal, async (store) => store.list());
  const described = users.map(({ name, email, roles, isDisabled, createdAt }) => ({
    name,
    email: email ?? null,
    roles,
    disabled: isDisabled,
    created: new Date(createdAt).toISOString(),
  }));
  if (options.json) {
    terminal.stdout.write(`${JSON.stringify({ users: described })}\n`);
    return EXIT.OK;
  }
  if (users.length === 0) terminal.stderr.write('Nobody can log in yet: sallyport user add NAME\n');
  const width = Math.max(0, ...users.map(({ name }) => displayWidth(name)));
  for (const { name, email, roles, disabled } of described) {
    const facts = [disabled ? 'disabled' : 'can log in', email, roles.join(' ')].filter(Boolean);
    terminal.stdout.write(`${pad(name, width)}  ${facts.join(', ')}\n`);
  }
  return EXIT.OK;
}

/** Typed twice at a terminal, where a slip would not be seen. */
async function newPassword(name: string, terminal: Terminal): Promise<string> {
  const password = await hiddenInput(`A password for ${name} (it is not shown): `, terminal);
  if (Array.from(password).length < SHORTEST_PASSWORD)
    throw new Failure(EXIT.USAGE, `a password has ${SHORTEST_PASSWORD} characters or more`, [
      'a few words in a row are easy to remember and hard to guess',
    ]);
  if (terminal.stdin.isTTY && (await hiddenInput('The same again: ', terminal)) !== password)
    throw new Failure(EXIT.USAGE, 'the two are not the same');
  return password;
}

function unknown(name: string, users: Users): never {
  const meant = suggest(
    name,
    users.list().map((user) => user.name),
  );
  throw new Failure(EXIT.FAILED, `there is no user ${name}`, [
    ...(meant === undefined ? [] : [`did you mean ${meant}?`]),
    'sallyport user list   shows who there is',
  ]);
}

async function withUsers<T>(terminal: Terminal, work: (users: Users) => Promise<T>): Promise<T> {
  const home = await openHome(homePath(terminal.env));
  using store = new HomeStore(home);
  return await work(new Users(await store.open()));
}
