import { closeSync, fstatSync, openSync } from 'node:fs';
import { WireFormatError, WireReader, type WireField } from './wire-reader.js';

/** What no honest model goes beyond. */
const LIMITS = { nodes: 200_000, depth: 12, domains: 64, textBytes: 4096, dimensions: 64, tensorElements: 2 ** 31 };
/** The versions of the format that the runtime reads. */
const IR_VERSIONS = { oldest: 3, newest: 13 };

/** Domains whose operators ship with ONNX Runtime; others are the model's own functions or need a custom library. */
const DOMAINS = new Set(['', 'ai.onnx', 'ai.onnx.ml', 'com.microsoft']);
/** Of `data_location`: the bytes are in another file. */
const EXTERNAL = 1;

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
 * ship with the runtime, no data outside of the file, nothing nested or sized beyond reason. Field numbers are those
 * of onnx.proto (1.19). How long it takes grows with the number of fields, so it runs under the limits of the trial.
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
  private readonly reader: WireReader;
  /** Operator set versions by domain. */
  private readonly imported = new Map<string, number>();
  /** Domains of the nodes. */
  private readonly used = new Set<string>();
  /** Domains of the functions that the model brings along. */
  private readonly own = new Set<string>();
  private nodes = 0;

  constructor(reader: WireReader) {
    this.reader = reader;
  }

  model(): PreScan {
    let irVersion = 0;
    let graphs = 0;
    for (const field of this.reader.fields(0, this.reader.size)) {
      if (field.number === 1) irVersion = field.value;
      if (field.number === 7) {
        graphs += 1;
        this.graph(message(field, 'the graph'), 1);
      }
      if (field.number === 8) this.operatorSet(message(field, 'an operator set'));
      if (field.number === 20) throw new PreScanError('it brings a way to train it: export it for inference');
      if (field.number === 25) this.ownFunction(message(field, 'a function'));
    }
    if (graphs !== 1) throw new PreScanError(`it is not an ONNX model: it has ${graphs} graphs`);
    const { oldest, newest } = IR_VERSIONS;
    if (irVersion < oldest || irVersion > newest) {
      throw new PreScanError(`its IR version is ${irVersion}: export it with ${oldest} to ${newest}`);
    }
    if (this.imported.size === 0) throw new PreScanError('it names no operator set');
    this.checkDomains();
    return { irVersion, opset: Object.fromEntries(this.imported), nodes: this.nodes };
  }

  /** At the end, since a model may name its functions after the nodes that use them. */
  private checkDomains(): void {
    for (const domain of this.used) {
      if (DOMAINS.has(domain) || this.own.has(domain)) continue;
      const known = [...DOMAINS].filter(Boolean).join(', ');
      throw new PreScanError(`it uses operators of "${domain}", which need a custom library; known are ${known}`);
    }
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
      if (field.number === 7) add(this.used, this.reader.text(field, LIMITS.textBytes));
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
    let elements = 1;
    let dimensions = 0;
    for (const field of this.reader.fields(at.start, at.end)) {
      if (field.number === 13 || (field.number === 14 && field.value === EXTERNAL)) {
        throw new PreScanError('it keeps tensors in other files: export it as a single file, without external data');
      }
      if (field.number !== 1) continue;
      for (const size of this.reader.integers(field)) {
        elements *= size;
        dimensions += 1;
        if (dimensions > LIMITS.dimensions) {
          throw new PreScanError(`one of its tensors has more than ${LIMITS.dimensions} dimensions`);
        }
        if (size < 0 || elements > LIMITS.tensorElements) {
          throw new PreScanError(`one of its tensors has an unreasonable shape (${elements} elements)`);
        }
      }
    }
  }

  private sparse(at: WireField): void {
    for (const field of this.reader.fields(at.start, at.end)) {
      if (field.number === 1 || field.number === 2) this.tensor(message(field, 'a tensor'));
    }
  }

  private ownFunction(at: WireField): void {
    for (const field of this.reader.fields(at.start, at.end)) {
      if (field.number === 7) this.node(message(field, 'a node'), 1);
      if (field.number === 10) add(this.own, this.reader.text(field, LIMITS.textBytes));
      if (field.number === 11) this.attribute(message(field, 'an attribute'), 1);
    }
  }

  private operatorSet(at: WireField): void {
    let domain = '';
    let version = 0;
    for (const field of this.reader.fields(at.start, at.end)) {
      if (field.number === 1) domain = this.reader.text(field, LIMITS.textBytes);
      if (field.number === 2) version = field.value;
    }
    this.imported.set(domain === '' ? 'ai.onnx' : domain, version);
    if (this.imported.size > LIMITS.domains) throw tooManyDomains();
  }
}

function add(domains: Set<string>, domain: string): void {
  domains.add(domain);
  if (domains.size > LIMITS.domains) throw tooManyDomains();
}

function tooManyDomains(): PreScanError {
  return new PreScanError(`it names more than ${LIMITS.domains} domains of operators`);
}

function message(field: WireField, what: string): WireField {
  if (field.type !== 2) throw new PreScanError(`it is not an ONNX model: ${what} is no message`);
  return field;
}
