import type { VersionResponse } from '@baton/client';
import { encodeCursor } from '@baton/service';
import { generateSigningKey, loadPrivateKey, signModel } from '@baton/signing';
import { collectEvents, testDatabase, testKafka, type CollectedEvents, type TestDatabase } from '@baton/testing';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as models from '../../support/onnx-models.js';
import { startRegistry, type RegistryUnderTest } from './registry-under-test.js';

const data = fileURLToPath(new URL('../../data/models/', import.meta.url));
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

interface Info {
  readonly inputs: VersionResponse['inputs'];
  readonly outputs: VersionResponse['outputs'];
}

let database: TestDatabase;
let registry: RegistryUnderTest;
let events: CollectedEvents;

beforeAll(async () => {
  database = await testDatabase('registry');
  const kafka = await testKafka();
  registry = await startRegistry(database.url, kafka, { maxModelBytes: 150_000_000 });
  events = collectEvents(kafka, ['model.registered', 'alias.changed']);
});

afterAll(async () => {
  await events?.stop();
  await registry?.close();
  await database?.drop();
});

async function pushed(model: string, bytes: Uint8Array, more = {}): Promise<VersionResponse> {
  const answer = await registry.push(model, { model: bytes, ...more });
  expect(answer.status, await answer.clone().text()).toBe(201);
  return (await answer.json()) as VersionResponse;
}

describe('real models', () => {
  it.each(readdirSync(data))('%s has the signature that its author says', async (name) => {
    const info = JSON.parse(readFileSync(join(data, name, 'info.json'), 'utf8')) as Info;
    const reference = join(data, name, 'reference.csv');
    const version = await pushed(name.replaceAll('_', '-'), readFileSync(join(data, name, 'model.onnx')), {
      ...(existsSync(reference) ? { reference: readFileSync(reference, 'utf8') } : {}),
    });
    expect(version.inputs).toEqual(info.inputs);
    expect(version.outputs).toEqual(info.outputs);
    const event = await events.waitFor('model.registered', ({ data: said }) => said?.digest === version.digest);
    expect(event.data).toMatchObject({ inputs: info.inputs, outputs: info.outputs, features: version.features });
  });
});

describe('admission', () => {
  it.each([
    ['an old exporter', { irVersion: 3, opset: 9 }],
    ['a new exporter', { irVersion: 13, opset: 25 }],
  ])('lets in what %s wrote', async (_, age) => {
    const version = await pushed('ages', models.square(['N', 2], age));
    expect((version as VersionResponse & { opset: unknown }).opset).toEqual({ 'ai.onnx': age.opset });
  });

  it('takes the shape of an output from the run when the model does not say it', async () => {
    const version = await pushed('open-output', models.openOutput());
    expect(version.outputs).toEqual([{ name: 'y', datatype: 'FP32', shape: [-1, 3] }]);
  });

  it('names no features of a picture', async () => {
    const { features, inputs } = await pushed('picture', models.square(['N', 3, 224, 224]));
    expect({ features, inputs }).toEqual({
      features: [],
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 3, 224, 224] }],
    });
  });

  it.each([
    ['rows of billions of values', models.square(['N', 2 ** 31]), /elements/],
    ['a name of a thousand characters', models.square(['N', 2], { input: 'x'.repeat(1000) }), /256 characters/],
    ['a name with a NUL', models.square(['N', 2], { input: 'a\0b' }), /name/],
    ['an operator set from the future', models.square(['N', 2], { opset: 999 }), /[Oo]pset/],
  ])('refuses %s', async (_, bytes, reason) => {
    const answer = await registry.push('odd', { model: bytes });
    expect(answer.status).toBe(422);
    expect(((await answer.json()) as { detail: string }).detail).toMatch(reason);
  });

  it('does not hold up the others while it reads a file of millions of fields', async () => {
    const delay = monitorEventLoopDelay({ resolution: 10 });
    const bytes = models.manyFields(50_000_000);
    delay.enable();
    const answer = await registry.push('slow', { model: bytes });
    delay.disable();
    expect(answer.status).toBe(422);
    expect(delay.max / 1e6).toBeLessThan(1000);
  });
});

describe('an idempotency key', () => {
  it('makes one version of pushes that come at once', async () => {
    const headers = { ...registry.as.scientist, 'idempotency-key': 'at once' };
    const answers = await Promise.all(
      [1, 2, 3].map(() => registry.push('at-once', { model: models.scaling(6) }, headers)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 201]);
    expect(await database.query("select 1 from versions where model = 'at-once'")).toHaveLength(1);
  });

  it.each(['', 'x'.repeat(201)])('of a strange length is refused: "%s"', async (key) => {
    const headers = { ...registry.as.scientist, 'idempotency-key': key };
    const answer = await registry.push('strange-key', { model: models.scaling(7) }, headers);
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('Idempotency-Key');
  });
});

describe('a signed version', () => {
  it('keeps the signature for those who want to check it', async () => {
    const pair = generateSigningKey();
    writeFileSync(join(registry.folder, 'signers', 'ann.pem'), pair.publicKeyPem);
    const bytes = models.scaling(8);
    const files = [{ name: 'model.onnx', digest: sha256(bytes) }];
    const signature = JSON.stringify(signModel(files, 'model.onnx', loadPrivateKey(pair.privateKeyPem)));
    const version = (await pushed('kept', bytes, { signature })) as VersionResponse & { signature: unknown };
    expect(version.signature).toEqual({
      name: 'model.onnx.sig',
      digest: sha256(Buffer.from(signature)),
      size: Buffer.byteLength(signature),
    });
    const answer = await registry.get('/v1/models/kept/versions/1/files/model.onnx.sig', registry.as.auditor);
    expect(await answer.text()).toBe(signature);
  });
});

describe('where a signature is required', () => {
  it('an unsigned push is refused', async () => {
    const strict = await startRegistry(database.url, await testKafka(), { requireSignature: true });
    try {
      const answer = await strict.push('unsigned', { model: models.scaling(9) });
      expect(answer.status).toBe(422);
      expect(((await answer.json()) as { code: string }).code).toBe('signature-required');
      expect(strict.storedFiles()).toEqual([]);
    } finally {
      await strict.close();
    }
  });
});

describe('what comes too large', () => {
  it('is refused by name, and the caller gets to read it', async () => {
    const before = registry.storedFiles();
    const answer = await registry.push('too-large', { model: new Uint8Array(151_000_000) });
    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({ code: 'too-large', errors: [{ field: 'model' }] });
    expect(registry.storedFiles()).toEqual(before);
  });

  it('is refused when it is no table and no model too', async () => {
    const answer = await registry.push('too-large', { model: models.scaling(1), metrics: ' '.repeat(1_100_000) });
    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({ errors: [{ field: 'metrics' }] });
  });
});

describe('a push for a project', () => {
  it('is for the project of the key', async () => {
    const made = await registry.post('/v1/keys', { name: 'red-ann', roles: ['scientist'], project: 'red' });
    const headers = { authorization: `Bearer ${((await made.json()) as { key: string }).key}` };
    const other = await registry.push('red-model', { project: 'blue', model: models.scaling(1) }, headers);
    expect(other.status).toBe(400);
    expect(await other.json()).toMatchObject({ errors: [{ field: 'project' }] });
    const own = await registry.push('red-model', { model: models.scaling(1) }, headers);
    expect(await own.json()).toMatchObject({ project: 'red' });
    const strange = await registry.push('strange', { project: 'Red Project!', model: models.scaling(1) });
    expect(strange.status).toBe(400);
  });
});

describe('requests', () => {
  it('decide without a body, where none is needed', async () => {
    await pushed('bare', models.scaling(20));
    const url = `${registry.service.url}/v1/models/bare/versions/1/approve`;
    const answer = await fetch(url, { method: 'POST', headers: registry.as.approver });
    expect(await answer.json()).toMatchObject({ status: 'approved', decidedBy: 'test-approver' });
  });

  it.each([
    ['a rejection without a reason', '/v1/models/bare/versions/1/reject', {}, 'reason'],
    ['a reason that cannot be stored', '/v1/models/bare/versions/1/approve', { reason: 'a\0b' }, 'reason'],
    ['a field that is not known', '/v1/models/bare/versions/1/approve', { raeson: 'x' }, 'raeson'],
    ['a version that is no number', '/v1/models/bare/versions/one/approve', {}, 'version'],
    ['a version beyond all columns', '/v1/models/bare/versions/3000000000/approve', {}, 'version'],
    ['a model that is no name', '/v1/models/Bare%20Model/versions/1/approve', {}, 'model'],
    ['a key without roles', '/v1/keys', { name: 'x', roles: [] }, 'roles'],
    ['a role that is none', '/v1/keys', { name: 'x', roles: ['king'] }, 'roles'],
    [
      'a key that has expired before it is made',
      '/v1/keys',
      { name: 'x', roles: ['viewer'], expiresAt: '2020-01-01' },
      'expiresAt',
    ],
  ])('are refused for %s', async (_, path, body, field) => {
    const answer = await registry.post(path, body);
    expect(answer.status).toBe(400);
    const { errors } = (await answer.json()) as { errors: { field: string }[] };
    expect(errors.map((error) => error.field)).toContain(field);
  });

  it.each([
    ['/v1/models/nobody', 404],
    ['/v1/models/nobody/versions', 404],
    ['/v1/models/nobody/versions/1', 404],
    ['/v1/models/nobody/aliases', 404],
    ['/v1/models/bare/aliases/nothing', 404],
    ['/v1/models/bare/versions/9', 404],
    ['/v1/nothing', 404],
    [`/v1/models?cursor=${encodeCursor('a\0b')}`, 400],
    [`/v1/models/bare/versions?cursor=${encodeCursor('x')}`, 400],
    [`/v1/models/bare/aliases?cursor=${encodeCursor(1)}`, 400],
    ['/v1/keys?cursor=%00', 400],
    ['/v1/models?limit=0', 400],
    ['/v1/models?limit=501', 400],
    ['/v1/models?order=name', 400],
  ])('GET %s: %i', async (path, status) => {
    expect((await registry.get(path)).status).toBe(status);
  });
});

describe('lists', () => {
  const all = async (path: string, headers?: Record<string, string>) => {
    const found: Record<string, unknown>[] = [];
    let cursor = '';
    for (let pages = 0; pages < 50; pages += 1) {
      const answer = await registry.get(`${path}?limit=2${cursor}`, headers);
      const { items, nextCursor } = (await answer.json()) as {
        items: Record<string, unknown>[];
        nextCursor?: string;
      };
      expect(items.length).toBeLessThanOrEqual(2);
      found.push(...items);
      if (nextCursor === undefined) return found;
      cursor = `&cursor=${nextCursor}`;
    }
    throw new Error(`${path} never ends`);
  };

  it('of models, aliases and keys come page by page, each thing once', async () => {
    await pushed('listed', models.scaling(30));
    for (const alias of ['a', 'b', 'c', 'd', 'e']) {
      const url = `${registry.service.url}/v1/models/listed/aliases/${alias}`;
      const headers = { ...registry.as.operator, 'content-type': 'application/json' };
      expect((await fetch(url, { method: 'PUT', headers, body: '{"version":1}' })).status).toBe(200);
    }
    expect((await all('/v1/models/listed/aliases')).map(({ alias }) => alias)).toEqual(['a', 'b', 'c', 'd', 'e']);
    const rows = await database.query<{ name: string }>('select name from models order by name');
    expect((await all('/v1/models')).map(({ model }) => model)).toEqual(rows.map(({ name }) => name));
    const keys = await database.query<{ id: string }>('select id from access_keys order by id');
    expect((await all('/v1/keys')).map(({ id }) => id)).toEqual(keys.map(({ id }) => id));
  });

  it('show a key of a project what is in it', async () => {
    const made = await registry.post('/v1/keys', { name: 'green-admin', roles: ['admin'], project: 'green' });
    const headers = { authorization: `Bearer ${((await made.json()) as { key: string }).key}` };
    expect((await registry.push('green-model', { model: models.scaling(1) }, headers)).status).toBe(201);
    expect((await all('/v1/models', headers)).map(({ model }) => model)).toEqual(['green-model']);
    expect((await all('/v1/keys', headers)).map(({ name }) => name)).toEqual(['green-admin']);
    const outside = await registry.post('/v1/keys', { name: 'x', roles: ['admin'], project: 'red' }, headers);
    expect(outside.status).toBe(400);
    const inside = await registry.post('/v1/keys', { name: 'x', roles: ['viewer'] }, headers);
    expect(await inside.json()).toMatchObject({ project: 'green' });
    const strangers = await database.query<{ id: string }>("select id from access_keys where name = 'test-viewer'");
    const url = `${registry.service.url}/v1/keys/${String(strangers[0]?.id)}`;
    expect((await fetch(url, { method: 'DELETE', headers })).status).toBe(404);
  });
});
