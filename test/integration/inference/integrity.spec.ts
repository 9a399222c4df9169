import { newId, type IntegrityViolated, type Route } from '@baton/contracts';
import { generateSigningKey, loadPrivateKey, PLAN_TYPE, signDetached, signRelease } from '@baton/signing';
import { waitFor } from '@baton/testing';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { releasedRoute, sha256, testModel } from './released-models.js';
import { RunningInference } from './running-inference.js';

const iris = testModel('iris');
const cancer = testModel('breast_cancer');
const good = { inputs: [{ name: 'input', datatype: 'FP32', shape: [1, 4], data: [5.1, 3.5, 1.4, 0.2] }] };

let baton: RunningInference;
let endpoint: string;
let served: Route;
let count = 0;

beforeAll(async () => {
  baton = await RunningInference.start({ rehashIntervalSeconds: 1 });
});

afterAll(() => baton.remove());

beforeEach(async () => {
  endpoint = `endpoint-${(count += 1)}`;
  served = await baton.deploy(endpoint, iris);
});

async function violation(fits: (said: IntegrityViolated) => boolean): Promise<IntegrityViolated> {
  const event = await baton.events.waitFor('integrity.violated', ({ data }) => data !== null && fits(data));
  return event.data as IntegrityViolated;
}

async function stillServes(version = '1'): Promise<void> {
  const { status, body } = await baton.infer(endpoint, good);
  expect([status, body.model_version, body.parameters?.['deployment']]).toEqual([200, version, served.deployment]);
}

/** The next version of the endpoint, in a plan that is signed. */
async function offer(route: Route): Promise<void> {
  await baton.plans.say(baton.plans.plan(endpoint, [route]));
}

function flipped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  const at = Math.floor(copy.length / 2);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

/** Each has a digest of its own, so that nothing of it is in the cache. */
function variant(): typeof iris {
  // An unknown field of the protobuf message: other bytes, the same model.
  const text = Buffer.from(newId());
  return { ...cancer, bytes: Buffer.concat([cancer.bytes, Buffer.from([0x32, text.length]), text]) };
}

describe('a version that does not match is refused, and the last good one stays', () => {
  it('one byte of the artifact is another one', async () => {
    const model = variant();
    const route = releasedRoute(model, 2);
    baton.artifacts.keep(flipped(model.bytes), sha256(model.bytes));
    await offer(route);
    const said = await violation(({ kind, endpoint: of }) => kind === 'artifact' && of === endpoint);
    expect(said).toMatchObject({ model: 'breast_cancer', version: 2, expected: sha256(model.bytes) });
    expect((await baton.reported(route.deployment, 'refused')).reason).toMatch(/digest|bytes|sha/i);
    await stillServes();
  });

  it.each<[string, (model: typeof iris) => Route]>([
    [
      'the attestation is signed by somebody else',
      (model) => {
        const route = releasedRoute(model, 2);
        const release = { model: model.name, version: 2, project: 'default', digest: route.digest, files: route.files };
        const stranger = loadPrivateKey(generateSigningKey().privateKeyPem);
        const envelope = signRelease({ ...release, approver: 'eve', approvedAt: new Date().toISOString() }, stranger);
        return { ...route, attestation: envelope };
      },
    ],
    ['the attestation is for another version', (model) => releasedRoute(model, 2, { version: 1 })],
    ['the attestation is for another model', (model) => releasedRoute(model, 2, { model: 'iris' })],
    ['the attestation is for other bytes', (model) => releasedRoute(model, 2, { digest: 'a'.repeat(64) })],
    [
      'the attestation is for other files',
      (model) => releasedRoute(model, 2, { files: [{ name: 'model.onnx', digest: 'b'.repeat(64), size: 1 }] }),
    ],
    [
      'one byte of the attestation is another one',
      (model) => {
        const route = releasedRoute(model, 2);
        const payload = flipped(Buffer.from(route.attestation.payload, 'base64')).toString('base64');
        return { ...route, attestation: { ...route.attestation, payload } };
      },
    ],
  ])('%s', async (_what, make) => {
    const model = variant();
    baton.artifacts.keep(model.bytes);
    const route = make(model);
    await offer(route);
    await violation(({ kind, endpoint: of }) => kind === 'attestation' && of === endpoint);
    expect((await baton.reported(route.deployment, 'refused')).reason).toBeTruthy();
    expect(baton.artifacts.asked).not.toContain(`/v1/artifacts/${sha256(model.bytes)}`);
    await stillServes();
  });

  it('the digest of the version is not that of its files', async () => {
    const model = variant();
    baton.artifacts.keep(model.bytes);
    const route = releasedRoute(model, 2, { digest: 'c'.repeat(64) });
    await offer({ ...route, digest: 'c'.repeat(64) });
    await violation(({ endpoint: of }) => of === endpoint);
    await baton.reported(route.deployment, 'refused');
    await stillServes();
  });

  it('a later, good version is served nevertheless', async () => {
    await offer(releasedRoute(variant(), 2, { version: 1 }));
    await violation(({ endpoint: of }) => of === endpoint);
    served = await baton.deploy(endpoint, iris, {}, 3);
    await stillServes('3');
  });
});

describe('a plan that is not what the deployment service signed', () => {
  const changes: [string, (plan: Record<string, unknown>) => void][] = [
    ['its policy', (plan) => Object.assign(plan, { policy: { ...(plan['policy'] as object), eventTime: true } })],
    ['its project', (plan) => Object.assign(plan, { project: 'other' })],
    ['a field that nobody knows', (plan) => Object.assign(plan, { more: 1 })],
    ['its revision', (plan) => Object.assign(plan, { revision: 1000 })],
  ];

  it.each(changes)('is refused when %s changed', async (_what, change) => {
    const plan = baton.plans.plan(endpoint, [releasedRoute(iris, 2)]);
    change(plan as unknown as Record<string, unknown>);
    await baton.plans.say(plan);
    await violation(({ kind, endpoint: of }) => kind === 'plan' && of === endpoint);
    await stillServes();
    // It has not used up the revision either.
    served = await baton.deploy(endpoint, iris, {}, 4);
    await stillServes('4');
  });

  it('is refused when somebody else signed it', async () => {
    const { signature: _, ...plan } = baton.plans.plan(endpoint, [releasedRoute(iris, 2)]);
    const stranger = loadPrivateKey(generateSigningKey().privateKeyPem);
    await baton.plans.say({ ...plan, signature: signDetached(PLAN_TYPE, plan, stranger) });
    await violation(({ kind, endpoint: of }) => kind === 'plan' && of === endpoint);
    await stillServes();
  });

  it('does not make a route that is served look refused', async () => {
    const plan = baton.plans.plan(endpoint, [served]);
    await baton.plans.say({ ...plan, project: 'other' });
    await violation(({ kind, endpoint: of }) => kind === 'plan' && of === endpoint);
    const refused = baton.events
      .of('replica.reported')
      .flatMap(({ data }) => data?.routes ?? [])
      .filter(({ deployment, state }) => deployment === served.deployment && state === 'refused');
    expect(refused).toEqual([]);
  });

  it('is ignored when it is older than the one in force', async () => {
    const old = baton.plans.plan(endpoint, [releasedRoute(iris, 8)]);
    served = await baton.deploy(endpoint, iris, {}, 9);
    await baton.plans.say(old);
    const marker = await baton.deploy(`${endpoint}-marker`, iris);
    expect(marker.version).toBe(1);
    await stillServes('9');
  });
});

describe('what lies on the replica’s own disk', () => {
  it('is looked at again while it is served: told, mended, and served on', async () => {
    const model = variant();
    served = await baton.deploy(endpoint, { ...model, inputs: cancer.inputs, outputs: cancer.outputs }, {}, 2);
    const digest = sha256(model.bytes);
    const file = fileWith(baton.config.dataDir, model.bytes);
    writeFileSync(file, flipped(model.bytes));
    const said = await violation(({ kind, expected }) => kind === 'artifact' && expected === digest);
    expect(said.actual).toBe(sha256(flipped(model.bytes)));
    await waitFor(() => (sha256(readFileSync(file)) === digest ? true : undefined), { what: 'the right bytes again' });
    const row = [{ name: 'input', datatype: 'FP32', shape: [1, 30], data: new Array<number>(30).fill(1) }];
    expect((await baton.infer(endpoint, { inputs: row })).status).toBe(200);
  });

  it('is verified at a start: a changed artifact is fetched anew, a changed plan is not followed', async () => {
    const other = `${endpoint}-plan`;
    await baton.deploy(other, iris, {}, 5);
    await baton.stop();
    writeFileSync(fileWith(baton.config.dataDir, iris.bytes), flipped(iris.bytes));
    const plan = planFile(baton.config.dataDir, other);
    writeFileSync(plan, readFileSync(plan, 'utf8').replaceAll('"project":"default"', '"project":"defaulx"'));
    await baton.start();
    await violation(({ kind, endpoint: of }) => kind === 'plan' && of === other);
    await violation(({ kind, expected }) => kind === 'artifact' && expected === sha256(iris.bytes));
    await stillServes();
    // The topic has the plan as it was signed.
    await waitFor(async () => ((await baton.infer(other, good)).status === 200 ? true : undefined), {
      what: 'the plan',
    });
  });
});

function fileWith(folder: string, bytes: Buffer): string {
  return everyFile(folder).find((file) => readFileSync(file).equals(bytes)) ?? 'no such file';
}

function planFile(folder: string, name: string): string {
  return everyFile(folder).find((file) => file.endsWith('.json') && file.includes(name)) ?? 'no such plan';
}

function everyFile(folder: string): string[] {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => statSync(path).isFile());
}
