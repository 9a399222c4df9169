import { ApiError, NoConnectionError, UnreachableError } from '@baton/client';
import { Command } from 'commander';
import { addAudit } from './commands/audit.js';
import { addDeadLetters } from './commands/dead-letters.js';
import { addDecisions } from './commands/decisions.js';
import { addDeploy } from './commands/deploy.js';
import { addEvents } from './commands/events.js';
import { addKeys } from './commands/keys.js';
import { addPredict } from './commands/predict.js';
import { addPush } from './commands/push.js';
import { addStatus } from './commands/status.js';
import { addWatching } from './commands/watching.js';
import { note } from './output.js';

const program = new Command('baton')
  .description('takes models through production: push, approve, deploy, predict, watch')
  .version('0.1.0')
  .enablePositionalOptions()
  .showHelpAfterError()
  .addHelpText(
    'after',
    '\nEnvironment: BATON_HOME (folder of the platform, default .baton), BATON_KEY (act as somebody else),\nBATON_REGISTRY_URL, BATON_DEPLOYMENT_URL, BATON_INFERENCE_URL, BATON_MONITORING_URL, KAFKA_BROKERS, KAFKA_PREFIX.',
  );
[
  addPush,
  addDecisions,
  addDeploy,
  addPredict,
  addStatus,
  addWatching,
  addKeys,
  addEvents,
  addDeadLetters,
  addAudit,
].forEach((add) => add(program));

try {
  await program.parseAsync();
} catch (error) {
  const expected = [ApiError, NoConnectionError, UnreachableError].some((kind) => error instanceof kind);
  const text = error instanceof Error ? error.message : String(error);
  note(expected || !(error instanceof Error) ? `baton: ${text}` : `baton: ${error.name}: ${text}`);
  process.exitCode = 1;
}
