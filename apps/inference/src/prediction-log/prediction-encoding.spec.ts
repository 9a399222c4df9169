import { datatypes, parsePayload, type Datatype } from '@baton/contracts';
import { describe, expect, it } from 'vitest';
import type { TensorData } from '../runtime/tensors.js';
import { decodePrediction, type PredictionEvent } from './prediction-decoder.js';
import { PredictionEncoder } from './prediction-encoder.js';
import type { PredictionEntry } from './prediction-entry.js';
import type { RouteContext } from './recorded-route.js';
import { FRAME_HEADER } from './spool-frame.js';
import { contextsBody, contextsIn, recordsIn, SpoolGroup } from './spool-group.js';
import { someEntry, somePlan } from './testing/entries.js';

const replica = '01890a5d-ac96-774b-bcce-b302099a8058';
const encoder = new PredictionEncoder(replica, Buffer.from('k'.repeat(32)));

/** What comes back of entries that were written as one group, from sequence 1 on. */
function throughLog(...entries: PredictionEntry[]): (PredictionEvent | undefined)[] {
  const group = new SpoolGroup();
  for (const entry of entries) group.add(entry, (one, to) => encoder.encode(one, to));
  const contexts = contextsIn(contextsBody(group.contexts));
  const contextOf = (number: number) => JSON.parse(String(contexts.get(number))) as RouteContext;
  const bodies = recordsIn(group.buffer.written.subarray(FRAME_HEADER), group.count);
  return bodies.map((body, index) => decodePrediction({ sequence: index + 1, body }, contextOf));
}

const values: Record<Datatype, [TensorData, unknown[]]> = {
  BOOL: [Uint8Array.of(1, 0), [true, false]],
  UINT8: [Uint8Array.of(255, 0), [255, 0]],
  UINT16: [Uint16Array.of(65_535, 1), [65_535, 1]],
  UINT32: [Uint32Array.of(4_294_967_295, 1), [4_294_967_295, 1]],
  UINT64: [BigUint64Array.of(2n ** 64n - 1n, 7n), ['18446744073709551615', 7]],
  INT8: [Int8Array.of(-128, 127), [-128, 127]],
  INT16: [Int16Array.of(-32_768, 5), [-32_768, 5]],
  INT32: [Int32Array.of(-2_147_483_648, 5), [-2_147_483_648, 5]],
  INT64: [BigInt64Array.of(-(2n ** 63n), 9_007_199_254_740_991n), ['-9223372036854775808', 9_007_199_254_740_991]],
  FP16: [Uint16Array.of(0x3c00, 0x7c00), [1, null]],
  FP32: [Float32Array.of(0.5, NaN), [0.5, null]],
  FP64: [Float64Array.of(0.1, -Infinity), [0.1, null]],
  BYTES: [
    ['Zoë 🙂', ''],
    ['Zoë 🙂', ''],
  ],
};

describe('a prediction in the log', () => {
  it('comes back as an event that fits the catalogue', () => {
    const [event] = throughLog(someEntry());
    expect(event).toEqual({
      type: 'prediction.logged',
      id: '01890a5d-ac96-774b-bcce-b302099a8057',
      time: '2026-01-02T03:04:05.678Z',
      source: `baton/inference/${replica}`,
      correlationid: '01890a5d-ac96-774b-bcce-b302099a8057',
      data: {
        prediction: '01890a5d-ac96-774b-bcce-b302099a8057',
        endpoint: 'iris',
        project: 'default',
        deployment: '01890a5d-ac96-774b-bcce-b302099a8057',
        model: 'iris',
        version: 3,
        digest: 'a'.repeat(64),
        replica,
        sequence: 1,
        caller: 'abcdefghijklmnop',
        receivedAt: '2026-01-02T03:04:05.678Z',
        eventTime: '2026-01-02T03:04:05.678Z',
        latencyMs: 0.734,
        outcome: 'ok',
        rows: 1,
        inputs: [{ name: 'input', datatype: 'FP32', shape: [1, 4], data: [1.5, 2.5, 3.5, 4.5] }],
        outputs: [{ name: 'label', datatype: 'INT64', shape: [1], data: [2] }],
      },
    });
    expect(() => parsePayload('prediction.logged', event?.data)).not.toThrow();
  });

  it('keeps what a caller said, the trace, the reason, and that it is a shadow’s', () => {
    const trace = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, tracestate: 'vendor=1' };
    const error = `cannot ${'ü'.repeat(2000)}`;
    const [event] = throughLog(
      someEntry({ requestId: 'mine', error, errorCode: 'run-failed', shadow: true, ...trace, outputs: [] }),
    );
    expect(event).toMatchObject({
      ...trace,
      data: { requestId: 'mine', error, errorCode: 'run-failed', outcome: 'failed', shadow: true },
    });
    const [bare] = throughLog(someEntry({ requestId: '', error: '' }));
    expect(bare?.data).toMatchObject({ outcome: 'failed', error: '' });
    expect(bare?.data).not.toHaveProperty('requestId');
  });

  it.each(datatypes)('keeps %s values as JSON has them', (datatype) => {
    const [data, expected] = values[datatype];
    const tensor = { name: 'input', datatype, shape: [2], data };
    const [event] = throughLog(someEntry({ inputs: [tensor], outputs: [{ ...tensor, name: 'label' }] }));
    expect(event?.data.inputs).toEqual([{ name: 'input', datatype, shape: [2], data: expected }]);
    expect(event?.data.outputs).toEqual([{ name: 'label', datatype, shape: [2], data: expected }]);
  });

  it('takes values out of larger memory that is used again at once', () => {
    const memory = Float32Array.of(9, 1, 2, 3, 4, 9);
    const group = new SpoolGroup();
    const inputs = [{ name: 'input', datatype: 'FP32' as const, shape: [1, 4], data: memory.subarray(1, 5) }];
    group.add(someEntry({ inputs }), (one, to) => encoder.encode(one, to));
    const before = Buffer.from(group.buffer.written);
    memory.fill(0);
    expect(group.buffer.written).toEqual(before);
    expect(before.includes(Buffer.from(Float32Array.of(1, 2, 3, 4).buffer))).toBe(true);
  });

  it('is one of many, over several routes, however large', () => {
    const other = somePlan({}, { version: 4, inputs: [], outputs: [] });
    const large = Float64Array.from({ length: 100_000 }, (_, index) => index);
    const entries = Array.from({ length: 50 }, (_, index) =>
      someEntry({
        ...(index % 2 === 0 ? {} : { plan: other }),
        rows: index,
        ...(index === 7 ? { inputs: [{ name: 'x', datatype: 'FP64', shape: [100_000], data: large }] } : {}),
      }),
    );
    const events = throughLog(...entries);
    expect(events.map((event) => [event?.data.version, event?.data.rows])).toEqual(
      entries.map((_, index) => [index % 2 === 0 ? 3 : 4, index]),
    );
    expect(events[7]?.data.inputs[0]?.data).toEqual(Array.from(large));
  });

  it('goes without its values where Kafka would not take it', () => {
    const data = new Float64Array(1_000_000);
    const [event] = throughLog(someEntry({ inputs: [{ name: 'x', datatype: 'FP64', shape: [1_000_000], data }] }));
    expect(event?.data.inputs).toEqual([{ name: 'x', datatype: 'FP64', shape: [1_000_000] }]);
  });

  it('goes without its values where hashing them would hold up everybody', () => {
    const hashed = somePlan({ logging: 'hash' });
    const event = (plan: typeof hashed, rows: number) => {
      const data = Float32Array.from({ length: rows * 4 }, (_, index) => index);
      const inputs = [{ name: 'input', datatype: 'FP32' as const, shape: [rows, 4], data }];
      return throughLog(someEntry({ plan, inputs }))[0]?.data.inputs[0]?.data?.length;
    };
    expect([event(hashed, 9000), event(hashed, 11_000), event(somePlan(), 11_000)]).toEqual([
      36_000,
      undefined,
      44_000,
    ]);
  });

  it('that cannot be written leaves a hole of its own, and the others as they are', () => {
    const group = new SpoolGroup();
    const bad = { ...someEntry(), inputs: [null] } as unknown as PredictionEntry;
    const encode = (one: PredictionEntry) => group.add(one, (entry, to) => encoder.encode(entry, to));
    encode(someEntry());
    expect(() => encode(bad)).toThrow(TypeError);
    encode(someEntry());
    const bodies = recordsIn(group.buffer.written.subarray(FRAME_HEADER), group.count);
    expect(bodies.map((body) => body.length > 0)).toEqual([true, false, true]);
  });

  it('never has what the policy forbids in the bytes that go to disk', () => {
    const secret = 'a-name-that-nobody-may-read';
    const inputs = [{ name: 'who', datatype: 'BYTES' as const, shape: [1], data: [secret] }];
    const bytesBy = (logging: 'full' | 'hash' | 'none') => {
      const group = new SpoolGroup();
      const plan = somePlan({ features: { who: logging } });
      group.add(someEntry({ plan, inputs }), (one, to) => encoder.encode(one, to));
      return group.buffer.written.toString('latin1');
    };
    expect(bytesBy('full')).toContain(secret);
    expect(bytesBy('hash')).not.toContain(secret);
    expect(bytesBy('none')).not.toContain(secret);
  });
});
