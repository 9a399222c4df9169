import { describe, expect, it } from 'vitest';
import { readGraph } from './graph.js';
import { WireFormatError } from './wire-reader.js';
import { bytesField, integerField } from './wire-writer.js';
import { floats, FLOAT, initializer, input, INT64, model, node, numbers, opset, output } from './written-models.js';

describe('the graph of a model', () => {
  it('has operator sets, nodes in order, inputs without initializers, and outputs', () => {
    const bytes = Buffer.concat([
      model(
        input('x', ['N', 4, null]),
        input('w', [4]),
        initializer('w', FLOAT, [4]),
        node('Mul', { inputs: ['x', 'w'], outputs: ['m'], name: 'first' }),
        node('Scaler', { inputs: ['m'], domain: 'ai.onnx.ml' }),
        output('y', ['N', 4, 1], INT64),
      ),
      opset('ai.onnx.ml', 3),
    ]);
    const graph = readGraph(bytes);
    expect(graph.opset).toEqual({ '': 21, 'ai.onnx.ml': 3 });
    expect(
      graph.nodes.map(({ name, operator, domain, inputs, outputs }) => [name, operator, domain, inputs, outputs]),
    ).toEqual([
      ['first', 'Mul', '', ['x', 'w'], ['m']],
      ['', 'Scaler', 'ai.onnx.ml', ['m'], ['y']],
    ]);
    expect(graph.inputs).toEqual([{ name: 'x', type: { kind: 'tensor', type: 'float32', dims: ['N', 4, undefined] } }]);
    expect(graph.outputs).toEqual([{ name: 'y', type: { kind: 'tensor', type: 'int64', dims: ['N', 4, 1] } }]);
    expect([...graph.initializers.keys()]).toEqual(['w']);
  });

  const least = Buffer.from('ffffffffffffffff', 'hex');
  it.each([
    ['one by one', numbers('s', [1, -1, 300]), [1, -1, 300]],
    [
      'packed',
      bytesField(
        5,
        integerField(1, 2),
        integerField(2, INT64),
        bytesField(7, Buffer.from([5, 172, 2])),
        bytesField(8, 's'),
      ),
      [5, 300],
    ],
    [
      'as raw bytes',
      bytesField(5, integerField(1, 1), integerField(2, INT64), bytesField(8, 's'), bytesField(9, least)),
      [-1],
    ],
    [
      'the largest there is',
      numbers('s', [2 ** 40, Number.MAX_SAFE_INTEGER, -(2 ** 53)]),
      [2 ** 40, Number.MAX_SAFE_INTEGER, -(2 ** 53)],
    ],
    [
      'none of, where there are more than shapes have',
      numbers(
        's',
        Array.from({ length: 65 }, () => 1),
      ),
      undefined,
    ],
    ['none of, where not all are there', initializer('s', INT64, [3], [1]), undefined],
  ])('has small integers %s', (_how, bytes, expected) => {
    expect(readGraph(model(bytes)).initializers.get('s')?.values).toEqual(expected);
  });

  it('has attributes, which are read when they are asked for', () => {
    const subgraph = bytesField(6, node('Identity'));
    const tensor = bytesField(5, integerField(1, 1), integerField(2, INT64), integerField(7, 8));
    const attributes = {
      axis: -1,
      mode: 'same',
      pads: [1, 2, 3],
      names: ['a', 'bcd'],
      weights: floats(9),
      value: tensor,
    };
    const [plain, branch] = readGraph(
      model(node('Any', { attributes }), node('If', { attributes: { then_branch: subgraph } })),
    ).nodes.map((one) => one.attributes);
    expect([plain?.int('axis'), plain?.text('mode'), plain?.ints('pads'), plain?.texts('names')]).toEqual([
      -1,
      'same',
      [1, 2, 3],
      ['a', 'bcd'],
    ]);
    expect([plain?.count('weights'), plain?.count('names'), plain?.count('pads'), plain?.count('none')]).toEqual([
      9, 2, 3, 0,
    ]);
    expect([plain?.tensor('value')?.values, plain?.longestText(), plain?.int('none')]).toEqual([[8], 4, undefined]);
    expect([plain?.hasSubgraph(), branch?.hasSubgraph()]).toEqual([false, true]);
  });
});

describe('what is no honest model', () => {
  const twice = bytesField(1, integerField(1, FLOAT));
  it.each([
    ['no graph', Buffer.concat([integerField(1, 10)]), /no graph/],
    ['two graphs', Buffer.concat([model(), bytesField(7)]), /two graphs/],
    [
      'an input with two types, which protobuf would join',
      model(bytesField(11, bytesField(1, 'x'), bytesField(2, twice, twice))),
      /twice/,
    ],
    [
      'a name that is no text',
      model(input('\ud800', [1]), bytesField(1, bytesField(4, Buffer.from([0xff])))),
      /no text/,
    ],
    ['a node that is a number', model(integerField(1, 5)), /wire type/],
    ['a tensor in another file', model(bytesField(5, integerField(14, 1))), /another file/],
    ['a field beyond the end', model(node('Relu')).subarray(0, -2), /beyond/],
    ['a number that does not end', Buffer.alloc(12, 0xff), /10 bytes/],
  ])('is refused: %s', (_what, bytes, reason) => {
    expect(() => readGraph(bytes)).toThrow(WireFormatError);
    expect(() => readGraph(bytes)).toThrow(reason);
  });

  it('is refused when it is asked for: two attributes of one name', () => {
    const twins = bytesField(
      1,
      bytesField(4, 'Any'),
      ...[1, 2].map((one) => bytesField(5, bytesField(1, 'axis'), integerField(3, one))),
    );
    const [one] = readGraph(model(twins)).nodes;
    expect(() => one?.attributes.int('axis')).toThrow(WireFormatError);
  });

  it('is refused when it is asked for: two values of an attribute, which protobuf would join', () => {
    const tensor = bytesField(5, integerField(1, 2), integerField(2, INT64));
    const joined = bytesField(1, bytesField(4, 'Any'), bytesField(5, bytesField(1, 'value'), tensor, tensor));
    const [one] = readGraph(model(joined)).nodes;
    expect(() => one?.attributes.tensor('value')).toThrow(/two values/);
  });
});
