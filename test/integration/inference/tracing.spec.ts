import { TraceReceiver, type ReceivedSpan } from '@baton/telemetry';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GrpcCalls, rawBytes } from './grpc-calls.js';
import { InferenceProcess } from './inference-process.js';
import { releasedRoute, testModel } from './released-models.js';
import { RunningInference } from './running-inference.js';

const data = [5.1, 3.5, 1.4, 0.2];
const input = { name: 'input', datatype: 'FP32', shape: [1, 4] };

let traces: TraceReceiver;
let around: RunningInference;
let replica: InferenceProcess;

beforeAll(async () => {
  traces = await TraceReceiver.start();
  around = await RunningInference.prepare();
  const iris = testModel('iris');
  around.artifacts.keep(iris.bytes);
  const route = releasedRoute(iris);
  await around.plans.say(around.plans.plan('iris', [route]));
  replica = await InferenceProcess.start(around, { OTEL_EXPORTER_OTLP_ENDPOINT: traces.url });
  await around.reported(route.deployment, 'ready');
});

afterAll(async () => {
  await replica.stop();
  await traces.close();
  await around.remove();
});

const askByRest = async (headers: Record<string, string>) => {
  const body = JSON.stringify({ inputs: [{ ...input, data }] });
  const response = await fetch(`${replica.url}/v2/models/iris/infer`, { method: 'POST', headers, body });
  return ((await response.json()) as { parameters: { prediction: string } }).parameters.prediction;
};

const askByGrpc = async (headers: Record<string, string>) => {
  const grpc = new GrpcCalls(`127.0.0.1:${around.config.grpcPort}`);
  const request = { model_name: 'iris', inputs: [input], raw_input_contents: [rawBytes('FP32', data)] };
  const { body } = await grpc.call('ModelInfer', request, headers);
  grpc.close();
  return (body['parameters'] as Record<string, { string_param: string }>)['prediction']?.string_param;
};

describe('the trace of a request', () => {
  it.each([
    ['REST', askByRest],
    ['gRPC', askByGrpc],
  ])('over %s goes from the caller through the run to the event on Kafka', async (_interface, ask) => {
    const traceId = randomBytes(16).toString('hex');
    const caller = randomBytes(8).toString('hex');
    const prediction = await ask({ ...around.keys.predictor, traceparent: `00-${traceId}-${caller}-01` });
    const event = await around.events.waitFor('prediction.logged', (one) => one.data?.prediction === prediction);
    expect(event.traceparent).toContain(traceId);
    const complete = (spans: readonly ReceivedSpan[]) =>
      spans.filter((span) => span.traceId === traceId).length >= 3 && spans.some(isSend(traceId));
    await traces.waitFor(complete);
    const spans = traces.spans(traceId);
    const server = spans.filter(({ parentSpanId }) => parentSpanId === caller);
    expect(server).toHaveLength(1);
    const inside = spans.filter(({ parentSpanId }) => parentSpanId === server[0]?.spanId);
    expect(inside.map(({ name }) => name)).toContain('model.run');
    expect(spans.every(({ service }) => service === 'inference')).toBe(true);
  });
});

const isSend = (traceId: string) => (span: ReceivedSpan) =>
  span.traceId === traceId && span.name.startsWith('send ') && span.name.endsWith('prediction.logged');
