import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { preScan, PreScanError } from './pre-scan.js';

/** Protobuf by hand: a varint, a varint field, a length-delimited field. */
function varint(value: number | bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Buffer.from(bytes);
}
const number = (field: number, value: number | bigint) => Buffer.concat([varint(field * 8), varint(value)]);
const bytes = (field: number, ...content: (Buffer | string)[]) => {
  const body = Buffer.concat(content.map((part) => Buffer.from(part as string)));
  return Buffer.concat([varint(field * 8 + 2), varint(body.length), body]);
};

const opset = (domain: string, version: number) => bytes(8, bytes(1, domain), number(2, version));
const node = (...parts: Buffer[]) => bytes(1, bytes(4, 'Identity'), ...parts);
const graph = (...parts: Buffer[]) => bytes(7, ...parts);
const model = (...parts: Buffer[]) => Buffer.concat([number(1, 10), opset('', 21), ...parts]);
const initializer = (...parts: Buffer[]) => bytes(5, ...parts);
const subgraph = (depth: number): Buffer =>
  depth === 0 ? node() : node(bytes(5, bytes(1, 'body'), bytes(6, subgraph(depth - 1))));
const many = (part: (i: number) => Buffer) => Array.from({ length: 100 }, (_, i) => part(i));
const repeated = (count: number, part: Buffer) => Buffer.concat(Array.from({ length: count }, () => part));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'baton-pre-scan-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function scan(content: Buffer) {
  const path = join(folder, 'model.onnx');
  writeFileSync(path, content);
  return preScan(path);
}

describe('the scan of a model', () => {
  it('tells versions, operator sets and nodes, in subgraphs too', () => {
    const content = model(opset('ai.onnx.ml', 3), graph(node(), subgraph(3), initializer(number(1, 2), number(1, 3))));
    expect(scan(content)).toEqual({ irVersion: 10, opset: { 'ai.onnx': 21, 'ai.onnx.ml': 3 }, nodes: 5 });
  });

  it.each([
    ['weights of any size, unread', model(graph(initializer(number(1, 300_000), bytes(9, Buffer.alloc(1_200_000)))))],
    ['packed sizes of a tensor', model(graph(initializer(bytes(1, varint(4), varint(5)))))],
    ['operators of Microsoft that ship with the runtime', model(opset('com.microsoft', 1), graph(node()))],
    [
      'functions of its own',
      model(graph(node(bytes(7, 'mine'))), bytes(25, bytes(10, 'mine'), bytes(7, bytes(4, 'Abs')))),
    ],
    ['an operator set that no node uses', model(opset('ai.onnx.training', 1), graph(node()))],
    ['fields it does not know', model(graph(node()), bytes(99, 'x'), number(98, 1))],
  ])('lets pass %s', (_, content) => {
    expect(() => scan(content)).not.toThrow();
  });

  it.each([
    ['bytes that are no protobuf', Buffer.from('this is no model'), /not an ONNX model/],
    ['an empty file', Buffer.alloc(0), /0 graphs/],
    ['no graph', model(), /0 graphs/],
    ['two graphs', model(graph(node()), graph(node())), /2 graphs/],
    ['a field that reaches beyond the file', model(graph(node())).subarray(0, -3), /reaches beyond|too early/],
    ['a field that reaches beyond its message', model(bytes(7, Buffer.from([0x0a, 0x7f]))), /reaches beyond/],
    ['a length beyond any file', model(Buffer.concat([varint(7 * 8 + 2), varint(2n ** 63n)])), /reaches beyond/],
    ['a number of eleven bytes', model(Buffer.concat([varint(8), Buffer.alloc(11, 0xff)])), /more than 10 bytes/],
    ['a field without a number', model(Buffer.from([0x00, 0x00])), /field number 0/],
    ['a group, which protobuf gave up', model(Buffer.from([0x0b, 0x0c])), /wire type 3/],
    ['a graph that is a number', model(number(7, 1)), /the graph is no message/],
    ['a version from the future', Buffer.concat([number(1, 99), opset('', 21), graph(node())]), /IR version is 99/],
    ['no version', Buffer.concat([opset('', 21), graph(node())]), /IR version is 0/],
    ['no operator set', Buffer.concat([number(1, 10), graph(node())]), /no operator set/],
    ['a node of a custom library', model(graph(node(bytes(7, 'com.example')))), /"com\.example"/],
    [
      'such a node in a function',
      model(graph(node()), bytes(25, bytes(10, 'mine'), bytes(7, bytes(7, 'evil')))),
      /"evil"/,
    ],
    ['such a node in a subgraph', model(graph(node(bytes(5, bytes(6, node(bytes(7, 'evil'))))))), /"evil"/],
    ['a domain of a megabyte', model(graph(node(bytes(7, Buffer.alloc(1_000_000))))), /a text of/],
    ['a path to weights', model(graph(initializer(bytes(13, bytes(1, 'location'))))), /other files/],
    ['weights said to be elsewhere', model(graph(initializer(number(14, 1)))), /other files/],
    ['such weights in an attribute', model(graph(node(bytes(5, bytes(5, number(14, 1)))))), /other files/],
    ['such weights in a sparse tensor', model(graph(bytes(15, bytes(1, number(14, 1))))), /other files/],
    ['such weights in a subgraph', model(graph(node(bytes(5, bytes(6, initializer(number(14, 1))))))), /other files/],
    ['a tensor of 2^40 elements', model(graph(initializer(number(1, 2 ** 20), number(1, 2 ** 20)))), /unreasonable/],
    ['a tensor of less than nothing', model(graph(initializer(number(1, -5)))), /unreasonable/],
    ['a tensor of a thousand dimensions', model(graph(initializer(repeated(1000, number(1, 1))))), /dimensions/],
    ['the same, packed', model(graph(initializer(bytes(1, repeated(1000, varint(1)))))), /dimensions/],
    ['graphs in graphs in graphs', model(graph(subgraph(40))), /nested/],
    ['more nodes than anybody needs', model(graph(repeated(200_001, node()))), /nodes/],
    ['a hundred operator sets', model(...many((i) => opset(`set${i}`, 1)), graph(node())), /domains/],
    ['nodes of a hundred libraries', model(graph(...many((i) => node(bytes(7, `lib${i}`))))), /domains/],
    ['a way to train it', model(graph(node()), bytes(20, bytes(1, node()))), /for inference/],
  ])('refuses %s', (_, content, reason) => {
    expect(() => scan(content)).toThrow(PreScanError);
    expect(() => scan(content)).toThrow(reason);
  });
});
