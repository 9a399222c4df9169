import type { OnnxGraph, OnnxNode } from './graph.js';
import { GivenTexts } from './given-texts.js';
import { Call, type Outcome } from './operators/call.js';
import { constantValue } from './operators/constants.js';
import { ruleFor, whyNoRule } from './operators/rules.js';
import { at, fixed, ROWS, UnboundedError, type Size } from './shapes/size.js';
import { bytesOf, checkDims, elements, valueOf, type Value } from './shapes/value.js';
import { MAX_SHAPE_VALUES } from './tensors.js';
import type { Dimension, GraphValue } from './value-types.js';

type Sizes = Readonly<Record<string, number>>;

/** What is added up while the nodes of a graph are walked through, in their order. */
export class Estimate {
  private readonly graph: OnnxGraph;
  private readonly rows: number;
  /** What is known of each tensor that has been reached. */
  readonly values = new Map<string, Value>();
  private readonly givenTexts = new GivenTexts();
  private longestText: number | undefined;
  private madeBytes = 0;
  /** Of the node that needs most while it runs: casts, transposed or unfolded copies of what goes in and out. */
  private passingBytes = 0;
  private macsPerRow = 0;
  private fixedMacs = 0;

  constructor(graph: OnnxGraph, rows: number) {
    this.graph = graph;
    this.rows = rows;
  }

  /** @throws UnboundedError */
  needs(sizes: Sizes): { peakBytes: number; macsPerRow: number; fixedMacs: number } {
    if (this.graph.isSparse) throw new UnboundedError('it has sparse initializers');
    for (const input of this.graph.inputs) this.take(input, sizes);
    for (const [name, tensor] of this.graph.initializers) this.values.set(name, constantValue(tensor));
    for (const node of this.graph.nodes) this.run(node);
    const peakBytes = this.madeBytes + this.passingBytes;
    const macsPerRow = Math.ceil(this.macsPerRow);
    if (![peakBytes, macsPerRow, this.fixedMacs].every(Number.isSafeInteger)) {
      throw new UnboundedError('it needs more than can be counted');
    }
    return { peakBytes, macsPerRow, fixedMacs: this.fixedMacs };
  }

  private take({ name, type }: GraphValue, sizes: Sizes): void {
    if (type?.kind !== 'tensor') throw new UnboundedError(`the input "${name}" is no tensor`);
    if (!type.type || !type.dims) throw new UnboundedError(`the input "${name}" has no type or no shape`);
    const rowAxis = type.dims.findIndex((size) => typeof size !== 'number');
    const dims = type.dims.map((size, axis) => (axis === rowAxis ? ROWS : fixed(sizeOf(size, sizes, `"${name}"`))));
    checkDims(dims, this.rows);
    const value = valueOf(type.type, dims);
    this.values.set(name, value);
    this.givenTexts.add(name, value);
  }

  private run(node: OnnxNode): void {
    try {
      const call = new Call(node, (name) => this.inputOf(name));
      this.keep(call, this.outcomeOf(node, call));
      this.givenTexts.pass(node, this.values);
    } catch (error) {
      if (!(error instanceof UnboundedError)) throw error;
      throw new UnboundedError(`${node.operator} "${node.name || (node.outputs[0] ?? '')}": ${error.message}`);
    }
  }

  private inputOf(name: string): Value | undefined {
    const value = this.values.get(name);
    if (!value && name !== '') throw new UnboundedError(`its input "${name}" is not made before it`);
    return value;
  }

  private outcomeOf({ domain, operator, attributes }: OnnxNode, call: Call): Outcome {
    const rule = ruleFor(domain, operator);
    if (!rule) throw new UnboundedError(whyNoRule(operator));
    if (this.graph.functions.has(`${domain}:${operator}`)) throw new UnboundedError("a function of the model's own");
    if (attributes.hasSubgraph()) throw new UnboundedError('control flow');
    return rule(call);
  }

  private keep(call: Call, { outputs, work, scratch = [] }: Outcome): void {
    const made = call.outputs.map((name, index) => this.made(name, index, outputs[index])).filter((one) => !!one);
    for (const { dims } of scratch) checkDims(dims, this.rows);
    const madeBytes = this.bytesOf(made);
    const used = call.inputs.filter((input) => input !== undefined);
    this.madeBytes += madeBytes;
    this.passingBytes = Math.max(this.passingBytes, madeBytes + this.bytesOf(used) + this.bytesOf(scratch));
    for (const size of work ? [work] : made.map(({ dims }) => elements(dims))) this.addWork(size);
  }

  /** Remembers an output, unless nobody asks for it. */
  private made(name: string, index: number, value: Value | undefined): Value | undefined {
    if (name === '') return undefined;
    if (!value) throw new UnboundedError(`no rule says what its output ${index} is`);
    if (this.values.has(name)) throw new UnboundedError(`"${name}" is made twice`);
    checkDims(value.dims, this.rows);
    const isShort = (value.numbers?.length ?? 0) <= MAX_SHAPE_VALUES;
    this.values.set(name, isShort ? value : valueOf(value.type, value.dims));
    return value;
  }

  private addWork(size: Size): void {
    if (size.power === 0) this.fixedMacs += size.factor;
    else this.macsPerRow += at(size, this.rows) / this.rows;
  }

  private bytesOf(values: readonly Value[]): number {
    return values.reduce((sum, value) => sum + bytesOf(value, this.rows, this.textOf(value)), 0);
  }

  private textOf({ type }: Value): number {
    if (type !== 'string') return 0;
    this.longestText ??= longestText(this.graph);
    return this.longestText;
  }
}

function sizeOf(size: Dimension, sizes: Sizes, where: string): number {
  if (typeof size === 'number') return size;
  const given = size === undefined || !Object.hasOwn(sizes, size) ? undefined : sizes[size];
  if (given === undefined) throw new UnboundedError(`the input ${where} has a second open dimension, "${size ?? '?'}"`);
  return given;
}

function longestText({ nodes, initializers }: OnnxGraph): number {
  let longest = 0;
  for (const { attributes } of nodes) longest = Math.max(longest, attributes.longestText());
  for (const tensor of initializers.values()) longest = Math.max(longest, tensor.longestText);
  return longest;
}
