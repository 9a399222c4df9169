import { headOf, type HttpAnswer } from './http-connection.js';
import type { WantedTensor } from './load-spec.js';

const RELATIVE = 1e-5;
const ABSOLUTE = 1e-6;

interface AnswerTensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly data?: readonly unknown[];
  readonly parameters?: { readonly binary_data_size?: number };
}

/** What is wrong with an answer of the Open Inference Protocol; undefined when nothing is. */
export function checkHttpAnswer(answer: HttpAnswer, wanted?: readonly WantedTensor[]): string | undefined {
  if (!wanted) return undefined;
  try {
    return differenceOf(wanted, tensorsOf(answer));
  } catch (error) {
    return `an answer that cannot be read: ${String(error)}: ${answer.bytes.toString().slice(0, 500)}`;
  }
}

/** What of the answer is not as it should be. */
export function differenceOf(
  wanted: readonly WantedTensor[],
  tensors: ReadonlyMap<string, readonly unknown[]>,
): string | undefined {
  for (const { name, data } of wanted) {
    const actual = tensors.get(name)?.flat(Infinity);
    if (!actual) return `no output ${name}`;
    const isEqual = actual.length === data.length && data.every((value, index) => isClose(value, actual[index]));
    if (!isEqual) return `${name} is ${JSON.stringify(actual.slice(0, 8))}, not ${JSON.stringify(data.slice(0, 8))}`;
  }
  return undefined;
}

/** The values of a tensor's bytes, as the protocol's binary extension and raw contents have them. */
export function readRaw(datatype: string, bytes: Buffer): (number | string)[] {
  const copy = Uint8Array.from(bytes).buffer;
  if (datatype === 'FP32') return [...new Float32Array(copy)];
  if (datatype === 'INT64') return Array.from(new BigInt64Array(copy), Number);
  throw new Error(`the bench does not read ${datatype}`);
}

function tensorsOf(answer: HttpAnswer): Map<string, readonly unknown[]> {
  const { bytes, bodyAt } = answer;
  const [, binary] = /\r\ninference-header-content-length: *(\d+)/.exec(headOf(answer)) ?? [];
  let at = binary === undefined ? bytes.length : bodyAt + Number(binary);
  const { outputs } = JSON.parse(bytes.toString('utf8', bodyAt, at)) as { outputs: AnswerTensor[] };
  const values = outputs.map(({ name, datatype, data, parameters }): [string, readonly unknown[]] => {
    const size = parameters?.binary_data_size;
    if (size === undefined) return [name, data ?? []];
    at += size;
    return [name, readRaw(datatype, bytes.subarray(at - size, at))];
  });
  return new Map(values);
}

function isClose(wanted: number | string, actual: unknown): boolean {
  if (typeof wanted === 'string') return wanted === actual;
  return Math.abs(Number(actual) - wanted) <= ABSOLUTE + RELATIVE * Math.abs(wanted);
}
