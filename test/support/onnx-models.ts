import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';

const FLOAT = 1;
const INT64 = 7;
const BOOL = 9;
const ATTRIBUTE = { int: 2, tensor: 4, graph: 5 };

const root = protobuf.loadSync(fileURLToPath(new URL('./onnx.proto', import.meta.url)));
const ModelProto = root.lookupType('onnx.ModelProto');

type Plain = Record<string, unknown>;

function encode(graph: Plain, more: Plain = {}): Buffer {
  const model = {
    irVersion: 10,
    opsetImport: [{ domain: '', version: 21 }],
    graph: { name: 'test', ...graph },
    ...more,
  };
  return Buffer.from(ModelProto.encode(ModelProto.fromObject(model)).finish());
}

function tensor(name: string, elemType: number, sizes: (string | number)[]): Plain {
  const dim = sizes.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType, shape: { dim } } } };
}

const scalar = (name: string, dataType: number, value: Plain): Plain => ({ name, dims: [], dataType, ...value });

/** y = x · factor, for x FP32 [N, 2]. Models of different factors have different bytes. */
export function scaling(factor: number): Buffer {
  return encode({
    node: [{ opType: 'Mul', input: ['x', 'factor'], output: ['y'] }],
    initializer: [{ name: 'factor', dims: [1], dataType: FLOAT, floatData: [factor] }],
    input: [tensor('x', FLOAT, ['N', 2])],
    output: [tensor('y', FLOAT, ['N', 2])],
  });
}

/** Less than a kilobyte that wants 4 GiB of zeros. */
export function memoryBomb(): Buffer {
  return encode({
    node: [
      { opType: 'ConstantOfShape', input: ['shape'], output: ['huge'] },
      { opType: 'ReduceSum', input: ['huge'], output: ['sum'] },
      { opType: 'Add', input: ['x', 'sum'], output: ['y'] },
    ],
    initializer: [{ name: 'shape', dims: [2], dataType: INT64, int64Data: [32_768, 32_768] }],
    input: [tensor('x', FLOAT, ['N', 1])],
    output: [tensor('y', FLOAT, [])],
  });
}

/** A loop whose condition stays true for as many turns as a number can count. */
export function endlessLoop(): Buffer {
  const body = {
    name: 'body',
    node: [
      { opType: 'Identity', input: ['go'], output: ['go_on'] },
      { opType: 'Add', input: ['sum', 'one'], output: ['more'] },
    ],
    initializer: [{ name: 'one', dims: [1], dataType: FLOAT, floatData: [1] }],
    input: [tensor('i', INT64, []), tensor('go', BOOL, []), tensor('sum', FLOAT, ['A', 'B'])],
    output: [tensor('go_on', BOOL, []), tensor('more', FLOAT, ['A', 'B'])],
  };
  return encode({
    node: [
      {
        opType: 'Loop',
        input: ['turns', 'true', 'x'],
        output: ['y'],
        attribute: [{ name: 'body', type: ATTRIBUTE.graph, g: body }],
      },
    ],
    initializer: [
      scalar('turns', INT64, { int64Data: ['9223372036854775807'] }),
      scalar('true', BOOL, { int32Data: [1] }),
    ],
    input: [tensor('x', FLOAT, ['N', 2])],
    output: [tensor('y', FLOAT, ['N', 2])],
  });
}

/** Weights in another file. */
export function externalData(location: string): Buffer {
  return encode({
    node: [{ opType: 'Mul', input: ['x', 'factor'], output: ['y'] }],
    initializer: [
      {
        name: 'factor',
        dims: [1],
        dataType: FLOAT,
        dataLocation: 1,
        externalData: [{ key: 'location', value: location }],
      },
    ],
    input: [tensor('x', FLOAT, ['N', 2])],
    output: [tensor('y', FLOAT, ['N', 2])],
  });
}

/** An operator that only a custom library has. */
export function customOperator(): Buffer {
  return encode(
    {
      node: [{ opType: 'Evil', domain: 'com.example', input: ['x'], output: ['y'] }],
      input: [tensor('x', FLOAT, ['N', 2])],
      output: [tensor('y', FLOAT, ['N', 2])],
    },
    {
      opsetImport: [
        { domain: '', version: 21 },
        { domain: 'com.example', version: 1 },
      ],
    },
  );
}

/** An operator that no runtime has. */
export function unknownOperator(): Buffer {
  return encode({
    node: [{ opType: 'NoSuchThing', input: ['x'], output: ['y'] }],
    input: [tensor('x', FLOAT, ['N', 2])],
    output: [tensor('y', FLOAT, ['N', 2])],
  });
}

/** Its output is a sequence of tensors. */
export function sequenceOutput(): Buffer {
  const element = { tensorType: { elemType: FLOAT, shape: { dim: [{ dimParam: 'N' }, { dimValue: 2 }] } } };
  return encode({
    node: [{ opType: 'SequenceConstruct', input: ['x'], output: ['y'] }],
    input: [tensor('x', FLOAT, ['N', 2])],
    output: [{ name: 'y', type: { sequenceType: { elemType: element } } }],
  });
}

/** A tensor whose shape promises more than there is. */
export function hugeShape(): Buffer {
  return encode({
    node: [{ opType: 'Identity', input: ['x'], output: ['y'] }],
    initializer: [{ name: 'w', dims: [2 ** 20, 2 ** 20], dataType: FLOAT }],
    input: [tensor('x', FLOAT, ['N', 2])],
    output: [tensor('y', FLOAT, ['N', 2])],
  });
}

/** y = x · x, for x FP32 of the given shape, written as exporters of the given age do. */
export function square(
  sizes: (string | number)[],
  { irVersion = 10, opset = 21, input = 'x' }: { irVersion?: number; opset?: number; input?: string } = {},
): Buffer {
  return encode(
    {
      node: [{ opType: 'Mul', input: [input, input], output: ['y'] }],
      input: [tensor(input, FLOAT, sizes)],
      output: [tensor('y', FLOAT, sizes)],
    },
    { irVersion, opsetImport: [{ domain: '', version: opset }] },
  );
}

/** y = x without its dimensions of size one: how many are left, only a run shows. */
export function openOutput(): Buffer {
  return encode({
    node: [{ opType: 'Squeeze', input: ['x'], output: ['y'] }],
    input: [tensor('x', FLOAT, ['N', 3])],
    output: [{ name: 'y', type: { tensorType: { elemType: FLOAT } } }],
  });
}

/** A message of numbers without meaning, which takes long to read. */
export function manyFields(count: number): Buffer {
  return Buffer.alloc(2 * count, Buffer.from([15 * 8, 0]));
}
