import { type Rule } from './call.js';
import { classical } from './classical.js';
import { constants } from './constants.js';
import { convolutions } from './convolutions.js';
import { elementwise } from './elementwise.js';
import { layouts } from './layouts.js';
import { matrices } from './matrices.js';
import { microsoft } from './microsoft.js';
import { quantization } from './quantization.js';
import { reductions } from './reductions.js';
import { selections } from './selections.js';
import { slices } from './slices.js';
import { texts } from './texts.js';

const onnx = {
  ...elementwise,
  ...matrices,
  ...convolutions,
  ...reductions,
  ...layouts,
  ...selections,
  ...slices,
  ...constants,
  ...quantization,
  ...texts,
};

const rules = new Map([...named('', onnx), ...named('ai.onnx.ml', classical), ...named('com.microsoft', microsoft)]);

/** Why some operators have none. */
const reasons: Readonly<Record<string, string | undefined>> = {
  If: 'control flow',
  Loop: 'control flow',
  Scan: 'control flow',
  SequenceMap: 'control flow',
  Compress: 'how much it keeps depends on the data',
  NonMaxSuppression: 'how much it keeps depends on the data',
  NonZero: 'how much it finds depends on the data',
  StringSplit: 'how much it finds depends on the data',
  Unique: 'how much it finds depends on the data',
};

function named(domain: string, table: Readonly<Record<string, Rule>>): [string, Rule][] {
  return Object.entries(table).map(([operator, rule]) => [`${domain}:${operator}`, rule]);
}

export function ruleFor(domain: string, operator: string): Rule | undefined {
  return rules.get(`${domain}:${operator}`);
}

export function whyNoRule(operator: string): string {
  return Object.hasOwn(reasons, operator) ? (reasons[operator] ?? '') : 'no rule says what it needs';
}
