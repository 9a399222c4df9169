import type { VersionResponse } from '@baton/client';
import { ArtifactSweep } from '@baton/registry/versions/artifact-sweep';
import {
  collectEvents,
  testDatabase,
  testKafka,
  waitFor,
  type CollectedEvents,
  type TestDatabase,
} from '@baton/testing';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as models from '../../support/onnx-models.js';
import { startRegistry, type RegistryUnderTest } from './registry-under-test.js';

const MEBIBYTE = 1024 * 1024;
const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');
/** A table of some megabytes, which goes over the wire in many pieces. */
const largeTable = `x\n${Array.from({ length: 400_000 }, (_, row) => String(row)).join('\n')}\n`;

let database: TestDatabase;
let registry: RegistryUnderTest;
let events: CollectedEvents;

const pathOf = (digest: string) => join(registry.config.artifactDir, digest.slice(0, 2), digest);

beforeAll(async () => {
  database = await testDatabase('registry');
  const kafka = await testKafka();
  registry = await startRegistry(database.url, kafka);
  events = collectEvents(kafka, ['integrity.violated']);
  const answer = await registry.push('large', { model: models.scaling(1), reference: largeTable });
  expect(answer.status, await answer.clone().text()).toBe(201);
});

afterAll(async () => {
  await events?.stop();
  await registry?.close();
  await database?.drop();
});

describe('a download', () => {
  it('of megabytes comes whole, with its length and digest', async () => {
    const answer = await registry.get(`/v1/artifacts/${sha256(largeTable)}`, registry.as.viewer);
    expect(answer.headers.get('content-length')).toBe(String(Buffer.byteLength(largeTable)));
    expect(answer.headers.get('etag')).toBe(`"${sha256(largeTable)}"`);
    expect(sha256(await answer.text())).toBe(sha256(largeTable));
  });

  it('of a large file with one byte changed breaks off before its end, and is told of', async () => {
    const digest = sha256(largeTable);
    const bytes = readFileSync(pathOf(digest));
    const changed = Buffer.from(bytes);
    changed[5] = (changed[5] ?? 0) ^ 1;
    writeFileSync(pathOf(digest), changed);
    const answer = await registry.get(`/v1/artifacts/${digest}`);
    await expect(answer.arrayBuffer()).rejects.toThrow();
    const event = await events.waitFor('integrity.violated', ({ data }) => data?.expected === digest);
    expect(event.data).toMatchObject({ actual: sha256(changed), model: 'large', version: 1 });
    writeFileSync(pathOf(digest), bytes);
  });

  it('of a file that is gone is a fault of ours, and is told of', async () => {
    const pushed = (await (await registry.push('gone', { model: models.scaling(2) })).json()) as VersionResponse;
    const digest = String(pushed.files[0]?.digest);
    rmSync(pathOf(digest));
    const answer = await registry.get(`/v1/models/gone/versions/1/files/model.onnx`);
    expect(answer.status).toBe(500);
    expect(((await answer.json()) as { code: string }).code).toBe('artifact-missing');
    await events.waitFor('integrity.violated', ({ data }) => data?.expected === digest);
    expect((await registry.push('gone', { model: models.scaling(2) })).status).toBe(201);
    expect((await registry.get(`/v1/artifacts/${digest}`)).status).toBe(200);
  });

  it.each([
    ['a digest that nobody pushed', `/v1/artifacts/${sha256('nothing')}`, 404],
    ['what is no digest', '/v1/artifacts/..%2f..%2fetc%2fpasswd', 400],
    ['a file that the version does not have', '/v1/models/large/versions/1/files/other', 404],
    ['a version that is not there', '/v1/models/large/versions/7/files/model.onnx', 404],
  ])('of %s', async (_, path, status) => {
    expect((await registry.get(path)).status).toBe(status);
  });
});

describe('an upload', () => {
  it('is never held in memory', async () => {
    const size = 192 * MEBIBYTE;
    const before = process.memoryUsage();
    let peak = 0;
    const watch = setInterval(() => {
      const { external, heapUsed } = process.memoryUsage();
      peak = Math.max(peak, external + heapUsed - before.external - before.heapUsed);
    }, 5);
    const status = await sendModel('big', size);
    clearInterval(watch);
    expect(status).toBe(422);
    expect(peak).toBeLessThan(96 * MEBIBYTE);
  });

  it('of two files named alike is refused', async () => {
    const form = new FormData();
    for (const factor of [1, 2]) form.append('model', new Blob([new Uint8Array(models.scaling(factor))]), 'm');
    const url = `${registry.service.url}/v1/models/twice/versions`;
    const answer = await fetch(url, { method: 'POST', headers: registry.as.scientist, body: form });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('comes twice');
  });

  it('of anything but multipart is refused', async () => {
    expect((await registry.post('/v1/models/json/versions', {}, registry.as.scientist)).status).toBe(415);
  });
});

describe('between the files and the commit', () => {
  beforeAll(async () => {
    await database.query(`
      create function registry.hinder() returns trigger language plpgsql as $$
      begin
        if new.model = 'slow-commit' then perform pg_sleep(1); end if;
        if new.model = 'failing-commit' then raise exception 'no'; end if;
        return null;
      end $$;
      create constraint trigger hinder after insert on registry.versions
        deferrable initially deferred for each row execute function registry.hinder();
    `);
  });

  it('a failure leaves no file', async () => {
    const answer = await registry.push('failing-commit', { model: models.scaling(101), reference: 'a,b\n1,2\n' });
    expect(answer.status).toBe(500);
    expect(registry.storedFiles()).not.toContain(sha256(models.scaling(101)));
    expect(registry.storedFiles()).not.toContain(sha256('a,b\n1,2\n'));
    expect(await database.query("select 1 from models where name = 'failing-commit'")).toEqual([]);
  });

  it('a failure keeps the files that other versions have', async () => {
    const answer = await registry.push('failing-commit', { model: models.scaling(1) });
    expect(answer.status).toBe(500);
    expect(registry.storedFiles()).toContain(sha256(models.scaling(1)));
  });

  it('an idempotency key is taken for other models too', async () => {
    const headers = { ...registry.as.scientist, 'idempotency-key': 'both' };
    const digest = sha256(models.scaling(103));
    const first = registry.push('slow-commit', { model: models.scaling(103) }, headers);
    await waitFor(() => (registry.storedFiles().includes(digest) ? true : undefined), { what: 'the file' });
    const second = await registry.push('other', { model: models.scaling(103) }, headers);
    expect([(await first).status, second.status]).toEqual([201, 409]);
    expect(registry.storedFiles()).toContain(digest);
  });

  it('nothing is swept', async () => {
    const digest = sha256(models.scaling(102));
    const push = registry.push('slow-commit', { model: models.scaling(102) });
    await waitFor(() => (registry.storedFiles().includes(digest) ? true : undefined), { what: 'the file' });
    await registry.service.app.get(ArtifactSweep).sweep([digest]);
    expect((await push).status).toBe(201);
    expect(registry.storedFiles()).toContain(digest);
  });
});

describe('a start', () => {
  it('sweeps out what no version has, and keeps what one has', async () => {
    const kept = sha256(models.scaling(1));
    const orphan = sha256('orphan');
    mkdirSync(dirname(pathOf(orphan)), { recursive: true });
    writeFileSync(pathOf(orphan), 'orphan');
    const next = await startRegistry(database.url, await testKafka(), { artifactDir: registry.config.artifactDir });
    try {
      await waitFor(() => (registry.storedFiles().includes(orphan) ? undefined : true), { what: 'the sweep' });
      expect(registry.storedFiles()).toContain(kept);
    } finally {
      await next.close();
    }
  });

  it('on the wrong database removes nothing', async () => {
    const orphans = Array.from({ length: 13 }, (_, i) => sha256(`orphan ${i}`));
    for (const orphan of orphans) {
      mkdirSync(dirname(pathOf(orphan)), { recursive: true });
      writeFileSync(pathOf(orphan), 'orphan');
    }
    const next = await startRegistry(database.url, await testKafka(), { artifactDir: registry.config.artifactDir });
    try {
      await next.service.app.get(ArtifactSweep).done;
      expect(registry.storedFiles()).toEqual(expect.arrayContaining(orphans));
    } finally {
      await next.close();
      for (const orphan of orphans) rmSync(pathOf(orphan));
    }
  });
});

/** Sends random bytes as a model, piece by piece; gives the status. */
function sendModel(model: string, size: number): Promise<number> {
  const { hostname, port } = new URL(registry.service.url);
  const piece = randomBytes(MEBIBYTE);
  return new Promise((done, failed) => {
    const headers = { ...registry.as.scientist, 'content-type': 'multipart/form-data; boundary=x' };
    const path = `/v1/models/${model}/versions`;
    const request = httpRequest({ host: hostname, port, method: 'POST', path, headers }, (answer) => {
      answer.resume().once('end', () => done(answer.statusCode ?? 0));
    });
    request.once('error', failed);
    request.write('--x\r\ncontent-disposition: form-data; name="model"; filename="m"\r\n\r\n');
    let sent = 0;
    const more = (): void => {
      while (sent < size) {
        sent += piece.length;
        if (!request.write(piece)) {
          request.once('drain', more);
          return;
        }
      }
      request.end('\r\n--x--\r\n');
    };
    more();
  });
}
