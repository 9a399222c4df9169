import { closeSync, fstatSync, openSync } from 'node:fs';
import { WireFormatError, WireReader, type WireField } from './wire-reader.js';

/** What is looked at before any byte of a model reaches the runtime. Field numbers are those of onnx.proto (1.16). */
const LIMITS = { nodes: 200_000, depth: 12, opsets: 32, textBytes: 4096, tensorElements: 2 ** 31, irVersion: 10 };

/** Domains whose operators ship with ONNX Runtime; others would need a custom library. */
const DOMAINS = new Set(['', 'ai.onnx', 'ai.onnx.ml', 'com.microsoft']);
const EXTERNAL = 1n;

/** Thrown with the reason why a file is not let in. */
export class PreScanError extends Error {
  override readonly name = 'PreScanError';
}

/** What a scan has found. */
export interface PreScan {
  readonly irVersion: number;
  /** Operator set version by domain. */
  readonly opset: Record<string, number>;
  readonly nodes: number;
}

/**
 * Reads the structure of a model without loading it: a whole protobuf message, a known version, only operators that
 * ship with the runtime, no data outside of the file, nothing nested or sized beyond reason.
 * @throws PreScanError
 */
export function preScan(path: string): PreScan {
  const fd = openSync(path, 'r');
  try {
    return new ModelScan(new WireReader(fd, fstatSync(fd).size)).model();
  } catch (error) {
    if (error instanceof WireFormatError) throw new PreScanError(`it is not an ONNX model: ${error.message}`);
    throw error;
  } finally {
    closeSync(fd);
  }
}

class ModelScan {
  private nodes = 0;

  constructor(private readonly reader: WireReader) {}

  model(): PreScan {
    let irVersion = 0;
    let graphs = 0;
    const opset: Record<string, number> = {};
    for (const field of this.reader.fields(0, this.reader.size)) {
      if (field.number === 1) irVersion = Number(field.value);
      if (field.number === 7) {
        graphs += 1;
        this.graph(message(field, 'the graph'), 1);
      }
      if (field.number === 8) this.opset(message(field, 'an operator set'), opset);
      if (field.number === 25) this.functions(message(field, 'a function'));
    }
    if (graphs !== 1) throw new PreScanError(`it is not an ONNX model: it has ${graphs} graphs`);
    if (irVersion < 3 || irVersion > LIMITS.irVersion) {
      throw new PreScanError(`its IR version is ${irVersion}: export it with 3 to ${LIMITS.irVersion}`);
    }
    if (Object.keys(opset).length === 0) throw new PreScanError('it names no operator set');
    return { irVersion, opset, nodes: this.nodes };
  }

  private graph(at: WireField, depth: number): void {
    if (depth > LIMITS.depth) throw new PreScanError(`its graphs are nested more than ${LIMITS.depth} deep`);
    for (const field of this.reader.fields(at.start, at.end)) {
      if (field.number === 1) this.node(message(field, 'a node'), depth);
      if (field.number === 5) this.tensor(message(field, 'an initializer'));
      if (field.number === 15) this.sparse(message(field, 'a sparse initializer'));
    }
  }

  private node(at: WireField, depth: number): void {
    this.nodes += 1;
    if (this.nodes > LIMITS.nodes) throw new PreScanError(`it has more than ${LIMITS.nodes} nodes`);
    for (const field of this.reader.fields(at.start, at.end)) {
      if (field.number === 7) this.domain(this.reader.text(field, LIMITS.textBytes));
      if (field.number === 5) this.attribute(message(field, 'an attribute'), depth);
    }
  }

  private attribute(at: WireField, depth: number): void {
    for (const field of this.reader.fields(at.start, at.end)) {
      if (field.number === 5 || field.number === 10) this.tensor(message(field, 'a tensor'));
      if (field.number === 6 || field.number === 11) this.graph(message(field, 'a subgraph'), depth + 1);
      if (field.number === 22 || field.number === 23) this.sparse(message(field, 'a sparse tensor'));
    }
  }

  private tensor(at: WireField): void {
    let elements = 1n;
    for (const field of this.reader.fields(at.start, at.end)) {
      if (field.number === 1) for (const size of this.reader.integers(field)) elements *= BigInt.asIntN(64, size);
      if (field.number === 13 || (field.number === 14 && field.value === EXTERNAL)) {
        throw new PreScanError('it keeps tensors in other files: export it as a single file, without external data');
      }
      if (elements < 0n || elements > BigInt(LIMITS.tensorElements)) {
        throw new PreScanError(`one of its tensors has an unreasonable shape (${elements} elements)`);
      }
    }
  }

  private sparse(at: WireField): void {
    for (const field of this.reader.fields(at.start, at.end)) {
      if (field.number === 1 || field.number === 2) this.tensor(message(field, 'a tensor'));
    }
  }

  private functions(at: WireField): void {
    for (const field of this.reader.fields(at.start, at.end)) {
      if (field.number === 7) this.node(message(field, 'a node'), 1);
      if (field.number === 10) this.domain(this.reader.text(field, LIMITS.textBytes));
    }
  }

  private opset(at: WireField, opset: Record<string, number>): void {
    let domain = '';
    let version = 0;
    for (const field of this.reader.fields(at.start, at.end)) {
      if (field.number === 1) domain = this.reader.text(field, LIMITS.textBytes);
      if (field.number === 2) version = Number(field.value);
    }
    this.domain(domain);
    opset[domain === '' ? 'ai.onnx' : domain] = version;
    if (Object.keys(opset).length > LIMITS.opsets)
      throw new PreScanError(`it names more than ${LIMITS.opsets} operator sets`);
  }

  private domain(domain: string): void {
    if (DOMAINS.has(domain)) return;
    const known = [...DOMAINS].filter(Boolean).join(', ');
    throw new PreScanError(`it uses operators of "${domain}", which need a custom library; known are ${known}`);
  }
}

function message(field: WireField, what: string): WireField {
  if (field.type !== 2) throw new PreScanError(`it is not an ONNX model: ${what} is no message`);
  return field;
}
