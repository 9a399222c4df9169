import type { Attributes } from '../attributes.js';
import type { OnnxNode } from '../graph.js';
import { constant, UnboundedError, type Size } from '../shapes/size.js';
import type { Value } from '../shapes/value.js';

/** What a node makes of its inputs. */
export interface Outcome {
  readonly outputs: readonly Value[];
  /** Multiply-accumulates, or elements that are touched; the elements of the outputs when not said. */
  readonly work?: Size;
  /** Values that exist while it runs, beside its outputs. */
  readonly scratch?: readonly Value[];
}

/** Shapes and work of an operator, from its specification. @throws UnboundedError */
export type Rule = (call: Call) => Outcome;

/** A node with what is known of its inputs. */
export class Call {
  readonly inputs: readonly (Value | undefined)[];
  readonly attributes: Attributes;
  /** Names of its outputs; an empty one is not asked for. */
  readonly outputs: readonly string[];

  constructor({ inputs, attributes, outputs }: OnnxNode, inputOf: (name: string) => Value | undefined) {
    this.inputs = inputs.map(inputOf);
    this.attributes = attributes;
    this.outputs = outputs;
  }

  /** @throws UnboundedError when it is left out */
  input(index: number): Value {
    const value = this.inputs[index];
    if (!value) throw new UnboundedError(`it has no input ${index}`);
    return value;
  }

  int(name: string, otherwise: number): number {
    return this.attributes.int(name) ?? otherwise;
  }

  /**
   * Numbers that older operator sets have in an attribute, newer ones in an input; undefined where both are left out.
   * @throws UnboundedError when only the run shows them
   */
  numbers(attribute: string, index: number): readonly Size[] | undefined {
    const ints = this.attributes.ints(attribute);
    if (ints) return ints.map((factor) => ({ factor, power: 0 }));
    const value = this.inputs[index];
    if (value && !value.numbers) throw new UnboundedError(`only a run shows its ${attribute}`);
    return value?.numbers;
  }

  /** The same for numbers that do not depend on the rows. @throws UnboundedError */
  constants(attribute: string, index: number): number[] | undefined {
    return this.numbers(attribute, index)?.map((size) => {
      const number = constant(size);
      if (number === undefined) throw new UnboundedError(`its ${attribute} depend on the rows`);
      return number;
    });
  }
}

/** A rule for all operators of a list. */
export function sameRule(names: string, rule: Rule): Record<string, Rule> {
  return Object.fromEntries(names.split(' ').map((name) => [name, rule]));
}
