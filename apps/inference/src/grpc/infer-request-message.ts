import { invalidField } from '../requests/requests.errors.js';
import { MalformedError, ProtoReader, readFields, wire } from './proto-reader.js';

/** Parameters by name; undefined where there are none, which is mostly. */
export type ParameterMap = Map<string, unknown> | undefined;

/** An input as it came: nothing of it is known to be right. */
export interface InputMessage {
  name: string;
  datatype: string;
  shape: number[];
  parameters: ParameterMap;
  /** The messages of its typed contents, which are read together. */
  contents: Buffer[];
}

export interface OutputMessage {
  name: string;
  parameters: ParameterMap;
}

/** `inference.ModelInferRequest`. Contents are views of the bytes that came. */
export interface InferMessage {
  endpoint: string;
  version: string;
  id: string;
  parameters: ParameterMap;
  inputs: InputMessage[];
  outputs: OutputMessage[];
  raw: Buffer[];
}

/** Two bytes of a message may become an object: there must not be too many of them. */
const MAX_ITEMS = 4096;

const requestFields = [
  '',
  'model_name',
  'model_version',
  'id',
  'parameters',
  'inputs',
  'outputs',
  'raw_input_contents',
];
const inputFields = ['', 'name', 'datatype', 'shape', 'parameters', 'contents'];
const outputFields = ['', 'name', 'parameters'];
const entryFields = ['', 'key', 'value'];
const parameterFields = ['', 'bool_param', 'int64_param', 'string_param', 'double_param', 'uint64_param'];

/** @throws ServiceError 400 naming the field that is malformed */
export function readInferMessage(bytes: Buffer): InferMessage {
  try {
    return readRequest(new ProtoReader(bytes));
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw invalidField(error.path || 'message', `the message is malformed: ${error.reason}`);
  }
}

function readRequest(reader: ProtoReader): InferMessage {
  const message: InferMessage = {
    ...{ endpoint: '', version: '', id: '', parameters: undefined },
    ...{ inputs: [], outputs: [], raw: [] },
  };
  readFields(reader, requestFields, (field, tag) => {
    if (field < 1 || field > 7) return false;
    reader.expect(tag, wire.bytes);
    if (field === 1) message.endpoint = reader.string();
    else if (field === 2) message.version = reader.string();
    else if (field === 3) message.id = reader.string();
    else if (field === 4) message.parameters = withParameter(message.parameters, reader.nested());
    else if (field === 5) add(message.inputs, readInput(reader.nested()));
    else if (field === 6) add(message.outputs, readOutput(reader.nested()));
    else add(message.raw, reader.view());
    return true;
  });
  return message;
}

function readInput(reader: ProtoReader): InputMessage {
  const input: InputMessage = { name: '', datatype: '', shape: [], parameters: undefined, contents: [] };
  readFields(reader, inputFields, (field, tag) => {
    if (field < 1 || field > 5) return false;
    if (field === 3) {
      readSizes(reader, tag, input.shape);
      return true;
    }
    reader.expect(tag, wire.bytes);
    if (field === 1) input.name = reader.string();
    else if (field === 2) input.datatype = reader.string();
    else if (field === 4) input.parameters = withParameter(input.parameters, reader.nested());
    else add(input.contents, reader.view());
    return true;
  });
  return input;
}

/** One by one, or all together. */
function readSizes(reader: ProtoReader, tag: number, shape: number[]): void {
  if ((tag & 7) === wire.varint) return add(shape, reader.int64());
  reader.expect(tag, wire.bytes);
  const packed = reader.nested();
  while (!packed.isEnd) add(shape, packed.int64());
}

function readOutput(reader: ProtoReader): OutputMessage {
  const output: OutputMessage = { name: '', parameters: undefined };
  readFields(reader, outputFields, (field, tag) => {
    if (field !== 1 && field !== 2) return false;
    reader.expect(tag, wire.bytes);
    if (field === 1) output.name = reader.string();
    else output.parameters = withParameter(output.parameters, reader.nested());
    return true;
  });
  return output;
}

/** Reads an entry of a map into it. */
function withParameter(parameters: ParameterMap, entry: ProtoReader): ParameterMap {
  let key = '';
  let value: unknown;
  readFields(entry, entryFields, (field, tag) => {
    if (field !== 1 && field !== 2) return false;
    entry.expect(tag, wire.bytes);
    if (field === 1) key = entry.string();
    else value = readParameter(entry.nested());
    return true;
  });
  const all = parameters ?? new Map<string, unknown>();
  if (all.size >= MAX_ITEMS) throw new MalformedError(`there are more than ${MAX_ITEMS}`);
  return all.set(key, value);
}

function readParameter(reader: ProtoReader): unknown {
  let value: unknown;
  readFields(reader, parameterFields, (field, tag) => {
    if (field < 1 || field > 5) return false;
    if (field === 3) {
      reader.expect(tag, wire.bytes);
      value = reader.string();
    } else if (field === 4) {
      reader.expect(tag, wire.fixed64);
      value = reader.double();
    } else {
      reader.expect(tag, wire.varint);
      if (field === 1) value = reader.bool();
      else value = plain(field === 2 ? reader.bigInt64() : reader.bigUint64());
    }
    return true;
  });
  return value;
}

/** A number where it is exact. */
function plain(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function add<T>(list: T[], item: T): void {
  if (list.length >= MAX_ITEMS) throw new MalformedError(`there are more than ${MAX_ITEMS}`);
  list.push(item);
}
