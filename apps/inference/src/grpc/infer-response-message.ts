import type { Route } from '@baton/contracts';
import type { Answer } from '../requests/question.js';
import { toRaw } from '../requests/raw-tensors.js';
import { bytesRoom, ProtoWriter, textRoom } from './proto-writer.js';

/** Fields of `inference.ModelInferResponse`, and of the messages in it. */
const response = { model: 1, version: 2, id: 3, parameters: 4, outputs: 5, raw: 6 } as const;
const tensor = { name: 1, datatype: 2, shape: 3 } as const;
const entry = { key: 1, value: 2 } as const;
const parameter = { bool: 1, string: 3 } as const;
/** Fields of `inference.ModelStreamInferResponse`. */
const streamed = { error: 1, response: 2 } as const;

/** Of a few numbers, tags and lengths around texts. */
const SMALL = 64;
const DATATYPE_ROOM = 8;

/** What every answer of a route begins with. */
const heads = new WeakMap<Route, Buffer>();

/**
 * `inference.ModelInferResponse`, with raw contents always: clients read typed ones as empty.
 * @param isFinal whether to say that no other answer follows, as streams do
 */
export function writeInferMessage(endpoint: string, answer: Answer, isFinal = false): Buffer {
  const { prediction, route, id = '', outputs } = answer;
  const head = headOf(endpoint, route);
  const raw = outputs.map(toRaw);
  let room = head.length + textRoom(id) + textRoom(prediction) + 2 * SMALL;
  for (const { name, shape } of outputs) room += textRoom(name) + DATATYPE_ROOM + shape.length * 10 + SMALL;
  for (const { length } of raw) room += bytesRoom(length);
  const writer = new ProtoWriter(room);
  writer.raw(head);
  writer.text(response.id, id);
  writeText(writer, 'prediction', prediction);
  if (isFinal) writeParameter(writer, 'triton_final_response', () => writer.bool(parameter.bool, true));
  for (const { name, datatype, shape } of outputs) {
    writer.message(response.outputs, () => {
      writer.text(tensor.name, name);
      writer.text(tensor.datatype, datatype);
      writer.packed(tensor.shape, shape);
    });
  }
  for (const bytes of raw) writer.bytes(response.raw, bytes);
  return writer.finish();
}

/** `inference.ModelStreamInferResponse` around an answer. */
export function writeStreamAnswer(message: Buffer): Buffer {
  const writer = new ProtoWriter(bytesRoom(message.length));
  writer.bytes(streamed.response, message);
  return writer.finish();
}

/** `inference.ModelStreamInferResponse` of a request that failed: the id says which. */
export function writeStreamError(message: string, id = ''): Buffer {
  const writer = new ProtoWriter(textRoom(message) + textRoom(id) + SMALL);
  writer.text(streamed.error, message);
  writer.message(streamed.response, () => writer.text(response.id, id));
  return writer.finish();
}

function headOf(endpoint: string, route: Route): Buffer {
  const known = heads.get(route);
  if (known) return known;
  const { version, deployment, digest } = route;
  const writer = new ProtoWriter(textRoom(endpoint) + textRoom(deployment) + textRoom(digest) + 4 * SMALL);
  writer.text(response.model, endpoint);
  writer.text(response.version, String(version));
  writeText(writer, 'deployment', deployment);
  writeText(writer, 'digest', digest);
  const head = writer.finish();
  heads.set(route, head);
  return head;
}

function writeText(writer: ProtoWriter, key: string, text: string): void {
  writeParameter(writer, key, () => writer.text(parameter.string, text));
}

function writeParameter(writer: ProtoWriter, key: string, value: () => void): void {
  writer.message(response.parameters, () => {
    writer.text(entry.key, key);
    writer.message(entry.value, value);
  });
}
