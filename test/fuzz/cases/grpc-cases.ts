import { inferenceProto, modelRepositoryProto } from '@baton/contracts';
import protobuf from 'protobufjs';
import { literalFields, frame, frameTypes, flags, greeting } from '../../load/generators/http2-frames.js';
import type { Dice } from '../dice.js';
import type { GrpcCase, RawCase } from '../fuzz-case.js';
import { KEYS } from '../fuzz-keys.js';
import { mutateBytes } from '../mutations/mutate-bytes.js';
import { mutateProto } from '../mutations/mutate-proto.js';
import { keys, texts } from '../mutations/words.js';
import { inputsOf, type Corpus } from './corpus.js';
import { enlargeMessage } from './enlarge-message.js';
import { cutsOf } from './raw-cases.js';
import { rawBytes } from './raw-bytes.js';

const INFERENCE = '/inference.GRPCInferenceService';
const REPOSITORY = '/inference.model_repository.ModelRepositoryService';
const root = new protobuf.Root().loadSync([inferenceProto, modelRepositoryProto], { keepCase: true });
const InferRequest = root.lookupType('inference.ModelInferRequest');

const LARGE_SHARE = 1 / 2000;

/** The fields of typed contents. */
const contentFields: Readonly<Record<string, string>> = {
  ...{ BOOL: 'bool_contents', INT8: 'int_contents', INT16: 'int_contents', INT32: 'int_contents' },
  ...{ INT64: 'int64_contents', UINT8: 'uint_contents', UINT16: 'uint_contents', UINT32: 'uint_contents' },
  ...{ UINT64: 'uint64_contents', FP32: 'fp32_contents', FP64: 'fp64_contents', BYTES: 'bytes_contents' },
};

const others = [
  ...['ServerLive', 'ServerReady', 'ServerMetadata', 'ModelReady', 'ModelMetadata', 'ModelConfig', 'ModelStatistics'],
  ...['RepositoryIndex', 'RepositoryModelLoad', 'RepositoryModelUnload', 'TraceSetting', 'SystemSharedMemoryStatus'],
].map((method) => `${INFERENCE}/${method}`);
const more = [
  ...['RepositoryIndex', 'RepositoryModelLoad', 'RepositoryModelUnload'].map((method) => `${REPOSITORY}/${method}`),
  ...['/grpc.health.v1.Health/Check', '/inference.GRPCInferenceService/Nothing', '/x/y'],
];

/** A call of any method, its messages changed. */
export function grpcCall(corpus: Corpus, dice: Dice): GrpcCase {
  const kind = dice.weighted([
    [10, 'infer'],
    [2, 'stream'],
    [2, 'other'],
  ]);
  const metadata = metadataOf(dice);
  if (kind === 'other') {
    const path = dice.pick(dice.chance(0.7) ? others : more);
    const named = Buffer.from([0x0a, 4, ...Buffer.from('iris'), 0x12, 1, 0x31]);
    return {
      kind: 'grpc',
      label: `grpc ${path}`,
      path,
      isStream: false,
      messages: [mutateProto(named, dice)],
      metadata,
    };
  }
  const isStream = kind === 'stream';
  const count = isStream ? 1 + dice.small(8) : 1;
  const message = (): Buffer => {
    if (dice.chance(LARGE_SHARE)) return enlargeMessage(inferMessage(corpus, dice), dice);
    return mutateProto(inferMessage(corpus, dice), dice);
  };
  const messages = Array.from({ length: count }, message);
  const path = `${INFERENCE}/${isStream ? 'ModelStreamInfer' : 'ModelInfer'}`;
  return { kind: 'grpc', label: `grpc ${kind}`, path, isStream, messages, metadata };
}

/** A call in frames of HTTP/2 that are changed too. */
export function http2Call(corpus: Corpus, dice: Dice): RawCase {
  const message = dice.chance(0.5) ? inferMessage(corpus, dice) : mutateProto(inferMessage(corpus, dice), dice);
  const head = literalFields({
    ...{ ':method': 'POST', ':scheme': 'http', ':path': `${INFERENCE}/ModelInfer`, ':authority': 'a', te: 'trailers' },
    ...{ 'content-type': dice.pick(['application/grpc', 'application/grpc+proto', 'text/plain', '']) },
    ...{ authorization: `Bearer ${KEYS.predictor}` },
    ...(dice.chance(0.1) ? { 'grpc-timeout': dice.pick(['1n', '1S', '99999999H', 'x', '-1S', '']) } : {}),
    ...(dice.chance(0.1) ? { 'grpc-encoding': dice.pick(['gzip', 'deflate', 'identity', 'x']) } : {}),
  });
  const prefix = Buffer.alloc(5);
  prefix[0] = dice.chance(0.9) ? 0 : dice.below(256);
  prefix.writeUInt32BE(dice.chance(0.85) ? message.length : dice.word(), 1);
  const frames = [
    frame(frameTypes.headers, flags.endHeaders, 1, dice.chance(0.8) ? head : mutateBytes(head, dice)),
    frame(frameTypes.data, flags.endStream, 1, Buffer.concat([prefix, message])),
  ];
  if (dice.chance(0.3)) frames.splice(dice.below(3), 0, anyFrame(dice));
  const whole = Buffer.concat([greeting(), ...frames]);
  const bytes = dice.chance(0.5) ? whole : mutateBytes(whole, dice);
  return { kind: 'http2', label: 'http2', bytes, cuts: cutsOf(bytes.length, dice) };
}

function inferMessage(corpus: Corpus, dice: Dice): Buffer {
  const endpoint = corpus.endpoint(dice);
  const inputs = inputsOf(endpoint, dice);
  const isRaw = dice.chance(0.5);
  const parameter = () => ({
    [dice.pick(keys)]: dice.pick([
      { bool_param: true },
      { int64_param: 7 },
      { string_param: 'x' },
      { double_param: NaN },
    ]),
  });
  const outputs = endpoint.model.outputs.map(({ name }) => ({
    name,
    ...(dice.chance(0.3) ? { parameters: parameter() } : {}),
  }));
  const message = {
    model_name: dice.chance(0.95) ? endpoint.endpoint : dice.pick(texts),
    model_version: dice.chance(0.8) ? '' : dice.pick(['1', '2', 'x']),
    id: dice.chance(0.7) ? '' : dice.pick(texts),
    parameters: dice.chance(0.8) ? {} : parameter(),
    inputs: inputs.map(({ name, datatype, shape, data }) => {
      const contents = isRaw ? undefined : { [contentFields[datatype] ?? 'x']: contentsOf(datatype, data) };
      return { name, datatype, shape, ...(contents ? { contents } : {}) };
    }),
    ...(dice.chance(0.7) ? {} : { outputs }),
    raw_input_contents: isRaw ? inputs.map(({ datatype, data }) => rawBytes(datatype, data)) : [],
  };
  return Buffer.from(InferRequest.encode(InferRequest.fromObject(message)).finish());
}

function contentsOf(datatype: string, data: readonly (number | string)[]): unknown[] {
  return datatype === 'BYTES' ? data.map((value) => Buffer.from(String(value))) : [...data];
}

function metadataOf(dice: Dice): Record<string, string> {
  return {
    ...(dice.chance(0.96) ? { authorization: `Bearer ${dice.pick([KEYS.predictor, KEYS.operator])}` } : {}),
    ...(dice.chance(0.05) ? { 'x-api-key': KEYS.predictor } : {}),
    ...(dice.chance(0.05) ? { 'baton-sticky-key': dice.pick(['a', '', 'x'.repeat(3000)]) } : {}),
    ...(dice.chance(0.05)
      ? { traceparent: dice.pick(['x', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01']) }
      : {}),
  };
}

function anyFrame(dice: Dice): Buffer {
  return frame(dice.below(12), dice.below(256), dice.pick([0, 1, 2, 3, 2 ** 31 - 1]), dice.bytes(dice.small(64)));
}
