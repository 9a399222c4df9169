import { featureCount, type TensorSignature } from '@baton/contracts';
import type { InferenceQuestion } from '../predictions/data-plane.js';
import type { BatchArena } from '../runtime/batch-arena.js';
import { makeData, type ModelTensor } from '../runtime/tensors.js';
import { BAD, scanNumbers } from './scan-numbers.js';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const SPACE = 0x20;
const TILDE = 0x7e;
/** Of a list of floats into which a request may be decoded; anything larger is no quick matter anyway. */
const MAX_ELEMENTS = 1_000_000;

/** What the scanner knows of an input. */
interface FloatInput {
  readonly signature: TensorSignature;
  readonly index: number;
  readonly width: number;
  readonly nameBytes: Buffer;
  readonly datatypeBytes: Buffer;
}

const KEYS = {
  id: Buffer.from('id'),
  inputs: Buffer.from('inputs'),
  outputs: Buffer.from('outputs'),
  name: Buffer.from('name'),
  shape: Buffer.from('shape'),
  datatype: Buffer.from('datatype'),
  data: Buffer.from('data'),
};

const HAS_NAME = 1;
const HAS_DATATYPE = 2;
/** Sizes of a shape and names of outputs: whoever has more of them takes the long way. */
const MAX_LISTED = 64;

/** Thrown, once made, wherever a request is not of the plain form. */
const NOT_PLAIN = new Error('not plain');

/**
 * Reads the plain form of an inference request, which nearly all have, in one pass over its bytes: float tensors whose
 * rows have a fixed width, values in a flat list, no parameters, no escapes in texts. Values go straight to where the
 * batch is made. Everything else, and everything that is wrong, is left to the complete reader (`requests/`).
 */
export class InferScanner {
  private readonly inputs: FloatInput[] = [];
  private readonly isPlain: boolean;
  private bytes: Buffer = Buffer.alloc(0);
  private at = 0;
  /** Where the last text lies. */
  private textStart = 0;
  private textEnd = 0;

  constructor(private readonly signatures: readonly TensorSignature[]) {
    signatures.forEach((signature, index) => {
      const { name, datatype, shape } = signature;
      const width = shape[0] === -1 && shape.length > 1 ? featureCount(signature) : undefined;
      const isFloat = datatype === 'FP32' || datatype === 'FP64';
      if (width === undefined || !isFloat || !/^[ -~]+$/.test(name)) return;
      const [nameBytes, datatypeBytes] = [Buffer.from(name), Buffer.from(datatype)];
      this.inputs.push({ signature, index, width, nameBytes, datatypeBytes });
    });
    this.isPlain = this.inputs.length === signatures.length;
  }

  /** Undefined for what is not of the plain form. */
  scan(body: Buffer, arena: BatchArena | undefined): InferenceQuestion | undefined {
    if (!this.isPlain) return undefined;
    this.bytes = body;
    this.at = 0;
    const tensors: ModelTensor[] = [];
    try {
      const question = this.request(tensors, arena);
      if (!this.isEnd() || tensors.length !== this.signatures.length) throw NOT_PLAIN;
      return question;
    } catch (error) {
      if (error !== NOT_PLAIN) throw error;
      for (const [index, tensor] of tensors.entries()) arena?.giveBack(index, tensor.shape[0] ?? 0);
      return undefined;
    }
  }

  private request(tensors: ModelTensor[], arena: BatchArena | undefined): InferenceQuestion {
    let id: string | undefined;
    let outputs: string[] | undefined;
    this.expect(OPEN);
    do {
      this.key();
      if (this.is(KEYS.inputs) && tensors.length === 0) this.tensors(tensors, arena);
      else if (this.is(KEYS.id) && id === undefined) id = this.string();
      else if (this.is(KEYS.outputs) && outputs === undefined) outputs = this.outputNames();
      else throw NOT_PLAIN;
    } while (this.has(COMMA));
    this.expect(CLOSE);
    return { id, outputs, inputs: tensors };
  }

  private tensors(tensors: ModelTensor[], arena: BatchArena | undefined): void {
    this.expect(OPEN_LIST);
    do this.tensor(tensors, arena);
    while (this.has(COMMA));
    this.expect(CLOSE_LIST);
  }

  /** Its values last, when it is known how many there are. Inputs in the model's order, as every client has them. */
  private tensor(tensors: ModelTensor[], arena: BatchArena | undefined): void {
    const input = this.inputs[tensors.length];
    let known = 0;
    let shape: number[] | undefined;
    this.expect(OPEN);
    for (;;) {
      this.key();
      if (this.is(KEYS.name)) known = this.alsoKnown(known, HAS_NAME, input?.nameBytes);
      else if (this.is(KEYS.datatype)) known = this.alsoKnown(known, HAS_DATATYPE, input?.datatypeBytes);
      else if (this.is(KEYS.shape) && !shape) shape = this.sizes();
      else if (this.is(KEYS.data)) break;
      else throw NOT_PLAIN;
      this.expect(COMMA);
    }
    if (!input || !shape || known !== (HAS_NAME | HAS_DATATYPE)) throw NOT_PLAIN;
    tensors.push(this.values(input, shape, arena));
    this.expect(CLOSE);
  }

  /** Of a field that comes twice the last one counts in JSON, which is not for here. */
  private alsoKnown(known: number, which: number, wanted: Buffer | undefined): number {
    if ((known & which) !== 0 || !this.isText(wanted)) throw NOT_PLAIN;
    return known | which;
  }

  private values({ signature, index, width }: FloatInput, shape: number[], arena?: BatchArena): ModelTensor {
    const [rows = 0] = shape;
    const fits =
      shape.length === signature.shape.length && shape.every((size, i) => i === 0 || size === signature.shape[i]);
    if (!fits || rows === 0 || rows * width > MAX_ELEMENTS) throw NOT_PLAIN;
    this.expect(OPEN_LIST);
    const { name, datatype } = signature;
    const taken = arena?.take(index, rows);
    const data = (taken ?? makeData(datatype, rows * width)) as Float32Array | Float64Array;
    this.at = scanNumbers(this.bytes, this.at, data);
    if (this.at === BAD) {
      if (taken) arena?.giveBack(index, rows);
      throw NOT_PLAIN;
    }
    return { name, datatype, shape, data };
  }

  private outputNames(): string[] {
    const names: string[] = [];
    this.expect(OPEN_LIST);
    do {
      this.expect(OPEN);
      this.key();
      if (!this.is(KEYS.name) || names.length === MAX_LISTED) throw NOT_PLAIN;
      names.push(this.string());
      this.expect(CLOSE);
    } while (this.has(COMMA));
    this.expect(CLOSE_LIST);
    return names;
  }

  private sizes(): number[] {
    const sizes: number[] = [];
    this.expect(OPEN_LIST);
    do {
      if (sizes.length === MAX_LISTED) throw NOT_PLAIN;
      sizes.push(this.whole());
    } while (this.has(COMMA));
    this.expect(CLOSE_LIST);
    return sizes;
  }

  /** From 1 on, as a size is. */
  private whole(): number {
    this.skip();
    const start = this.at;
    let value = 0;
    let byte = this.bytes[this.at] ?? 0;
    while (byte >= 0x30 && byte <= 0x39) {
      value = value * 10 + byte - 0x30;
      byte = this.bytes[++this.at] ?? 0;
    }
    const isWhole = this.at > start && this.at - start < 9 && this.bytes[start] !== 0x30;
    if (!isWhole) throw NOT_PLAIN;
    return value;
  }

  private key(): void {
    this.text();
    this.expect(COLON);
  }

  private string(): string {
    this.text();
    return this.bytes.toString('latin1', this.textStart, this.textEnd);
  }

  private isText(wanted: Buffer | undefined): boolean {
    this.text();
    return wanted !== undefined && this.is(wanted);
  }

  /** Whether the last text is this one. */
  private is(wanted: Buffer): boolean {
    const { bytes, textStart } = this;
    if (this.textEnd - textStart !== wanted.length) return false;
    for (let index = 0; index < wanted.length; index += 1) {
      if (bytes[textStart + index] !== wanted[index]) return false;
    }
    return true;
  }

  /** Of printable ASCII, without escapes. */
  private text(): void {
    this.expect(QUOTE);
    const start = this.at;
    let byte = this.bytes[this.at] ?? 0;
    while (byte !== QUOTE) {
      if (byte < SPACE || byte > TILDE || byte === BACKSLASH) throw NOT_PLAIN;
      byte = this.bytes[++this.at] ?? 0;
    }
    this.textStart = start;
    this.textEnd = this.at;
    this.at += 1;
  }

  private expect(byte: number): void {
    if (!this.has(byte)) throw NOT_PLAIN;
  }

  private has(byte: number): boolean {
    this.skip();
    if (this.bytes[this.at] !== byte) return false;
    this.at += 1;
    return true;
  }

  private isEnd(): boolean {
    this.skip();
    return this.at === this.bytes.length;
  }

  private skip(): void {
    let byte = this.bytes[this.at];
    while (byte === SPACE || byte === 0x0a || byte === 0x0d || byte === 0x09) byte = this.bytes[++this.at];
  }
}
