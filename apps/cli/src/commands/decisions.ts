import { BatonClient, type VersionResponse } from '@baton/client';
import type { Command } from 'commander';
import { versionNumber } from '../arguments.js';
import { cliConnection } from '../config.js';
import { facts, print } from '../output.js';

interface DecisionOptions {
  reason?: string;
  json?: boolean;
}

/** `baton approve NAME VERSION` and `baton reject NAME VERSION --reason …`. */
export function addDecisions(program: Command): void {
  program
    .command('approve')
    .description('stand for a version, as somebody who did not push it')
    .argument('<model>')
    .argument('<version>', 'number of the version', versionNumber)
    .option('--reason <text>')
    .option('--json')
    .action(async (model: string, version: number, options: DecisionOptions) => {
      show(await new BatonClient(cliConnection()).registry.approve(model, version, options.reason), options);
    });
  program
    .command('reject')
    .description('refuse a version for good')
    .argument('<model>')
    .argument('<version>', 'number of the version', versionNumber)
    .requiredOption('--reason <text>', 'why; its author reads it')
    .option('--json')
    .action(async (model: string, version: number, options: DecisionOptions & { reason: string }) => {
      show(await new BatonClient(cliConnection()).registry.reject(model, version, options.reason), options);
    });
}

function show(version: VersionResponse, options: DecisionOptions): void {
  print(version, options, () =>
    facts([
      ['model', `${version.model} version ${version.version}`],
      ['status', version.status],
      ['by', version.decidedBy],
      ['at', version.decidedAt],
      ['reason', version.reason],
      ['digest', version.digest],
    ]),
  );
}
