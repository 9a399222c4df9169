import { BatonClient } from '@baton/client';
import type { Role } from '@baton/contracts';
import type { Command } from 'commander';
import { role } from '../arguments.js';
import { cliConnection } from '../config.js';
import { facts, print, table } from '../output.js';

interface CreateOptions {
  role: Role[];
  project?: string;
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
    .option('--name <text>', 'whose it is')
    .option('--expires <time>', 'ISO 8601')
    .option('--json', 'print {id, key, …} for programs')
    .action(async (options: CreateOptions) => {
      const { role: roles, project, expires } = options;
      const name = options.name ?? roles.join('-');
      const made = await new BatonClient(cliConnection()).registry.createKey({
        name,
        roles,
        project,
        expiresAt: expires,
      });
      print(made, options, () =>
        facts([
          ['id', made.id],
          ['key', made.key],
          ['roles', made.roles.join(', ')],
          ['project', made.project ?? '(all)'],
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
          ['id', 'name', 'roles', 'project', 'created', 'expires', 'revoked'],
          page.items.map((key) => [
            key.id,
            key.name,
            key.roles.join(', '),
            key.project ?? '(all)',
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
