import { elementType } from '../element-types.js';
import { valueOf } from '../shapes/value.js';
import { matrices } from './matrices.js';
import { type Rule } from './call.js';

const quantize: Rule = (call) => {
  const type = elementType(call.int('output_dtype', 0)) ?? call.inputs[2]?.type ?? 'uint8';
  return { outputs: [valueOf(type, call.input(0).dims)] };
};

const dequantize: Rule = (call) => {
  const type = elementType(call.int('output_dtype', 0)) ?? call.input(1).type;
  return { outputs: [valueOf(type, call.input(0).dims)] };
};

const dynamicQuantize: Rule = (call) => ({
  outputs: [valueOf('uint8', call.input(0).dims), valueOf('float32', []), valueOf('uint8', [])],
});

const matMulInteger: Rule = (call) => {
  const product = matrices.MatMul?.(call);
  return { ...product, outputs: (product?.outputs ?? []).map(({ dims }) => valueOf('int32', dims)) };
};

export const quantization: Readonly<Record<string, Rule>> = {
  QuantizeLinear: quantize,
  DequantizeLinear: dequantize,
  DynamicQuantizeLinear: dynamicQuantize,
  MatMulInteger: matMulInteger,
};
