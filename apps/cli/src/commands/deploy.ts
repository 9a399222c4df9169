import { ApiError, BatonClient, type DeploymentResponse } from '@baton/client';
import type { Command } from 'commander';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { positive, versionNumber } from '../arguments.js';
import { cliConnection } from '../config.js';
import { facts, note, print } from '../output.js';

interface DeployOptions {
  model: string;
  version?: number;
  alias?: string;
  reason?: string;
  wait?: boolean;
  timeout: number;
  json?: boolean;
}

/** How long a version that was just approved may take to reach the deployment service. */
const ARRIVAL_MS = 10_000;

/** `baton deploy ENDPOINT --model NAME --version N [--wait]`. */
export function addDeploy(program: Command): void {
  program
    .command('deploy')
    .description('serve an approved version at an endpoint')
    .argument('<endpoint>', 'name that callers use; made when new')
    .requiredOption('--model <name>')
    .option('--version <number>', 'version to serve', versionNumber)
    .option('--alias <name>', 'or the alias that points to it')
    .option('--reason <text>')
    .option('--wait', 'wait until replicas serve it, and fail if they refuse')
    .option('--timeout <seconds>', 'how long to wait', positive, 300)
    .option('--json')
    .action(async (endpoint: string, options: DeployOptions) => {
      const client = new BatonClient(cliConnection());
      let deployment = await requested(client, endpoint, options);
      if (options.wait) deployment = await settled(client, deployment, options);
      show(deployment, options);
      if (deployment.status === 'refused') process.exitCode = 1;
    });
}

/** Asks for the deployment; an approval that is still on its way to the service is waited for. */
async function requested(client: BatonClient, endpoint: string, options: DeployOptions): Promise<DeploymentResponse> {
  const { model, version, alias, reason } = options;
  const key = randomUUID();
  const deadline = Date.now() + ARRIVAL_MS;
  for (;;) {
    try {
      return await client.deployment.deploy(endpoint, { model, version, alias, reason }, key);
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404) || Date.now() > deadline) throw error;
      await pause(300);
    }
  }
}

function settled(client: BatonClient, deployment: DeploymentResponse, options: DeployOptions) {
  return client.deployment.finished(deployment.deployment, {
    timeoutMs: options.timeout * 1000,
    onChange: (now) => note(`${now.status}: ${now.steps.at(-1)?.event ?? ''} ${now.steps.at(-1)?.replica ?? ''}`),
  });
}

function show(deployment: DeploymentResponse, options: DeployOptions): void {
  print(deployment, options, () =>
    facts([
      ['deployment', deployment.deployment],
      ['endpoint', deployment.endpoint],
      ['serves', `${deployment.model} version ${deployment.version}`],
      ['digest', deployment.digest],
      ['status', deployment.status],
      ['reason', deployment.reason],
    ]),
  );
}
