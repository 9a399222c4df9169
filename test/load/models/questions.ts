import protobuf from 'protobufjs';
import type { Question } from '../generators/load-spec.js';
import { repositoryPath } from '../repository.js';
import type { BenchModel, BenchRow } from './bench-model.js';

export interface Asking {
  readonly endpoint: string;
  /** Value of the `Authorization` header. */
  readonly authorization?: string;
  readonly encoding?: 'json' | 'binary';
}

const proto = repositoryPath('libs/contracts/proto/inference/inference.proto');
const Request = new protobuf.Root().loadSync(proto, { keepCase: true }).lookupType('inference.ModelInferRequest');

/** The model's rows as requests of `POST /v2/models/{endpoint}/infer`. */
export function httpQuestions({ rows }: BenchModel, asking: Asking): Question[] {
  return rows.map((row) => {
    const { body, headers } = asking.encoding === 'binary' ? binaryBody(row) : jsonBody(row);
    const credentials = asking.authorization === undefined ? {} : { authorization: asking.authorization };
    const all = { host: '127.0.0.1', ...credentials, ...headers, 'content-length': body.length };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    const head = `POST /v2/models/${asking.endpoint}/infer HTTP/1.1\r\n${lines.join('')}\r\n`;
    return { bytes: Buffer.concat([Buffer.from(head), body]).toString('base64'), wanted: row.outputs };
  });
}

/** The model's rows as messages of `ModelInfer`, with raw contents. */
export function grpcQuestions({ rows }: BenchModel, { endpoint }: Asking): Question[] {
  return rows.map(({ inputs, outputs }) => {
    const message = {
      model_name: endpoint,
      inputs: inputs.map(({ name, datatype, shape }) => ({ name, datatype, shape })),
      raw_input_contents: inputs.map(({ data }) => floats(data)),
    };
    const bytes = Request.encode(Request.fromObject(message)).finish();
    return { bytes: Buffer.from(bytes).toString('base64'), wanted: outputs };
  });
}

/** A request whose answer says nothing but that it came. */
export function getQuestion(path: string): Question {
  return { bytes: Buffer.from(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`).toString('base64') };
}

function jsonBody({ inputs }: BenchRow) {
  const tensors = inputs.map(({ name, datatype, shape, data }) => ({ name, shape, datatype, data }));
  return { body: Buffer.from(JSON.stringify({ inputs: tensors })), headers: { 'content-type': 'application/json' } };
}

function binaryBody({ inputs }: BenchRow) {
  const raw = inputs.map(({ data }) => floats(data));
  const tensors = inputs.map(({ name, datatype, shape }, index) => {
    return { name, shape, datatype, parameters: { binary_data_size: raw[index]?.length } };
  });
  const plain = JSON.stringify({ inputs: tensors, parameters: { binary_data_output: true } });
  // Spaces to a multiple of eight, so that a server can use the floats where they lie.
  const header = Buffer.from(plain.padEnd(Math.ceil(plain.length / 8) * 8));
  const headers = {
    'content-type': 'application/octet-stream',
    'inference-header-content-length': String(header.length),
  };
  return { body: Buffer.concat([header, ...raw]), headers };
}

function floats(data: readonly (number | string)[]): Buffer {
  const values = Float32Array.from(data, Number);
  return Buffer.from(values.buffer);
}
