export { boundOf, type Bound, type BoundOptions } from './bound.js';
export type { ElementType } from './element-types.js';
export { readGraph, type OnnxGraph, type OnnxNode } from './graph.js';
export { preScan, PreScanError, type PreScan } from './pre-scan.js';
export type { OnnxTensor } from './tensors.js';
export type { Dimension, GraphValue, TensorType } from './value-types.js';
export { WireFormatError } from './wire-reader.js';
export { tensorOutputs, UnservableError, type TensorOutputs, type ZipMap } from './zip-maps.js';
