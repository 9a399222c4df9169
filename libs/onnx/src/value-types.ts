import { elementType, type ElementType } from './element-types.js';
import { WireFormatError } from './wire-reader.js';
import type { WireCursor } from './wire-cursor.js';

/** A size: a number, the name of one that is open, or nothing at all. */
export type Dimension = number | string | undefined;

export interface TensorType {
  readonly kind: 'tensor';
  readonly type: ElementType | undefined;
  /** Undefined where the file leaves even the number of dimensions open. */
  readonly dims: readonly Dimension[] | undefined;
}

/** What goes into a graph or comes out of it. */
export interface GraphValue {
  readonly name: string;
  /** Undefined where the file does not say it. */
  readonly type:
    | TensorType
    | { readonly kind: 'sequence' | 'map' | 'optional' | 'sparse tensor' | 'other' }
    | undefined;
}

/** By field of TypeProto. */
const kinds = { 4: 'sequence', 5: 'map', 8: 'sparse tensor', 9: 'optional' } as const;

/** Reads a ValueInfoProto. @throws WireFormatError */
export function readGraphValue(at: WireCursor): GraphValue {
  let name = '';
  let type: GraphValue['type'];
  while (at.next()) {
    if (at.field === 1) name = at.text();
    if (at.field !== 2) continue;
    if (type) throw twice('type');
    type = readType(at.message());
  }
  return { name, type };
}

function readType(at: WireCursor): GraphValue['type'] {
  let type: GraphValue['type'];
  while (at.next()) {
    // 6 is a denotation.
    if (at.field === 6) continue;
    if (type) throw twice('type');
    if (at.field === 1) type = readTensorType(at.message());
    else
      type = { kind: (kinds as Record<number, (typeof kinds)[keyof typeof kinds] | undefined>)[at.field] ?? 'other' };
  }
  return type;
}

function readTensorType(at: WireCursor): TensorType {
  let type: ElementType | undefined;
  let dims: Dimension[] | undefined;
  while (at.next()) {
    if (at.field === 1) type = elementType(at.integer());
    if (at.field !== 2) continue;
    if (dims) throw twice('shape');
    dims = [];
    const shape = at.message();
    while (shape.next()) if (shape.field === 1) dims.push(readDimension(shape.message()));
  }
  return { kind: 'tensor', type, dims };
}

function readDimension(at: WireCursor): Dimension {
  let size: Dimension;
  while (at.next()) {
    if (at.field === 1) size = at.integer();
    if (at.field === 2) size = at.text() || undefined;
  }
  return typeof size === 'number' && size < 0 ? undefined : size;
}

/** Protobuf merges a message that comes twice, which no exporter writes and only an attacker needs. */
function twice(what: string): WireFormatError {
  return new WireFormatError(`a value has a ${what} twice`);
}
