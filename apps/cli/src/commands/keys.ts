import { BatonClient } from '@baton/client';
import { NAME_PATTERN, type Role } from '@baton/contracts';
import { InvalidArgumentError, type Command } from 'commander';
import { role } from '../arguments.js';
import { cliConnection } from '../config.js';
import { facts, print, table } from '../output.js';

interface CreateOptions {
  role: Role[];
  project?: string;
  clearance?: string[];
  name?: string;
  expires?: string;
  json?: boolean;
}

/** `baton keys create|list|revoke`. */
export function addKeys(program: Command): void {
  const keys = program.command('keys').description('access keys');
  keys
    .command('create')
    .description('make a key; its secret is shown once')
    .requiredOption('--role <role>', 'what it may do; repeat for more', role)
    .option('--project <name>', 'the one project it opens (default: all)')
    .option('--clearance <classes>', "data classes it may send, as a,b; '' for none (default: all)", dataClasses)
    .option('--name <text>', 'whose it is')
    .option('--expires <time>', 'ISO 8601')
    .option('--json', 'print {id, key, …} for programs')
    .action(async (options: CreateOptions) => {
      const { role: roles, project, clearance, expires } = options;
      const name = options.name ?? roles.join('-');
      const made = await new BatonClient(cliConnection()).registry.createKey({
        name,
        roles,
        project,
        clearance,
        expiresAt: expires,
      });
      print(made, options, () =>
        facts([
          ['id', made.id],
          ['key', made.key],
          ['roles', made.roles.join(', ')],
          ['project', made.project ?? '(all)'],
          ['clearance', clearanceText(made.clearance)],
          ['note', 'the key is shown only now'],
        ]),
      );
    });
  keys
    .command('list')
    .option('--json')
    .action(async (options: { json?: boolean }) => {
      const page = await new BatonClient(cliConnection()).registry.keys({ limit: 500 });
      print(page, options, () =>
        table(
          ['id', 'name', 'roles', 'project', 'clearance', 'created', 'expires', 'revoked'],
          page.items.map((key) => [
            key.id,
            key.name,
            key.roles.join(', '),
            key.project ?? '(all)',
            clearanceText(key.clearance),
            key.createdAt,
            key.expiresAt,
            key.revokedAt,
          ]),
        ),
      );
    });
  keys
    .command('revoke')
    .argument('<id>')
    .action(async (id: string) => {
      await new BatonClient(cliConnection()).registry.revokeKey(id);
      process.stdout.write(`${id} is revoked\n`);
    });
}

/** Names with commas between; an empty text gives none. @throws InvalidArgumentError */
function dataClasses(text: string): string[] {
  const names = text === '' ? [] : text.split(',').map((name) => name.trim());
  const wrong = names.find((name) => !NAME_PATTERN.test(name));
  if (wrong !== undefined) throw new InvalidArgumentError(`"${wrong}" is no name of a data class.`);
  return names;
}

function clearanceText(clearance: readonly string[] | null): string {
  if (clearance === null) return '(all)';
  return clearance.length === 0 ? '(none)' : clearance.join(', ');
}
