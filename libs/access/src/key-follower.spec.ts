import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AccessKey, BatonEvent } from '@baton/contracts';
import type { Followers } from '@baton/messaging';
import { Readiness } from '@baton/service';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAccessKey } from './access-key.js';
import { KeyFollower } from './key-follower.js';
import { KeyRing } from './key-ring.js';
import { KeySnapshot } from './key-snapshot.js';

const ada = createAccessKey({ name: 'Ada', roles: ['viewer'] });
const bob = createAccessKey({ name: 'Bob', roles: ['viewer'] });

/** The topic `access.key`, as a follower sees it. */
class Topic {
  private onEvent: ((event: BatonEvent<'access.key'>) => void) | undefined;
  private readonly end = Promise.withResolvers<void>();
  isStopped = false;

  readonly followers = {
    follow: (_: 'access.key', onEvent: (event: BatonEvent<'access.key'>) => void) => {
      this.onEvent = onEvent;
      return { caughtUp: this.end.promise, stop: () => Promise.resolve((this.isStopped = true)) };
    },
  } as unknown as Followers;

  says(record: AccessKey): void {
    this.send(record.id, record);
  }

  revokes(id: string): void {
    this.send(id, null);
  }

  async isRead(): Promise<void> {
    this.end.resolve();
    await this.end.promise;
  }

  private send(subject: string, data: AccessKey | null): void {
    const attributes = { id: subject, source: 'baton/registry', time: '2026-11-23T20:00:00Z', correlationid: subject };
    this.onEvent?.({ ...attributes, type: 'access.key', subject, data });
  }
}

let folder: string;
let file: string;
let topic: Topic;
let ring: KeyRing;
let readiness: Readiness;
let follower: KeyFollower;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'baton-follower-'));
  file = join(folder, 'access-keys.json');
  await start();
});
afterEach(async () => {
  await follower.onModuleDestroy();
  await rm(folder, { recursive: true });
});

async function start(): Promise<void> {
  [topic, ring, readiness] = [new Topic(), new KeyRing(), new Readiness()];
  follower = new KeyFollower(ring, new KeySnapshot(file), topic.followers, readiness);
  await follower.onModuleInit();
  follower.onApplicationBootstrap();
}

const names = () =>
  ring
    .records()
    .map(({ name }) => name)
    .sort();
const missing = async () => Object.keys(await readiness.missing());

describe('following the access keys', () => {
  it('is ready when the topic was read to its end', async () => {
    expect(await missing()).toEqual(['access-keys']);
    topic.says(ada.record);
    expect(await missing()).toEqual(['access-keys']);
    await topic.isRead();
    await ring.caughtUp;
    expect(await missing()).toEqual([]);
    expect(ring.authenticate(ada.key).name).toBe('Ada');
  });

  it('takes keys in and out as the topic says', () => {
    topic.says(ada.record);
    topic.says(bob.record);
    topic.revokes(ada.record.id);
    expect(names()).toEqual(['Bob']);
  });

  it('stops following when the service stops', async () => {
    await follower.onModuleDestroy();
    expect(topic.isStopped).toBe(true);
  });
});

describe('starting again', () => {
  beforeEach(async () => {
    topic.says(ada.record);
    topic.says(bob.record);
    await topic.isRead();
    await follower.onModuleDestroy();
  });

  it('is ready with the saved keys before anything was read', async () => {
    await start();
    expect(await missing()).toEqual([]);
    expect(names()).toEqual(['Ada', 'Bob']);
  });

  it('forgets a key that the topic no longer knows, once it was read to its end', async () => {
    await start();
    topic.says(bob.record);
    expect(names()).toEqual(['Ada', 'Bob']);
    await topic.isRead();
    expect(names()).toEqual(['Bob']);
    await follower.onModuleDestroy();
    await start();
    expect(names()).toEqual(['Bob']);
  });

  it('knows of a revocation that came after the end was reached', async () => {
    await start();
    topic.says(ada.record);
    topic.says(bob.record);
    await topic.isRead();
    topic.revokes(ada.record.id);
    await follower.onModuleDestroy();
    await start();
    expect(names()).toEqual(['Bob']);
  });

  it('does not save a half-read topic', async () => {
    await start();
    topic.revokes(ada.record.id);
    await follower.onModuleDestroy();
    await start();
    expect(names()).toEqual(['Ada', 'Bob']);
  });
});
