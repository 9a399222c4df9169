import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toSpansOfProtobuf } from './otlp-protobuf.js';
import { ProtoWriter } from './proto-writer.js';
import { TraceReceiver } from './trace-receiver.js';

/** An export with one span, written field by field. */
function exportOf(writeSpan: (writer: ProtoWriter) => void): Buffer {
  const writer = new ProtoWriter(4 * 1024 * 1024);
  const open = [writer.open(1), writer.open(2), writer.open(2)];
  writeSpan(writer);
  open.reverse().forEach((start) => writer.close(start));
  return writer.bytes.subarray(0, writer.at);
}

describe('an export in protocol buffers', () => {
  it('is read with links, and whatever else there may be is passed over', () => {
    const [span, ...others] = toSpansOfProtobuf(
      exportOf((writer) => {
        writer.id(2, 1, 2);
        writer.text(5, 'first name');
        writer.text(5, 'last name');
        writer.integer(10, 300);
        writer.double(99, 1.5);
        writer.integer(6, 5);
        const link = writer.open(13);
        writer.id(2, -1, 7);
        writer.close(link);
      }),
    );
    expect(others).toEqual([]);
    expect(span).toMatchObject({ spanId: '0000000100000002', name: 'last name', kind: 'consumer', service: 'unknown' });
    expect(span?.links).toEqual([{ traceId: '', spanId: 'ffffffff00000007' }]);
  });

  it('may be long', () => {
    const name = 'n'.repeat(3_000_000);
    expect(toSpansOfProtobuf(exportOf((writer) => writer.text(5, name)))[0]?.name).toBe(name);
  });

  it('that is cut anywhere inside is refused', () => {
    const whole = exportOf((writer) => writer.text(5, 'n'.repeat(300)));
    for (let length = 1; length < whole.length; length++) {
      expect(() => toSpansOfProtobuf(whole.subarray(0, length))).toThrow(/message/);
    }
  });
});

describe('the receiver', () => {
  let receiver: TraceReceiver;
  let behind: TraceReceiver;

  const post = (type: string, body: string | Uint8Array<ArrayBuffer>) =>
    fetch(`${receiver.url}/v1/traces`, { method: 'POST', headers: { 'content-type': type }, body });

  beforeAll(async () => {
    behind = await TraceReceiver.start();
    receiver = await TraceReceiver.start({ forwardTo: behind.url });
  });

  afterAll(async () => {
    await receiver.close();
    await behind.close();
  });

  it('answers in the encoding of the export, and hands it on as it came', async () => {
    const body = new Uint8Array(exportOf((writer) => writer.text(5, 'handed on')));
    const response = await post('application/x-protobuf', body);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/x-protobuf']);
    expect((await response.arrayBuffer()).byteLength).toBe(0);
    await behind.waitFor((spans) => spans.some(({ name }) => name === 'handed on'), 5000);
  });

  it.each([
    ['application/x-protobuf', '{"resourceSpans":[]}'],
    ['application/json', '\u0000\u0001'],
  ])('refuses what is not %s', async (type, body) => {
    expect((await post(type, body)).status).toBe(400);
  });
});
