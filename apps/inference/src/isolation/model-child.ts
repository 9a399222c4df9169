// A program of its own: loads the model that comes through its pipe and runs it for whoever holds the other end, under
// the limits that its parent has set. It ends with the pipe. It waits in a blocking read: there is nothing else to do,
// and nothing wakes it sooner. Imports of values end in `.ts`, so that Node runs it from sources as well.
import { Worker } from 'node:worker_threads';
import { InferenceSession, type OnnxValue, type Tensor } from 'onnxruntime-node';
import type { Datatype, TensorSignature } from '@baton/contracts';
import type { ModelTensor } from '../runtime/tensors.js';
import { readFrame, writeFrame } from './child-pipe.ts';
import { frameKinds } from './frames.ts';
import { decodeLoad, type ModelSignature } from './load-frame.ts';
import { decodeTensors, encodeTensors } from './tensor-frames.ts';

/** Bytes of tensors that nobody needs any more: the engine does not count them, so it is told when to look. */
const GARBAGE_BYTES = 32 * 1024 * 1024;

/** Ends this process with its parent, in whatever run it is. */
const WATCH = `const { workerData: parent } = require('node:worker_threads');
setInterval(() => process.ppid === parent || process.kill(process.pid, 'SIGKILL'), 250);`;

const runtimeTypes: Readonly<Record<Datatype, Tensor.Type>> = {
  BOOL: 'bool',
  UINT8: 'uint8',
  UINT16: 'uint16',
  UINT32: 'uint32',
  UINT64: 'uint64',
  INT8: 'int8',
  INT16: 'int16',
  INT32: 'int32',
  INT64: 'int64',
  FP16: 'float16',
  FP32: 'float32',
  FP64: 'float64',
  BYTES: 'string',
};

function datatypeOf(type: Tensor.Type): Datatype | undefined {
  return (Object.keys(runtimeTypes) as Datatype[]).find((datatype) => runtimeTypes[datatype] === type);
}

/** What requests are checked against must be what the graph takes. */
function refuseOther(
  what: string,
  declared: readonly InferenceSession.ValueMetadata[],
  wanted: readonly TensorSignature[],
): void {
  const has = declared.map((one) => `${one.name} ${one.isTensor ? datatypeOf(one.type) : 'not a tensor'}`).sort();
  const wants = wanted.map(({ name, datatype }) => `${name} ${datatype}`).sort();
  if (has.join() === wants.join()) return;
  throw new Error(`the ${what} of the graph are ${has.join(', ')}, and those of the version ${wants.join(', ')}`);
}

async function load(bytes: Uint8Array, { inputs, outputs }: ModelSignature): Promise<InferenceSession> {
  const session = await InferenceSession.create(bytes, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    // What a run took is given back after it: the process is to be small between runs.
    enableCpuMemArena: false,
    logSeverityLevel: 3,
  });
  refuseOther('inputs', session.inputMetadata, inputs);
  refuseOther('outputs', session.outputMetadata, outputs);
  return session;
}

/** Whether the graph gives the first dimension of all inputs the same name: then it is the rows. */
function sharesRows({ inputMetadata }: InferenceSession): boolean {
  const first = inputMetadata.map((input) => (input.isTensor ? input.shape[0] : undefined));
  return first.every((size) => typeof size === 'string' && size === first[0]);
}

function fromRuntime(name: string, value: OnnxValue | undefined): ModelTensor {
  const datatype = value && datatypeOf(value.type);
  if (!datatype) throw new Error(`the output ${name} is ${value ? `a ${value.type}` : 'not there'}`);
  return { name, datatype, shape: [...value.dims], data: value.data };
}

async function run(session: InferenceSession, { inputs, outputs }: ModelSignature, body: Uint8Array) {
  const names = inputs.map(({ name }) => name);
  // As the runtime's class makes them, which would take the bits of half-precision numbers for something else.
  const feeds = decodeTensors(body, names).map(({ name, datatype, shape, data }) => {
    return [name, { type: runtimeTypes[datatype], data, dims: shape, location: 'cpu' }] as const;
  });
  const wanted = outputs.map(({ name }) => name);
  const results = await session.run(Object.fromEntries(feeds) as never, wanted);
  return encodeTensors(wanted.map((name) => fromRuntime(name, results[name])));
}

async function serve(maxBytes: number): Promise<void> {
  const first = readFrame();
  const { signature, model } = decodeLoad(first.body);
  let session: InferenceSession;
  try {
    session = await load(model, signature);
    writeFrame({ kind: frameKinds.loaded, id: 0 }, [Uint8Array.of(Number(sharesRows(session)))], maxBytes);
  } catch (error) {
    writeFrame({ kind: frameKinds.failed, id: 0 }, [textOf(error)], maxBytes);
    return;
  }
  let garbage = Infinity;
  for (;;) {
    if (garbage > GARBAGE_BYTES) {
      globalThis.gc?.();
      garbage = 0;
    }
    const { id, body } = readFrame();
    garbage += body.byteLength;
    try {
      const answer = await run(session, signature, body);
      writeFrame({ kind: frameKinds.answer, id }, answer, maxBytes);
      garbage += answer.reduce((sum, { byteLength }) => sum + byteLength, 0);
    } catch (error) {
      writeFrame({ kind: frameKinds.failed, id }, [textOf(error)], maxBytes);
    }
  }
}

function textOf(error: unknown): Uint8Array {
  return Buffer.from(error instanceof Error ? error.message : String(error)).subarray(0, 4096);
}

const [maxBytes, watchParent] = process.argv.slice(2).map(Number);
// The terminal's Ctrl-C and a supervisor's stop go to everybody; the parent says when a model is no longer needed.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
if (watchParent) new Worker(WATCH, { eval: true, workerData: process.ppid }).unref();
await serve(maxBytes ?? 0);
process.exit();
