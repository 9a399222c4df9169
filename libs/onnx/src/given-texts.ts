import type { OnnxNode } from './graph.js';
import { UnboundedError } from './shapes/size.js';
import { elements, type Value } from './shapes/value.js';

/** They answer a text with one of the model's own. */
const TRANSLATORS = ['CategoryMapper', 'LabelEncoder'];

/**
 * Follows texts of the caller through a graph. How long they are is the caller's doing, and limited by the size of a
 * request; a model that makes more of them than it was given would multiply that.
 */
export class GivenTexts {
  private readonly names = new Set<string>();

  add(name: string, { type }: Value): void {
    if (type === 'string') this.names.add(name);
  }

  /** @throws UnboundedError when an output holds more texts than came in */
  pass({ operator, inputs, outputs }: OnnxNode, values: ReadonlyMap<string, Value>): void {
    const given = inputs.filter((name) => this.names.has(name));
    if (given.length === 0 || TRANSLATORS.includes(operator)) return;
    const counts = given.map((name) => elements(values.get(name)?.dims ?? []));
    for (const name of outputs) {
      const value = values.get(name);
      if (value?.type !== 'string') continue;
      const { factor, power } = elements(value.dims);
      const most = counts.reduce((sum, count) => sum + (count.power >= power ? count.factor : 0), 0);
      if (factor > most) throw new UnboundedError('it multiplies texts, whose length is up to the caller');
      this.names.add(name);
    }
  }
}
