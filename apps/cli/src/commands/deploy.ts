import { ApiError, BatonClient, type DeploymentResponse } from '@baton/client';
import {
  loggingPolicies,
  recordModes,
  type EndpointPolicy,
  type LoggingPolicy,
  type RecordMode,
} from '@baton/contracts';
import { InvalidArgumentError, Option, type Command } from 'commander';
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
  record?: RecordMode;
  logging?: LoggingPolicy;
  dataClass?: Record<string, string>;
  wait?: boolean;
  timeout: number;
  json?: boolean;
}

const DATA_CLASS_HELP =
  'only callers cleared for the class may send the feature; repeat for more: they replace those there are';

/** How long a version that was just approved may take to reach the deployment service. */
const ARRIVAL_MS = 10_000;

/** `baton deploy ENDPOINT --model NAME --version N [--data-class FEATURE=CLASS] [--wait]`. */
export function addDeploy(program: Command): void {
  program
    .command('deploy')
    .description('serve an approved version at an endpoint')
    .argument('<endpoint>', 'name that callers use; made when new')
    .requiredOption('--model <name>')
    .option('--version <number>', 'version to serve', versionNumber)
    .option('--alias <name>', 'or the alias that points to it')
    .option('--reason <text>')
    .addOption(
      new Option('--record <mode>', 'when a record is on disk: soon (write), before the answer (sync)').choices(
        recordModes,
      ),
    )
    .addOption(new Option('--logging <policy>', 'what is logged of values').choices(loggingPolicies))
    .option('--data-class <feature=class>', DATA_CLASS_HELP, dataClass)
    .option('--wait', 'wait until replicas serve it, and fail if they refuse')
    .option('--timeout <seconds>', 'how long to wait', positive, 300)
    .option('--json')
    .action(async (endpoint: string, options: DeployOptions) => {
      const client = new BatonClient(cliConnection());
      await configure(client, endpoint, options);
      let deployment = await requested(client, endpoint, options);
      if (options.wait) deployment = await settled(client, deployment, options);
      show(deployment, options);
      if (deployment.status === 'refused') process.exitCode = 1;
    });
}

/** Changes the endpoint's policy as asked, before the version is served: it counts from the first request. */
async function configure(client: BatonClient, endpoint: string, options: DeployOptions): Promise<void> {
  const { record, logging, dataClass: dataClasses } = options;
  const policy: Partial<EndpointPolicy> = { record, logging, dataClasses };
  if (Object.values(policy).every((part) => part === undefined)) return;
  const [version] = (await client.registry.versions(options.model, { limit: 1 })).items;
  await client.deployment.configure(endpoint, { project: version?.project, policy });
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

/** Adds `feature=class` to those named before; the feature's own name may have `=` in it. @throws InvalidArgumentError */
function dataClass(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.lastIndexOf('=');
  if (at < 1 || at === text.length - 1)
    throw new InvalidArgumentError('a feature and its class are expected: age=personal.');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}
