import { Attributes } from './attributes.js';
import { readTensor, type OnnxTensor } from './tensors.js';
import { readGraphValue, type GraphValue } from './value-types.js';
import { WireCursor } from './wire-cursor.js';
import { WireFormatError } from './wire-reader.js';

export interface OnnxNode {
  readonly name: string;
  readonly operator: string;
  /** `''` for the operators of ONNX itself. */
  readonly domain: string;
  /** An optional input that is left out has an empty name; so has an output. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
}

/** The structure of a model. It keeps the bytes alive that it was read from. */
export interface OnnxGraph {
  /** Operator set version by domain. */
  readonly opset: Readonly<Record<string, number>>;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: ReadonlyMap<string, OnnxTensor>;
  /** What a caller gives: those without an initializer. */
  readonly inputs: readonly GraphValue[];
  readonly outputs: readonly GraphValue[];
  /** Functions that the model brings along, as `domain:name`. */
  readonly functions: ReadonlySet<string>;
  /** Whether it has sparse initializers, which are spread out when they are loaded. */
  readonly isSparse: boolean;
}

/** Where in a file the graph is. */
export interface ModelLayout {
  readonly graph: WireCursor;
  /** Position of the graph's field, its tag included. */
  readonly graphStart: number;
  readonly opset: Record<string, number>;
  readonly functions: Set<string>;
}

/**
 * Reads what a model consists of. Weights and attributes are not copied or even looked at: 5 MB take about a
 * millisecond. Meant for models that the pre-scan has let pass.
 * @throws WireFormatError
 */
export function readGraph(bytes: Uint8Array): OnnxGraph {
  const { graph: at, opset, functions } = readLayout(bytes);
  const nodes: OnnxNode[] = [];
  const initializers = new Map<string, OnnxTensor>();
  const inputs: GraphValue[] = [];
  const outputs: GraphValue[] = [];
  let isSparse = false;
  while (at.next()) {
    if (at.field === 1) nodes.push(readNode(at.message()));
    else if (at.field === 5) {
      const tensor = readTensor(at.message());
      initializers.set(tensor.name, tensor);
    } else if (at.field === 11) inputs.push(readGraphValue(at.message()));
    else if (at.field === 12) outputs.push(readGraphValue(at.message()));
    else if (at.field === 15) isSparse = true;
  }
  const given = inputs.filter(({ name }) => !initializers.has(name));
  return { opset, nodes, initializers, inputs: given, outputs, functions, isSparse };
}

/** @throws WireFormatError unless there is one graph */
export function readLayout(bytes: Uint8Array): ModelLayout {
  const at = new WireCursor(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const opset: Record<string, number> = {};
  const functions = new Set<string>();
  let graph: WireCursor | undefined;
  let graphStart = 0;
  while (at.next()) {
    if (at.field === 7) {
      if (graph) throw new WireFormatError('two graphs');
      graph = at.message();
      graphStart = at.tagStart;
    }
    if (at.field === 8) {
      const [domain, version] = readNamed(at.message(), { text: 1, number: 2 });
      opset[domain] = version;
    }
    if (at.field === 25) functions.add(readFunction(at.message()));
  }
  if (!graph) throw new WireFormatError('no graph');
  return { graph, graphStart, opset, functions };
}

/** Reads a NodeProto. @throws WireFormatError */
export function readNode(at: WireCursor): OnnxNode {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Attributes(at.bytes);
  let [name, operator, domain] = ['', '', ''];
  while (at.next()) {
    if (at.field === 1) inputs.push(at.text());
    else if (at.field === 2) outputs.push(at.text());
    else if (at.field === 3) name = at.text();
    else if (at.field === 4) operator = at.text();
    else if (at.field === 5) attributes.add(at);
    else if (at.field === 7) domain = at.text();
  }
  return { name, operator, domain: domain === 'ai.onnx' ? '' : domain, inputs, outputs, attributes };
}

function readNamed(at: WireCursor, fields: { text: number; number: number }): [string, number] {
  let text = '';
  let number = 0;
  while (at.next()) {
    if (at.field === fields.text) text = at.text();
    if (at.field === fields.number) number = at.integer();
  }
  return [text === 'ai.onnx' ? '' : text, number];
}

function readFunction(at: WireCursor): string {
  let [name, domain] = ['', ''];
  while (at.next()) {
    if (at.field === 1) name = at.text();
    if (at.field === 10) domain = at.text();
  }
  return `${domain === 'ai.onnx' ? '' : domain}:${name}`;
}
