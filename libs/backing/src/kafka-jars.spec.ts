import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { kafkaJars, LOCK_FILE, type LockedJar } from './kafka-jars.js';

const content = (name: string) => Buffer.from(`bytes of ${name}`.repeat(100));
const names = ['one', 'two', 'three', 'four', 'five', 'six'];
const locked: LockedJar[] = names.map((name) => ({
  artifact: `org.example.jars:${name}:1.0`,
  size: content(name).length,
  sha256: createHash('sha256').update(content(name)).digest('hex'),
}));
const pathOf = (name: string) => `/maven/org/example/jars/${name}/1.0/${name}-1.0.jar`;

let folder: string;
let server: Server;
let repository: string;
let asked: string[];
/** What the server does instead of answering well, by the number of the request. */
let trouble: (request: number, response: ServerResponse) => boolean;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'baton-jars-'));
  asked = [];
  trouble = () => false;
  server = createServer((request, response) => {
    asked.push(String(request.url));
    if (trouble(asked.length, response)) return;
    const name = names.find((wanted) => request.url === pathOf(wanted));
    if (name) response.end(content(name));
    else response.writeHead(404).end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  repository = `http://127.0.0.1:${(server.address() as AddressInfo).port}/maven/`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  rmSync(folder, { recursive: true });
});

const jarsDir = () => join(folder, 'jars');
const quick = { locked, pauseMs: 1, stallMs: 300, settings: '/nowhere' };

describe('the jars of Kafka', () => {
  it('are those of the lock: 46 of Maven, with size and SHA-256', () => {
    const lock = JSON.parse(readFileSync(LOCK_FILE, 'utf8')) as LockedJar[];
    expect(lock).toHaveLength(46);
    expect(lock.map((jar) => jar.artifact)).toContain('org.apache.kafka:kafka_2.13:4.1.2');
    for (const jar of lock) {
      expect(jar.artifact).toMatch(/^[^:/]+:[^:/]+:[^:/]+$/);
      expect(jar.size).toBeGreaterThan(0);
      expect(jar.sha256).toMatch(/^[0-9a-f]{64}$/);
    }
  });

  it('are downloaded once, in the order of the lock', async () => {
    const said: string[] = [];
    const options = { jarsDir: jarsDir(), repository, onProgress: (text: string) => void said.push(text) };
    const jars = await kafkaJars(options, quick);
    expect(jars).toEqual(names.map((name) => join(jarsDir(), `${name}-1.0.jar`)));
    jars.forEach((jar, index) => expect(readFileSync(jar)).toEqual(content(String(names[index]))));
    expect(said[0]).toMatch('downloading 6 jars');
    expect(said.at(-1)).toBe('100 % downloaded');
    await expect(kafkaJars(options, quick)).resolves.toEqual(jars);
    expect(asked).toHaveLength(6);
    expect(readdirSync(jarsDir()).sort()).toEqual(names.map((name) => `${name}-1.0.jar`).sort());
  });

  it('are downloaded again when they are not whole', async () => {
    const [first = ''] = await kafkaJars({ jarsDir: jarsDir(), repository }, quick);
    writeFileSync(first, 'half');
    await kafkaJars({ jarsDir: jarsDir(), repository }, quick);
    expect(readFileSync(first)).toEqual(content('one'));
    expect(asked).toHaveLength(7);
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ['an error', (response) => void response.writeHead(503).end()],
    ['other bytes', (response) => void response.end('something else')],
    ['a connection that breaks', (response) => void response.writeHead(200, { 'content-length': 9000 }).write('some')],
    ['a connection that is cut', (response) => void response.destroy()],
    ['silence', () => undefined],
  ])('come in spite of %s', async (_, answer) => {
    trouble = (request, response) => {
      if (request <= 2) answer(response);
      return request <= 2;
    };
    const jars = await kafkaJars({ jarsDir: jarsDir(), repository }, quick);
    jars.forEach((jar, index) => expect(readFileSync(jar)).toEqual(content(String(names[index]))));
    expect(asked).toHaveLength(8);
  });

  it.each([
    ['are not there', (response: ServerResponse) => void response.writeHead(404).end(), /Status 404/],
    ['are not the ones of the lock', (response: ServerResponse) => void response.end('evil'), /SHA-256 is/],
  ])('that %s are told by name, with the ways out', async (_, answer, reason) => {
    trouble = (_request, response) => {
      answer(response);
      return true;
    };
    const failing = kafkaJars({ jarsDir: jarsDir(), repository }, { ...quick, tries: 2 });
    await expect(failing).rejects.toThrow(/^org\.example\.jars:\w+:1\.0 could not be downloaded/);
    const again = kafkaJars({ jarsDir: jarsDir(), repository }, { ...quick, tries: 1 });
    await expect(again).rejects.toThrow(reason);
    await expect(kafkaJars({ jarsDir: jarsDir(), repository }, { ...quick, tries: 1 })).rejects.toThrow(
      'KAFKA_BROKERS',
    );
    expect(readdirSync(jarsDir())).toEqual([]);
  });

  it('come from the mirror of the Maven settings, unless another repository is named', async () => {
    const settings = join(folder, 'settings.xml');
    const url = repository.slice(0, -1);
    writeFileSync(
      settings,
      `<settings><mirrors><mirror><mirrorOf>*</mirrorOf><url>${url}</url></mirror></mirrors></settings>`,
    );
    await kafkaJars({ jarsDir: jarsDir() }, { ...quick, settings });
    expect(asked.sort()).toEqual(names.map(pathOf).sort());
    const elsewhere = kafkaJars(
      { jarsDir: join(folder, 'more'), repository: `${url}/not` },
      { ...quick, settings, tries: 1 },
    );
    await expect(elsewhere).rejects.toThrow('Status 404');
  });

  it('leave no parts of downloads that were killed', async () => {
    await kafkaJars({ jarsDir: jarsDir(), repository }, quick);
    const part = join(jarsDir(), `one-1.0.jar.part-${2 ** 22 - 1}-abcdef`);
    writeFileSync(part, 'half');
    await kafkaJars({ jarsDir: jarsDir(), repository }, quick);
    expect(existsSync(part)).toBe(false);
  });
});
