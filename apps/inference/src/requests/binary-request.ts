import type { TensorSignature } from '@baton/contracts';
import { elementBytes, elementCount } from '../runtime/tensors.js';
import { quote } from './quoted.js';
import { invalidField } from './requests.errors.js';
import type { GivenTensor } from './tensor-decoding.js';

/** The header that says where the JSON of a request ends. */
const HEADER = 'inference-header-content-length';

/** How many bytes of the body are JSON; undefined when all are. @throws ServiceError 400 */
export function headerLengthOf(value: string | string[] | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && /^\d{1,10}$/.test(value)) return Number(value);
  throw invalidField(HEADER, `must be the number of bytes of the JSON, not ${quote(value)}`);
}

/** A body of JSON and, behind it, raw tensors. @throws ServiceError 400 when the JSON would be longer than the body */
export function splitBody(body: Buffer, headerLength: number): { json: Buffer; binary: BinaryTensors } {
  if (headerLength > body.length) {
    throw invalidField(HEADER, `it says ${headerLength} bytes, and the body has ${body.length}`);
  }
  return { json: body.subarray(0, headerLength), binary: new BinaryTensors(body.subarray(headerLength)) };
}

/** The raw tensors behind the JSON of a request, to be taken one by one in the order of its inputs. */
export class BinaryTensors {
  private position = 0;

  constructor(private readonly bytes: Buffer) {}

  /** The next tensor: a view, nothing is copied. @throws ServiceError 400 for a size that leads outside */
  take(field: string, size: unknown): Buffer {
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
      throw invalidField(field, `must be a number of bytes, not ${quote(size)}`);
    }
    const left = this.bytes.length - this.position;
    if (size > left) throw invalidField(field, `it says ${size} bytes, and the body has ${left} left`);
    this.position += size;
    return this.bytes.subarray(this.position - size, this.position);
  }

  /** @throws ServiceError 400 for bytes of no tensor */
  end(): void {
    const left = this.bytes.length - this.position;
    if (left > 0) throw invalidField('body', `${left} bytes are left behind the last tensor`);
  }
}

/**
 * The one input of a raw binary request: a body of nothing but its values. Its shape is the model's, with the one open
 * dimension as long as the values make it; a text is the body itself, without a length before it.
 * @throws ServiceError 400 for models of which the shape would have to be guessed
 */
export function rawBinaryInput(body: Buffer, inputs: readonly TensorSignature[]): GivenTensor {
  const [input] = inputs;
  if (!input || inputs.length > 1) {
    throw invalidField(HEADER, `a raw binary request is for models of one input, and there are ${inputs.length}`);
  }
  const { name, datatype } = input;
  const open = input.shape.filter((size) => size < 0).length;
  if (open > 1)
    throw invalidField(name, `a raw binary request leaves one dimension open at most, and there are ${open}`);
  const fixed = elementCount(input.shape.filter((size) => size >= 0));
  if (datatype === 'BYTES') {
    if (fixed !== 1) throw invalidField(name, 'a raw binary request has one text, and the model takes more');
    return { name, datatype, shape: input.shape.map(() => 1), data: withLength(body) };
  }
  const rows = body.length / (fixed * elementBytes(datatype));
  if (!Number.isInteger(rows) || rows < 1 || (open === 0 && rows !== 1)) {
    throw invalidField(name, `${body.length} bytes do not fill its shape [${input.shape.join(', ')}]`);
  }
  return { name, datatype, shape: input.shape.map((size) => (size < 0 ? rows : size)), data: body };
}

function withLength(text: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  return Buffer.concat([length, text]);
}
