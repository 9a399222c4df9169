// A program of its own: scans the model named by its argument, loads it and runs it once on zeros, under the limits
// that its parent has set. Of Baton it imports what reads models alone, and the runtime only once the scan has let the
// model pass: what a model breaks is only this process. `typescript-sources.ts` says how Node runs it from sources.
import { preScan, PreScanError, tensorOutputs, UnservableError } from '@baton/onnx';
import { readFile } from 'node:fs/promises';
import type { InferenceSession, OnnxValue, Tensor } from 'onnxruntime-node';
import type { TrialAnswer, TrialTensor } from './trial-answer.js';

type ArrayType = new (length: number) => Tensor.DataTypeMap[Exclude<Tensor.Type, 'string'>];

type Runtime = Pick<typeof import('onnxruntime-node'), 'InferenceSession'>;

const OPTIONS: InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  logSeverityLevel: 3,
};
const ROWS = 2;
const MAX_ELEMENTS = 50_000_000;
const arrays: Readonly<Record<string, ArrayType | undefined>> = {
  bool: Uint8Array,
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
};

function describe(metadata: InferenceSession.ValueMetadata): TrialTensor {
  if (!metadata.isTensor) return { name: metadata.name, type: 'not a tensor', shape: [] };
  const shape = metadata.shape.map((size) => (typeof size === 'number' && size >= 0 ? size : -1));
  return { name: metadata.name, type: metadata.type, shape };
}

/** Open dimensions get a size: the first one a few rows, the others one. */
function sizesOf(shape: readonly number[]): number[] {
  return shape.map((size, index) => {
    if (size >= 0) return size;
    return index === 0 ? ROWS : 1;
  });
}

/** A model may leave the rank of an output open; then it is as the run has shown it. */
function asSeen(declared: TrialTensor, value: OnnxValue | undefined): TrialTensor {
  const dims = value?.dims ?? [];
  if (dims.length === declared.shape.length) return declared;
  return { ...declared, shape: dims.map((size, index) => (index === 0 && size === ROWS ? -1 : size)) };
}

/** Loads it as it will be served: with tensors in place of the maps that ZipMap makes. */
async function load({ InferenceSession: Session }: Runtime, path: string): Promise<InferenceSession> {
  const session = await Session.create(path, OPTIONS);
  if ([...session.inputMetadata, ...session.outputMetadata].every(({ isTensor }) => isTensor)) return session;
  await session.release();
  const { bytes } = tensorOutputs(await readFile(path));
  return Session.create(bytes, OPTIONS);
}

/** A tensor without its class, which makes a Float16Array of numbers of 16 bits: the binding does not know those. */
function zeros({ name, type, shape }: TrialTensor): Tensor {
  const dims = sizesOf(shape);
  const count = dims.reduce((product, size) => product * size, 1);
  if (count > MAX_ELEMENTS) throw new Error(`the input "${name}" has ${count} elements for ${ROWS} rows`);
  const Values = arrays[type];
  if (!Values && type !== 'string') throw new Error(`the input "${name}" has the datatype ${type}`);
  const data = Values ? new Values(count) : new Array<string>(count).fill('');
  return { type, data, dims, location: 'cpu' } as unknown as Tensor;
}

async function trial(path: string): Promise<TrialAnswer> {
  const { opset } = preScan(path);
  const { default: ort } = await import('onnxruntime-node');
  const session = await load(ort, path);
  const inputs = session.inputMetadata.map(describe);
  const outputs = session.outputMetadata.map(describe);
  if ([...inputs, ...outputs].some(({ type }) => type === 'not a tensor')) return { inputs, outputs, opset };
  const results = await session.run(Object.fromEntries(inputs.map((input) => [input.name, zeros(input)])));
  return { inputs, outputs: outputs.map((output) => asSeen(output, results[output.name])), opset };
}

function failure(error: unknown): TrialAnswer {
  const message = error instanceof Error ? error.message : String(error);
  return error instanceof PreScanError || error instanceof UnservableError ? { refused: message } : { error: message };
}

const answer = await trial(String(process.argv[2])).catch(failure);
process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit());
