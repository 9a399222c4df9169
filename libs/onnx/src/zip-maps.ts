import { readLayout, readNode, type ModelLayout, type OnnxNode } from './graph.js';
import { readGraphValue } from './value-types.js';
import type { WireCursor } from './wire-cursor.js';
import { bytesField, bytesTag, integerField } from './wire-writer.js';

/** An output that was a list of maps from label to number, and is a tensor now. */
export interface ZipMap {
  readonly output: string;
  /** What the columns of the tensor stand for. */
  readonly labels: readonly (string | number)[];
  /** The tensor that went into the maps. */
  readonly from: string;
}

export interface TensorOutputs {
  /** Of the model; the same object where nothing had to change. */
  readonly bytes: Uint8Array;
  readonly zipMaps: readonly ZipMap[];
}

/** Thrown with the reason when a model takes or gives what no inference protocol carries. */
export class UnservableError extends Error {
  override readonly name = 'UnservableError';
}

/** TensorProto.DataType. */
const FLOAT = 1;
/** The oldest operator set that the runtime supports, for a model that has none of ONNX itself. */
const OLDEST_OPSET = 7;

/**
 * The same model with tensors in place of the maps that ZipMap makes (the default of skl2onnx and of LightGBM's
 * exporter): under the name of the output comes the tensor `[rows, labels]` that the maps were made of. ZipMap is
 * replaced by Identity, so that whatever else uses the tensor stays as it is; all other bytes are the same.
 * @throws UnservableError for other sequences and maps, in or out
 * @throws WireFormatError
 */
export function tensorOutputs(bytes: Uint8Array): TensorOutputs {
  const others = checkedOutputs(readLayout(bytes).graph);
  if (others.size === 0) return { bytes, zipMaps: [] };
  const layout = readLayout(bytes);
  const { graph } = layout;
  const zipMaps = new Map<string, ZipMap>();
  const edits: Edit[] = [];
  while (graph.next()) {
    if (graph.field !== 1) continue;
    const node = readNode(graph.message());
    const [output = ''] = node.outputs;
    if (node.operator !== 'ZipMap' || node.domain !== 'ai.onnx.ml' || !others.has(output)) continue;
    const zipMap = { output, labels: labelsOf(node), from: node.inputs[0] ?? '' };
    zipMaps.set(output, zipMap);
    edits.push({ ...placeOf(graph), by: identity(zipMap, node.name) });
  }
  for (const [name, { place, kind }] of others) {
    const zipMap = zipMaps.get(name);
    if (zipMap) edits.push({ ...place, by: matrix(zipMap) });
    else if (kind) throw unservable('output', name, kind);
  }
  if (zipMaps.size === 0) return { bytes, zipMaps: [] };
  return { bytes: Buffer.concat(edited(bytes, layout, edits)), zipMaps: [...zipMaps.values()] };
}

interface Place {
  readonly start: number;
  readonly end: number;
}

interface Edit extends Place {
  readonly by: Buffer;
}

interface Output {
  readonly place: Place;
  readonly kind: string | undefined;
}

/** The outputs by name that are not said to be tensors. @throws UnservableError for inputs that are none */
function checkedOutputs(graph: WireCursor): Map<string, Output> {
  const others = new Map<string, Output>();
  while (graph.next()) {
    if (graph.field !== 11 && graph.field !== 12) continue;
    const { name, type } = readGraphValue(graph.message());
    if (type?.kind === 'tensor') continue;
    if (graph.field === 12) others.set(name, { place: placeOf(graph), kind: type?.kind });
    else if (type) throw unservable('input', name, type.kind);
  }
  return others;
}

function placeOf({ tagStart, end }: WireCursor): Place {
  return { start: tagStart, end };
}

function labelsOf({ attributes }: OnnxNode): (string | number)[] {
  return attributes.texts('classlabels_strings') ?? attributes.ints('classlabels_int64s') ?? [];
}

/** NodeProto. */
function identity({ from, output }: ZipMap, name: string): Buffer {
  return bytesField(1, bytesField(1, from), bytesField(2, output), bytesField(3, name), bytesField(4, 'Identity'));
}

/** ValueInfoProto of FP32 with as many rows as there are. */
function matrix({ output, labels }: ZipMap): Buffer {
  const shape = bytesField(2, bytesField(1), bytesField(1, integerField(1, labels.length)));
  const type = bytesField(1, integerField(1, FLOAT), shape);
  return bytesField(12, bytesField(1, output), bytesField(2, type));
}

function edited(bytes: Uint8Array, layout: ModelLayout, edits: readonly Edit[]): Uint8Array[] {
  const { graph, graphStart, opset } = layout;
  const parts: Uint8Array[] = [];
  let position = graph.origin;
  for (const { start, end, by } of edits.toSorted((a, b) => a.start - b.start)) {
    parts.push(bytes.subarray(position, start), by);
    position = end;
  }
  parts.push(bytes.subarray(position, graph.limit));
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const operators = opset[''] === undefined ? [bytesField(8, integerField(2, OLDEST_OPSET))] : [];
  return [bytes.subarray(0, graphStart), bytesTag(7, length), ...parts, bytes.subarray(graph.limit), ...operators];
}

function unservable(side: 'input' | 'output', name: string, kind: string): UnservableError {
  const way = side === 'output' ? '; of those, only what ZipMap makes is turned into a tensor' : '';
  return new UnservableError(
    `the ${side} "${name}" is no tensor (${kind}), and no inference protocol carries it${way}`,
  );
}
