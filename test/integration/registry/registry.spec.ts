import type { VersionResponse } from '@baton/client';
import { schemaDifferences } from '@baton/database';
import { registrySchema } from '@baton/registry/schema';
import { generateSigningKey, hashFile, loadPrivateKey, loadPublicKey, signModel, verifyRelease } from '@baton/signing';
import {
  collectEvents,
  testDatabase,
  testKafka,
  waitFor,
  type CollectedEvents,
  type TestDatabase,
} from '@baton/testing';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as models from '../../support/onnx-models.js';
import { startRegistry, type RegistryUnderTest } from './registry-under-test.js';

const iris = fileURLToPath(new URL('../../data/models/iris/', import.meta.url));
const irisModel = readFileSync(join(iris, 'model.onnx'));
const irisReference = readFileSync(join(iris, 'reference.csv'), 'utf8');
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

let database: TestDatabase;
let registry: RegistryUnderTest;
let events: CollectedEvents;

const problem = async (answer: Response) => (await answer.json()) as { code: string; detail: string };
const pushed = async (model: string, bytes: Uint8Array, more = {}) => {
  const answer = await registry.push(model, { model: bytes, ...more });
  expect(answer.status, await answer.clone().text()).toBe(201);
  return (await answer.json()) as VersionResponse;
};

beforeAll(async () => {
  database = await testDatabase('registry');
  const kafka = await testKafka();
  registry = await startRegistry(database.url, kafka, { maxReferenceBytes: 100_000 });
  events = collectEvents(kafka, [
    'model.registered',
    'model.approved',
    'model.rejected',
    'alias.changed',
    'access.key',
    'integrity.violated',
  ]);
});

afterAll(async () => {
  await events?.stop();
  await registry?.close();
  await database?.drop();
});

describe('a push', () => {
  it('registers a version: signature, digests, features, event, files', async () => {
    const version = await pushed('iris', irisModel, { reference: irisReference, metrics: '{"accuracy":0.93}' });
    expect(version).toMatchObject({
      model: 'iris',
      project: 'default',
      version: 1,
      status: 'registered',
      files: [{ name: 'model.onnx', digest: sha256(irisModel), size: irisModel.length }],
      inputs: [{ name: 'input', datatype: 'FP32', shape: [-1, 4] }],
      features: ['sepal_length', 'sepal_width', 'petal_length', 'petal_width'],
      metrics: { accuracy: 0.93 },
      author: 'test-scientist',
    });
    expect(version.outputs.map(({ datatype }) => datatype)).toEqual(['BYTES', 'FP32']);
    const event = await events.waitFor('model.registered', ({ subject }) => subject === 'iris');
    expect(event.data).toMatchObject({ version: 1, digest: version.digest, revision: 1 });
    const file = await registry.get(`/v1/artifacts/${sha256(irisModel)}`, registry.as.viewer);
    expect(Buffer.from(await file.arrayBuffer()).equals(irisModel)).toBe(true);
    expect(file.headers.get('content-length')).toBe(String(irisModel.length));
    const reference = await registry.get('/v1/models/iris/versions/1/files/reference.csv');
    expect(await reference.text()).toBe(irisReference);
  });

  it('counts versions without a gap when many come at once', async () => {
    const versions = await Promise.all([1, 2, 3, 4, 5].map((factor) => pushed('many', models.scaling(factor))));
    expect(versions.map(({ version }) => version).sort()).toEqual([1, 2, 3, 4, 5]);
    const page = (await (await registry.get('/v1/models/many/versions?limit=2')).json()) as {
      items: VersionResponse[];
      nextCursor: string;
    };
    expect(page.items.map(({ version }) => version)).toEqual([5, 4]);
    const next = await registry.get(`/v1/models/many/versions?limit=3&cursor=${page.nextCursor}`);
    expect(((await next.json()) as typeof page).items.map(({ version }) => version)).toEqual([3, 2, 1]);
  });

  it('answers with the same version when it comes again with its idempotency key', async () => {
    const headers = { ...registry.as.scientist, 'idempotency-key': 'once' };
    const first = await registry.push('once', { model: models.scaling(10) }, headers);
    const again = await registry.push('once', { model: models.scaling(10) }, headers);
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(await again.json()).toEqual(await first.json());
    const other = await registry.push('once', { model: models.scaling(11) }, headers);
    expect(other.status).toBe(409);
    expect((await problem(other)).code).toBe('idempotency-key-reused');
  });

  it('takes a signature of a trusted key, and no other', async () => {
    const pair = generateSigningKey();
    const bytes = models.scaling(20);
    const file = join(registry.folder, 'to-sign.onnx');
    writeFileSync(file, bytes);
    const { digest } = await hashFile(file);
    const signature = JSON.stringify(
      signModel([{ name: 'model.onnx', digest }], 'model.onnx', loadPrivateKey(pair.privateKeyPem)),
    );
    const stranger = await registry.push('signed', { model: bytes, signature });
    expect(stranger.status).toBe(422);
    expect((await problem(stranger)).code).toBe('unknown-signer');
    writeFileSync(join(registry.folder, 'signers', 'one.pem'), pair.publicKeyPem);
    const version = await pushed('signed', bytes, { signature });
    expect(version.signer).toMatch(/^[0-9a-f]{64}$/);
    const otherBytes = await registry.push('signed', { model: models.scaling(21), signature });
    expect((await problem(otherBytes)).detail).toContain('digest-mismatch');
  });
});

describe('what is refused leaves nothing', () => {
  it.each([
    ['random bytes', () => Buffer.from('this is no model at all'), /not an ONNX model/],
    ['nothing', () => Buffer.alloc(0), /not an ONNX model/],
    ['half a model', () => irisModel.subarray(0, irisModel.length / 2), /not an ONNX model/],
    ['weights in another file', () => models.externalData('../../etc/passwd'), /other files/],
    ['a custom operator', () => models.customOperator(), /com\.example/],
    ['an unknown operator', () => models.unknownOperator(), /NoSuchThing/],
    ['a shape beyond reason', () => models.hugeShape(), /unreasonable shape/],
    ['an output that is a sequence', () => models.sequenceOutput(), /zipmap/i],
    ['4 GiB of zeros', () => models.memoryBomb(), /memory|MB|alloc/i],
    ['a loop without an end', () => models.endlessLoop(), /did not end|SIG/],
  ])('%s: 422 with the reason', { timeout: 30_000 }, async (_, bytes, reason) => {
    const before = registry.storedFiles();
    const answer = await registry.push('hostile', { model: bytes() });
    expect(answer.status).toBe(422);
    const { code, detail } = await problem(answer);
    expect(code).toBe('model-refused');
    expect(detail).toMatch(reason);
    expect(registry.storedFiles()).toEqual(before);
    expect((await registry.get('/v1/models/hostile')).status).toBe(404);
  });

  it.each([
    ['no model', { reference: irisReference }, 400, 'model'],
    ['an unknown part', { model: irisModel, weights: 'x' }, 400, 'weights'],
    ['a table that is none', { model: irisModel, reference: 'a,b\n1,2,3\n' }, 422, 'reference'],
    ['a table without rows', { model: irisModel, reference: 'a,b\n' }, 422, 'reference'],
    ['metrics that are no numbers', { model: irisModel, metrics: '{"accuracy":"good"}' }, 422, 'accuracy'],
    ['a signature that is none', { model: irisModel, signature: 'x' }, 422, 'signature'],
    ['a table that is too large', { model: irisModel, reference: `a\n${'1\n'.repeat(60_000)}` }, 413, 'reference'],
  ])('%s', async (_, parts, status, word) => {
    const before = registry.storedFiles();
    const answer = await registry.push('invalid', parts);
    expect(answer.status).toBe(status);
    expect(await answer.text()).toContain(word);
    expect(registry.storedFiles()).toEqual(before);
  });

  it('a push that breaks off', async () => {
    const before = registry.storedFiles();
    const { port, hostname } = new URL(registry.service.url);
    const request = httpRequest({
      host: hostname,
      port,
      method: 'POST',
      path: '/v1/models/broken/versions',
      headers: { ...registry.as.scientist, 'content-type': 'multipart/form-data; boundary=x' },
    });
    request.on('error', () => undefined);
    request.write('--x\r\ncontent-disposition: form-data; name="model"; filename="m"\r\n\r\n');
    request.write(Buffer.alloc(300_000));
    await waitFor(() => (registry.storedFiles().length > before.length ? true : undefined), {
      what: 'the first bytes',
    });
    request.destroy();
    await waitFor(() => (registry.storedFiles().length === before.length ? true : undefined), {
      what: 'it to be removed',
    });
  });
});

describe('a decision', () => {
  it('is for a second person, once, and signed', async () => {
    const version = await pushed('decided', models.scaling(30));
    const own = await registry.post('/v1/models/decided/versions/1/approve', {}, registry.as.admin);
    expect(own.status).toBe(200);
    const approved = (await own.json()) as VersionResponse & { attestation: unknown };
    const key = loadPublicKey(join(registry.folder, 'registry.pub.pem'));
    const release = verifyRelease(approved.attestation, [key], {
      model: 'decided',
      version: 1,
      digest: version.digest,
    });
    expect(release).toMatchObject({ approver: 'test-admin', project: 'default' });
    const event = await events.waitFor('model.approved', ({ subject }) => subject === 'decided');
    expect(event.data).toMatchObject({ approver: 'test-admin', digest: version.digest, revision: 2 });
    const again = await registry.post('/v1/models/decided/versions/1/reject', { reason: 'no' });
    expect(again.status).toBe(409);
  });

  it('is not for the author', async () => {
    expect((await registry.push('own', { model: models.scaling(31) }, registry.as.admin)).status).toBe(201);
    const answer = await registry.post('/v1/models/own/versions/1/approve', {}, registry.as.admin);
    expect(answer.status).toBe(403);
    expect((await problem(answer)).code).toBe('own-version');
    const rejected = await registry.post(
      '/v1/models/own/versions/1/reject',
      { reason: 'too old' },
      registry.as.approver,
    );
    expect(await rejected.json()).toMatchObject({ status: 'rejected', reason: 'too old', decidedBy: 'test-approver' });
    await events.waitFor('model.rejected', ({ subject }) => subject === 'own');
  });
});

describe('aliases', () => {
  it('move, and say from where to where', async () => {
    await pushed('aliased', models.scaling(40));
    await pushed('aliased', models.scaling(41));
    const put = (version: number) =>
      fetch(`${registry.service.url}/v1/models/aliased/aliases/champion`, {
        method: 'PUT',
        headers: { ...registry.as.scientist, 'content-type': 'application/json' },
        body: JSON.stringify({ version }),
      });
    expect((await put(1)).status).toBe(200);
    expect((await put(2)).status).toBe(200);
    expect((await put(9)).status).toBe(404);
    expect(await (await registry.get('/v1/models/aliased/aliases')).json()).toMatchObject({
      items: [{ alias: 'champion', version: 2 }],
    });
    const event = await events.waitFor('alias.changed', ({ data }) => data?.to === 2);
    expect(event.data).toMatchObject({ from: 1, alias: 'champion' });
    const url = `${registry.service.url}/v1/models/aliased/aliases/champion`;
    expect((await fetch(url, { method: 'DELETE', headers: registry.as.scientist })).status).toBe(204);
    await events.waitFor('alias.changed', ({ data }) => data?.to === null);
  });
});

describe('access', () => {
  it.each([
    ['no key', () => ({}), 401],
    ['a wrong role', () => registry.as.viewer, 403],
  ])('%s', async (_, headers, status) => {
    expect((await registry.push('x', { model: irisModel }, headers())).status).toBe(status);
  });

  it('makes a key that works at once, and revokes it', async () => {
    const made = (await (await registry.post('/v1/keys', { name: 'eve', roles: ['viewer'] })).json()) as {
      id: string;
      key: string;
    };
    const headers = { authorization: `Bearer ${made.key}` };
    expect(await (await registry.get('/v1/whoami', headers)).json()).toMatchObject({
      id: made.id,
      name: 'eve',
      roles: ['viewer'],
    });
    await events.waitFor('access.key', ({ subject, data }) => subject === made.id && data !== null);
    const url = `${registry.service.url}/v1/keys/${made.id}`;
    expect((await fetch(url, { method: 'DELETE', headers: registry.as.admin })).status).toBe(204);
    expect((await registry.get('/v1/whoami', headers)).status).toBe(401);
    await events.waitFor('access.key', ({ subject, data }) => subject === made.id && data === null);
    const rows = await database.query<{ row: string }>(
      "select access_keys::text as row from access_keys where name = 'eve'",
    );
    expect(rows[0]?.row).not.toContain(made.key.split('_')[2]);
  });

  it('makes a key with the clearance that is asked for, but none beyond that of the key that asks', async () => {
    interface Made {
      readonly id: string;
      readonly key: string;
      readonly clearance: string[] | null;
    }
    const make = (request: object, headers = registry.as.admin) =>
      registry.post('/v1/keys', { name: 'kim', roles: ['admin'], ...request }, headers);
    const free = (await (await make({})).json()) as Made;
    const limited = (await (await make({ clearance: ['personal', 'medical'] })).json()) as Made;
    const headers = { authorization: `Bearer ${limited.key}` };
    const [heir, none] = [(await (await make({}, headers)).json()) as Made, await make({ clearance: [] }, headers)];
    const beyond = await make({ clearance: ['personal', 'financial'] }, headers);

    expect([free.clearance, limited.clearance]).toEqual([null, ['personal', 'medical']]);
    expect(heir.clearance).toEqual(limited.clearance);
    expect(((await none.json()) as Made).clearance).toEqual([]);
    expect(beyond.status).toBe(400);
    expect(JSON.stringify(await beyond.json())).toMatch(/"field":"clearance".*financial/);
    expect(await (await registry.get('/v1/whoami', headers)).json()).toMatchObject({ clearance: limited.clearance });
    const told = (made: Made) => events.waitFor('access.key', ({ subject }) => subject === made.id);
    expect((await told(limited)).data?.clearance).toEqual(limited.clearance);
    expect((await told(free)).data?.clearance).toBeUndefined();
    const sql = 'select id from access_keys where id = any($1) and clearance is null';
    expect(await database.query(sql, [[free.id, limited.id]])).toEqual([{ id: free.id }]);
  });

  it.each<[string, unknown]>([
    ['that is no list', 'personal'],
    ['with a class that is no name', ['Very Secret']],
    ['with a class twice', ['personal', 'personal']],
    ['with more than 64 classes', Array.from({ length: 65 }, (_, index) => `class-${index}`)],
  ])('makes no key with a clearance %s', async (_what, clearance) => {
    const answer = await registry.post('/v1/keys', { name: 'kim', roles: ['viewer'], clearance });
    expect(answer.status).toBe(400);
    expect(JSON.stringify(await answer.json())).toContain('"field":"clearance"');
  });

  it("does not show another project's models", async () => {
    const make = async (project: string) => {
      const answer = await registry.post('/v1/keys', { name: `of-${project}`, roles: ['scientist'], project });
      return { authorization: `Bearer ${((await answer.json()) as { key: string }).key}` };
    };
    const [red, blue] = [await make('red'), await make('blue')];
    expect((await registry.push('secret', { model: models.scaling(50) }, red)).status).toBe(201);
    expect((await registry.get('/v1/models/secret', red)).status).toBe(200);
    expect((await registry.get('/v1/models/secret', blue)).status).toBe(404);
    expect((await registry.get(`/v1/artifacts/${sha256(models.scaling(50))}`, blue)).status).toBe(404);
    expect((await registry.push('secret', { model: models.scaling(51) }, blue)).status).toBe(409);
    const list = (await (await registry.get('/v1/models', blue)).json()) as { items: unknown[] };
    expect(list.items).toEqual([]);
  });
});

describe('integrity', () => {
  it('does not give out bytes that were changed on disk, and says so', async () => {
    const version = await pushed('tampered', models.scaling(60));
    const digest = String(version.files[0]?.digest);
    const path = join(registry.config.artifactDir, digest.slice(0, 2), digest);
    const bytes = readFileSync(path);
    bytes[20] = (bytes[20] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    const small = await registry.get(`/v1/artifacts/${digest}`);
    expect(small.status).toBe(500);
    expect((await problem(small)).code).toBe('artifact-corrupt');
    const event = await events.waitFor('integrity.violated', ({ data }) => data?.expected === digest);
    expect(event.data).toMatchObject({ kind: 'artifact', model: 'tampered', version: 1, detectedBy: 'registry' });
  });
});

describe('the tables', () => {
  it('are what the entities say', async () => {
    const { schema, entities } = registrySchema;
    expect(await schemaDifferences({ url: database.url, schema, entities })).toEqual([]);
  });
});
