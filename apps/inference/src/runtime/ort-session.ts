import type { Datatype } from '@baton/contracts';
import { env, InferenceSession, type OnnxValue } from 'onnxruntime-node';
import nativeRuntime, { type Binding } from 'onnxruntime-node/dist/binding.js';
import { datatypeOf } from './tensors.js';

/** One thread and no spinning: a replica's processors are shared by requests, not by one run. */
const OPTIONS: InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  logSeverityLevel: 3,
};
/** Versions whose private binding was tried; with any other the public way is taken, which costs a turn of the loop. */
const KNOWN_VERSIONS = ['1.30.0'];
/** ONNX's element types (onnx.proto, TensorProto.DataType) as the runtime numbers them. */
const ELEMENT_TYPES = [
  ...[undefined, 'float32', 'uint8', 'int8', 'uint16', 'int16', 'int32', 'int64', 'string', 'bool'],
  ...['float16', 'float64', 'uint32', 'uint64'],
] as const;

/** A tensor as the runtime takes it; its own class does the same with more work. */
export interface OrtTensor {
  readonly type: string;
  readonly data: unknown;
  readonly dims: readonly number[];
  readonly location: 'cpu';
}

export type OrtFeeds = Readonly<Record<string, OrtTensor>>;
export type OrtResults = Readonly<Record<string, OnnxValue>>;

/** An input or output as the graph declares it; no datatype where it is none of the inference protocol. */
export interface OrtValue {
  readonly name: string;
  readonly datatype: Datatype | undefined;
  /** Name of the first dimension, a number where it is fixed, undefined for a scalar. */
  readonly first: string | number | undefined;
}

/** A model in the runtime. */
export interface OrtSession {
  readonly inputs: readonly OrtValue[];
  readonly outputs: readonly OrtValue[];
  /** At once where the runtime lets us, which blocks the event loop in either case. */
  run(feeds: OrtFeeds, outputs: readonly string[]): OrtResults | Promise<OrtResults>;
  release(): Promise<void>;
}

/** @throws Error of the runtime for bytes that it does not take */
export async function openSession(bytes: Uint8Array): Promise<OrtSession> {
  return isKnownVersion() ? openNative(bytes) : openPublic(bytes);
}

export function isKnownVersion(): boolean {
  return KNOWN_VERSIONS.includes(env.versions.node ?? '');
}

/**
 * The runtime's package puts each run off to the next turn of the loop and runs it there all the same. Its private
 * binding runs it now: that is a turn less for every request, and the batch's memory is free again at once.
 */
export function openNative(bytes: Uint8Array): OrtSession {
  nativeRuntime.initOrt();
  const session = new nativeRuntime.binding.InferenceSession();
  session.loadModel(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength, OPTIONS);
  const fetches = Object.fromEntries(session.outputMetadata.map(({ name }) => [name, null]));
  return {
    inputs: session.inputMetadata.map(nativeValue),
    outputs: session.outputMetadata.map(nativeValue),
    run: (feeds) => session.run(feeds as never, fetches, {}),
    release: () => Promise.resolve(session.dispose()),
  };
}

export async function openPublic(bytes: Uint8Array): Promise<OrtSession> {
  const session = await InferenceSession.create(bytes, OPTIONS);
  return {
    inputs: session.inputMetadata.map(publicValue),
    outputs: session.outputMetadata.map(publicValue),
    run: (feeds, outputs) => session.run(feeds as never, outputs),
    release: () => session.release(),
  };
}

function nativeValue({ name, isTensor, type, shape, symbolicDimensions }: Binding.ValueMetadata): OrtValue {
  const element = isTensor ? ELEMENT_TYPES[type] : undefined;
  const first = shape?.[0] === -1 ? (symbolicDimensions[0] ?? '') : shape?.[0];
  return { name, datatype: element && datatypeOf(element), first };
}

function publicValue(value: InferenceSession.ValueMetadata): OrtValue {
  if (!value.isTensor) return { name: value.name, datatype: undefined, first: undefined };
  return { name: value.name, datatype: datatypeOf(value.type), first: value.shape[0] };
}
