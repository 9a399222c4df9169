import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readGraph, readLayout } from './graph.js';
import { bytesField, integerField } from './wire-writer.js';
import { FLOAT, input, mapsOutput, model, node, opset, output, type NodeParts } from './written-models.js';
import { tensorOutputs, UnservableError } from './zip-maps.js';

const iris = readFileSync(new URL('../../../test/data/models/iris_zipmap/model.onnx', import.meta.url));
const zipMap = (parts: NodeParts = {}) =>
  node('ZipMap', {
    inputs: ['scores'],
    outputs: ['maps'],
    domain: 'ai.onnx.ml',
    attributes: { classlabels_int64s: [3, 5] },
    ...parts,
  });
const scores = node('Relu', { outputs: ['scores'] });

/** Every field of the model but the graph, and every field of that. */
function fieldsOf(bytes: Uint8Array): { outside: string[]; inside: string[] } {
  const { graph, graphStart } = readLayout(bytes);
  const inside: string[] = [];
  while (graph.next()) inside.push(graph.bytes.toString('latin1', graph.tagStart, graph.end));
  const outside = [graph.bytes.subarray(0, graphStart), graph.bytes.subarray(graph.limit)];
  return { inside, outside: outside.map((part) => part.toString('latin1')) };
}

describe('the tensors in place of maps', () => {
  it('come under the name of the output, with what the columns stand for', () => {
    const { bytes, zipMaps } = tensorOutputs(iris);
    const labels = ['setosa', 'versicolor', 'virginica'];
    expect(zipMaps).toEqual([{ output: 'output_probability', labels, from: 'probabilities' }]);
    const { outputs, nodes } = readGraph(bytes);
    const type = { kind: 'tensor', type: 'float32', dims: [undefined, 3] };
    expect(outputs[1]).toEqual({ name: 'output_probability', type });
    expect(nodes.at(-1)).toMatchObject({
      operator: 'Identity',
      domain: '',
      inputs: ['probabilities'],
      outputs: ['output_probability'],
    });
  });

  it('leave every other byte as it was', () => {
    const { bytes } = tensorOutputs(iris);
    const [before, after] = [fieldsOf(iris), fieldsOf(bytes)];
    expect(after.outside).toEqual(before.outside);
    expect(after.inside).toHaveLength(before.inside.length);
    const changed = before.inside.filter((field, index) => field !== after.inside[index]);
    expect(changed.map((field) => Buffer.from(field, 'latin1').includes('ZipMap'))).toEqual([true, false]);
    expect(tensorOutputs(bytes).bytes).toBe(bytes);
  });

  it('come with whole numbers for labels, wherever in the file the output is', () => {
    const bytes = model(mapsOutput('maps'), input('x', ['N', 2]), scores, zipMap(), output('scores', ['N', 2]));
    const result = tensorOutputs(bytes);
    expect(result.zipMaps).toEqual([{ output: 'maps', labels: [3, 5], from: 'scores' }]);
    expect(readGraph(result.bytes).outputs.map(({ type }) => type?.kind)).toEqual(['tensor', 'tensor']);
  });

  it('need an operator set that has Identity', () => {
    const graph = [input('x', ['N', 2]), scores, zipMap(), mapsOutput('maps')];
    const bytes = Buffer.concat([integerField(1, 4), opset('ai.onnx.ml', 1), bytesField(7, ...graph)]);
    expect(readGraph(tensorOutputs(bytes).bytes).opset).toEqual({ '': 7, 'ai.onnx.ml': 1 });
  });

  it('are not needed where all outputs are tensors: the same object comes back', () => {
    const bytes = model(input('x', ['N', 2]), scores, zipMap(), output('scores', ['N', 2]));
    expect(tensorOutputs(bytes)).toEqual({ bytes, zipMaps: [] });
    expect(tensorOutputs(bytes).bytes).toBe(bytes);
  });

  it.each([
    [
      'a list that ZipMap did not make',
      [node('SequenceConstruct', { outputs: ['maps'] }), mapsOutput('maps')],
      /"maps" is no tensor \(sequence\)/,
    ],
    [
      'a ZipMap of another library',
      [scores, zipMap({ domain: 'com.example' }), mapsOutput('maps')],
      /"maps" is no tensor \(sequence\)/,
    ],
    [
      'an optional output',
      [bytesField(12, bytesField(1, 'o'), bytesField(2, bytesField(9)))],
      /"o" is no tensor \(optional\)/,
    ],
    [
      'a map that goes in',
      [bytesField(11, bytesField(1, 'm'), bytesField(2, bytesField(5, integerField(1, FLOAT))))],
      /input "m" is no tensor \(map\)/,
    ],
  ])('are not made of %s', (_what, graph, reason) => {
    expect(() => tensorOutputs(model(...graph))).toThrow(UnservableError);
    expect(() => tensorOutputs(model(...graph))).toThrow(reason);
  });
});
