import { BatonClient } from '@baton/client';
import { hashFile, loadPrivateKey, signModel } from '@baton/signing';
import type { Command } from 'commander';
import { statSync } from 'node:fs';
import { cliConnection } from '../config.js';
import { facts, note, print } from '../output.js';

interface PushCommandOptions {
  model: string;
  project?: string;
  reference?: string;
  metrics?: string;
  sign?: string;
  idempotencyKey?: string;
  json?: boolean;
}

/** `baton push model.onnx --model NAME`. */
export function addPush(program: Command): void {
  program
    .command('push')
    .description('register a model file as a new version')
    .argument('<file>', 'ONNX model')
    .requiredOption('--model <name>', 'model it is a version of; made when new')
    .option('--project <name>', "project that owns a new model (default: the key's own, or 'default')")
    .option('--reference <csv>', 'rows that drift is measured against: features, and label or prediction')
    .option('--metrics <json>', 'object of numbers, as training measured them')
    .option('--sign <key.pem>', 'sign the file with this ECDSA private key (OpenSSF Model Signing)')
    .option('--idempotency-key <key>', 'a repeated push with this key answers with the same version')
    .option('--json', 'print {model, version, digest, …} for programs')
    .action(async (file: string, options: PushCommandOptions) => {
      const signature = options.sign ? await sign(file, options.sign) : undefined;
      note(`pushing ${file} (${(statSync(file).size / 1024).toFixed(0)} KiB)…`);
      const version = await new BatonClient(cliConnection()).registry.push(
        options.model,
        { model: file, reference: options.reference, metrics: options.metrics, signature },
        { project: options.project, idempotencyKey: options.idempotencyKey },
      );
      print(version, options, () =>
        facts([
          ['model', version.model],
          ['version', version.version],
          ['digest', version.digest],
          ['status', version.status],
          ['signer', version.signer],
          ['next', `baton approve ${version.model} ${version.version}   (as a second person: BATON_KEY)`],
        ]),
      );
    });
}

async function sign(file: string, keyFile: string): Promise<string> {
  const { digest } = await hashFile(file);
  return JSON.stringify(signModel([{ name: 'model.onnx', digest }], 'model.onnx', loadPrivateKey(keyFile)));
}
