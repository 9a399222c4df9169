import { generateSigningKey } from '@baton/signing';
import { waitFor } from '@baton/testing';
import { train } from '@baton/weather/training';
import { seattleDays, winterDays } from '@baton/weather/weather';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { baton, batonJson } from '../support/baton-command.js';
import { startTestPlatform, type TestPlatform } from '../support/test-platform.js';

interface Pushed {
  model: string;
  version: number;
  digest: string;
}

let running: TestPlatform;
let home: string;
let folder: string;
let approver: { BATON_KEY: string };

beforeAll(async () => {
  running = await startTestPlatform();
  home = running.home;
  folder = join(home, 'model');
  train(winterDays(seattleDays(), '2015-01-01'), folder);
  const made = await batonJson<{ id: string; key: string }>(home, ['keys', 'create', '--role', 'approver']);
  approver = { BATON_KEY: made.key };
}, 180_000);

afterAll(async () => running?.stop(), 60_000);

const push = (model: string, more: string[] = []) =>
  batonJson<Pushed>(home, ['push', join(folder, 'model.onnx'), '--model', model, ...more]);

describe('baton', () => {
  it('pushes, approves as a second person, deploys and predicts', async () => {
    const pair = generateSigningKey();
    mkdirSync(join(home, 'signers'), { recursive: true });
    writeFileSync(join(home, 'signers', 'cli.pem'), pair.publicKeyPem);
    writeFileSync(join(home, 'key.pem'), pair.privateKeyPem, { mode: 0o600 });
    const files = ['--reference', join(folder, 'reference.csv'), '--metrics', join(folder, 'metrics.json')];
    const pushed = await push('weather', [...files, '--sign', join(home, 'key.pem')]);
    expect(pushed).toMatchObject({
      model: 'weather',
      version: 1,
      digest: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
    });
    const own = await baton(home, ['approve', 'weather', '1']);
    expect(own.code).toBe(1);
    await waitFor(
      async () => ((await baton(home, ['approve', 'weather', '1'], approver)).code === 0 ? true : undefined),
      {
        what: 'the approval',
      },
    );
    const deployed = await batonJson<{ status: string }>(home, [
      'deploy',
      'weather',
      '--model',
      'weather',
      '--version',
      '1',
      '--wait',
    ]);
    expect(deployed.status).toBe('completed');
    writeFileSync(join(home, 'rows.csv'), 'precipitation,temp_max,temp_min,wind\n0,12.8,5,4.7\n10.9,10.6,2.8,4.5\n');
    const answer = await batonJson<{ prediction: string; rows: Record<string, unknown>[] }>(home, [
      'predict',
      'weather',
      '--file',
      join(home, 'rows.csv'),
    ]);
    expect(answer.rows).toHaveLength(2);
    const found = await waitFor(
      async () => {
        const result = await baton(home, ['prediction', answer.prediction, '--json']);
        return result.code === 0 ? (JSON.parse(result.stdout) as { digest: string }) : undefined;
      },
      { what: 'the prediction to be indexed' },
    );
    expect(found.digest).toBe(pushed.digest);
    const request = { inputs: [{ name: 'features', datatype: 'FP32', shape: [1, 4], data: [0, 12.8, 5, 4.7] }] };
    writeFileSync(join(home, 'request.json'), JSON.stringify(request));
    const inferred = await batonJson<{ outputs: { name: string }[] }>(home, [
      'predict',
      'weather',
      '--file',
      join(home, 'request.json'),
    ]);
    expect(inferred.outputs.map((output) => output.name)).toEqual(['label', 'probabilities']);
  });

  it('shows tables to people', async () => {
    const { stdout } = await baton(home, ['status']);
    for (const word of ['registry', 'ready', 'weather']) expect(stdout).toContain(word);
    expect((await baton(home, ['keys', 'list'])).stdout).toContain('approver');
    expect((await baton(home, ['windows', 'weather'])).code).toBe(0);
  });

  it('rejects a version with a reason, after which it cannot be deployed', async () => {
    const { version } = await push('rejected');
    const rejected = await batonJson<{ status: string }>(
      home,
      ['reject', 'rejected', String(version), '--reason', 'too old'],
      approver,
    );
    expect(rejected.status).toBe('rejected');
    const deploy = await baton(home, ['deploy', 'other', '--model', 'rejected', '--version', String(version)]);
    expect(deploy.code).toBe(1);
    expect(deploy.stderr).toMatch(/reject|approved/);
  });

  it('revokes a key, after which it opens nothing', async () => {
    const made = await batonJson<{ id: string; key: string }>(home, ['keys', 'create', '--role', 'viewer']);
    const env = { BATON_KEY: made.key };
    await waitFor(async () => ((await baton(home, ['status'], env)).code === 0 ? true : undefined), {
      what: 'the key',
    });
    expect((await baton(home, ['keys', 'revoke', made.id])).code).toBe(0);
    await waitFor(async () => ((await baton(home, ['status'], env)).code === 1 ? true : undefined), {
      what: 'the end of it',
    });
  });

  it('tails events', async () => {
    const command = fileURLToPath(new URL('../../apps/cli/bin/baton.js', import.meta.url));
    const args = [command, 'events', 'tail', '--type', 'model.registered', '--from-beginning', '--json'];
    const tail = spawn(process.execPath, args, {
      env: { ...process.env, BATON_HOME: home },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const seen: string[] = [];
    for await (const line of createInterface({ input: tail.stdout })) {
      seen.push((JSON.parse(line) as { subject: string }).subject);
      if (seen.includes('weather') && seen.includes('rejected')) break;
    }
    const gone = once(tail, 'exit');
    tail.kill('SIGINT');
    expect(await gone).toEqual([0, null]);
  });

  it.each([
    ['an unknown model', ['approve', 'nothing', '1'], /nothing/],
    ['a file that is not there', ['push', 'gone.onnx', '--model', 'x'], /gone\.onnx/],
    ['an unknown role', ['keys', 'create', '--role', 'king'], /viewer, scientist/],
    ['a version that is no number', ['approve', 'weather', 'one'], /whole number/],
    ['an unknown event type', ['events', 'tail', '--type', 'x.y'], /model\.registered/],
  ])('says what is wrong with %s', async (_, args, message) => {
    const { code, stderr } = await baton(home, args);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n {4}at /);
  });
});
