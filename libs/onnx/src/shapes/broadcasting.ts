import { isOne, isSame, ONE, UnboundedError, type Size } from './size.js';

/** The shape of tensors side by side (multidirectional broadcasting of ONNX). @throws UnboundedError */
export function broadcast(...shapes: readonly (readonly Size[])[]): Size[] {
  const rank = shapes.reduce((most, shape) => Math.max(most, shape.length), 0);
  return Array.from({ length: rank }, (_, index) =>
    shapes.map((shape) => shape[index - rank + shape.length] ?? ONE).reduce(together),
  );
}

function together(a: Size, b: Size): Size {
  if (isSame(a, b) || isOne(b)) return a;
  if (isOne(a)) return b;
  throw new UnboundedError('sizes that only some numbers of rows bring together');
}
