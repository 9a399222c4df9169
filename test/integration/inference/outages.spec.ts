import type { BatonEvent } from '@baton/contracts';
import { collectEvents, dedicatedKafka, waitFor, type DedicatedKafka } from '@baton/testing';
import { ensureTopics } from '@baton/messaging';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { releasedRoute, testModel } from './released-models.js';
import { RunningInference } from './running-inference.js';

const iris = testModel('iris');
const good = { inputs: [{ name: 'input', datatype: 'FP32', shape: [1, 4], data: [5.1, 3.5, 1.4, 0.2] }] };

describe('with the registry away', () => {
  let baton: RunningInference;
  beforeAll(async () => {
    baton = await RunningInference.start();
  });
  afterEach(() => (baton.artifacts.failWith = undefined));
  afterAll(() => baton.remove());

  it.each([500, 503, 404, 401])(
    'a download answered with %i is tried again; loading is reported, not refusal',
    async (code) => {
      const endpoint = `answered-${code}`;
      const model = { ...iris, bytes: Buffer.concat([iris.bytes, Buffer.from([0x32, 3, 0x61, 0x62, code % 250])]) };
      baton.artifacts.failWith = code;
      const route = releasedRoute(model);
      await baton.plans.say(baton.plans.plan(endpoint, [route]));
      await baton.reported(route.deployment, 'loading');
      const before = baton.artifacts.asked.length;
      await waitFor(() => (baton.artifacts.asked.length > before + 1 ? true : undefined), { what: 'another try' });
      const waiting = await baton.infer(endpoint, good);
      expect(waiting.status).toBe(503);
      expect(waiting.headers.get('retry-after')).toBeTruthy();
      baton.artifacts.keep(model.bytes);
      baton.artifacts.failWith = undefined;
      await baton.reported(route.deployment, 'ready');
      expect((await baton.infer(endpoint, good)).status).toBe(200);
      const states = baton.events
        .of('replica.reported')
        .flatMap(({ data }) => data?.routes ?? [])
        .filter(({ deployment }) => deployment === route.deployment)
        .map(({ state }) => state);
      expect(states).not.toContain('refused');
    },
  );

  it('a download that always ends early is refused: so does a registry whose bytes are not the right ones', async () => {
    const model = { ...iris, bytes: Buffer.concat([iris.bytes, Buffer.from([0x32, 3, 0x63, 0x75, 0x74])]) };
    baton.artifacts.keep(model.bytes);
    baton.artifacts.cutsOff = true;
    const route = releasedRoute(model);
    await baton.plans.say(baton.plans.plan('cut', [route]));
    await baton.reported(route.deployment, 'refused');
    await baton.events.waitFor(
      'integrity.violated',
      ({ data }) => data?.kind === 'artifact' && data.endpoint === 'cut',
    );
    baton.artifacts.cutsOff = false;
  });

  it('a withdrawn endpoint is gone', async () => {
    await baton.deploy('gone', iris);
    await baton.plans.withdraw('gone');
    await waitFor(async () => ((await baton.infer('gone', good)).status === 404 ? true : undefined), { what: '404' });
  });
});

describe('with Kafka and everything else stopped', () => {
  let kafka: DedicatedKafka;
  let baton: RunningInference;
  const prefix = 'outage.';

  beforeAll(async () => {
    kafka = await dedicatedKafka();
    await ensureTopics(kafka.brokers, prefix);
    baton = await RunningInference.prepare({}, { brokers: kafka.brokers, prefix });
    await baton.start();
    await baton.deploy('iris', iris, {}, 2);
  });

  afterAll(async () => {
    await baton.remove();
    await kafka.remove();
  });

  it('goes on, restarts from its own disk, and ships every prediction once Kafka is back', async () => {
    const ask = async () => {
      const { status, body } = await baton.infer('iris', good);
      expect([status, body.model_version]).toEqual([200, '2']);
      return String(body.parameters?.['prediction']);
    };
    const asked = [await ask()];
    await kafka.stop();
    await baton.artifacts.stop();
    for (let i = 0; i < 20; i += 1) asked.push(await ask());
    await baton.stop();
    await baton.start();
    for (let i = 0; i < 20; i += 1) asked.push(await ask());
    await kafka.start();
    const events = collectEvents({ brokers: kafka.brokers, prefix }, ['prediction.logged', 'replica.reported']);
    const arrived = () => unique(events.of('prediction.logged'));
    await waitFor(() => (arrived().length >= asked.length ? true : undefined), { what: 'the log', timeoutMs: 40_000 });
    expect(arrived().map(({ data }) => data?.prediction)).toEqual(asked);
    expect(arrived().map(({ data }) => data?.sequence)).toEqual(asked.map((_, index) => index + 1));
    await events.stop();
  });
});

/** By sequence, without what came twice. */
function unique(events: readonly BatonEvent<'prediction.logged'>[]): BatonEvent<'prediction.logged'>[] {
  const bySequence = new Map(events.map((event) => [event.data?.sequence ?? 0, event]));
  return [...bySequence].toSorted(([a], [b]) => a - b).map(([, event]) => event);
}
