import { broadcast } from '../shapes/broadcasting.js';
import { constant, fixed, isSame, ONE, over, plus, times, UnboundedError, type Size } from '../shapes/size.js';
import { elements, valueOf, type Value } from '../shapes/value.js';
import { elementType, type ElementType } from '../element-types.js';
import { sameRule, type Call, type Rule } from './call.js';

const unary =
  (type?: ElementType): Rule =>
  (call) => {
    const x = call.input(0);
    return { outputs: [valueOf(type ?? x.type, x.dims)] };
  };

const identity: Rule = (call) => ({ outputs: [call.input(0)] });

const dropout: Rule = (call) => {
  const x = call.input(0);
  return { outputs: [x, valueOf('bool', x.dims)] };
};

type Arithmetic = (a: Size, b: Size) => Size | undefined;

/** Side by side, and with numbers where those of the inputs are known. */
function binary(type?: ElementType, arithmetic?: Arithmetic): Rule {
  return (call) => {
    const given = call.inputs.map((_, index) => call.input(index));
    const dims = broadcast(...given.map((value) => value.dims));
    const numbers = arithmetic && combined(given, arithmetic);
    return { outputs: [valueOf(type ?? call.input(0).type, dims, numbers)] };
  };
}

function combined(given: readonly Value[], arithmetic: Arithmetic): Size[] | undefined {
  const [a, b, ...others] = given.map((value) => value.numbers);
  if (!a || !b || others.length > 0 || given.some((value) => value.dims.length > 1)) return undefined;
  const length = Math.max(a.length, b.length);
  return known(Array.from({ length }, (_, index) => both(a[index % a.length], b[index % b.length], arithmetic)));
}

function both(a: Size | undefined, b: Size | undefined, arithmetic: Arithmetic): Size | undefined {
  const result = a && b && arithmetic(a, b);
  return result && Number.isSafeInteger(result.factor) ? result : undefined;
}

/** The numbers, if all of them are known. */
export function known(numbers: readonly (Size | undefined)[]): Size[] | undefined {
  const found = numbers.filter((number) => number !== undefined);
  return found.length === numbers.length ? found : undefined;
}

const quotient: Arithmetic = (a, b) => {
  const [x, y] = [constant(a), constant(b)];
  return x !== undefined && y !== undefined && y !== 0 ? fixed(Math.trunc(x / y)) : over(a, b);
};

const difference: Arithmetic = (a, b) => plus(a, times(b, fixed(-1)));

const equality: Arithmetic = (a, b) => {
  if (isSame(a, b)) return fixed(1);
  const bothConstant = a.power === 0 && b.power === 0;
  const isApart = (growing: Size, other: Size) =>
    growing.power > 0 && growing.factor > 0 && other.power === 0 && other.factor < 0;
  return bothConstant || isApart(a, b) || isApart(b, a) ? fixed(0) : undefined;
};

/** The runtime squares a padded copy, and adds up a window of it for every element. */
const localNormalization: Rule = (call) => {
  const { type, dims } = call.input(0);
  const window = fixed(call.int('size', 1));
  const [batch = ONE, channels = ONE, ...picture] = dims;
  const padded = plus(channels, window);
  if (!padded) throw new UnboundedError('channels that depend on the rows');
  const scratch = [valueOf(type, [batch, padded, ...picture])];
  return { outputs: [valueOf(type, dims)], work: times(elements(dims), window), scratch };
};

const where: Rule = (call) => {
  const [condition, yes, no] = [call.input(0), call.input(1), call.input(2)];
  const dims = broadcast(condition.dims, yes.dims, no.dims);
  const choice = condition.numbers?.map((chosen, index) => {
    const side = constant(chosen) ? yes : no;
    return side.numbers?.[index % (side.numbers.length || 1)];
  });
  const isShape = [condition, yes, no].every((value) => value.dims.length <= 1);
  const isWhole = choice?.length === constant(dims[0]);
  return { outputs: [valueOf(yes.type, dims, isShape && isWhole && choice ? known(choice) : undefined)] };
};

const cast: Rule = (call) => {
  const x = call.input(0);
  const type = elementType(call.int('to', 0));
  if (!type) throw new UnboundedError('a cast to a type that is not known');
  return { outputs: [valueOf(type, x.dims, keepsNumbers(x, type) ? x.numbers : undefined)] };
};

function keepsNumbers(x: Value, to: ElementType): boolean {
  if (to === 'int64') return x.type === 'int64' || x.type === 'int32';
  return to === 'bool' && x.type === 'bool';
}

function castLike(call: Call) {
  return { outputs: [valueOf(call.input(1).type, call.input(0).dims)] };
}

export const elementwise: Readonly<Record<string, Rule>> = {
  ...sameRule(
    'Abs Acos Acosh Asin Asinh Atan Atanh BitwiseNot Ceil Celu Clip Cos Cosh CumProd CumSum Elu Erf Exp Floor Gelu HardSigmoid ' +
      'HardSwish Hardmax LeakyRelu Log LogSoftmax LpNormalization MeanVarianceNormalization Mish Neg Not Reciprocal ' +
      'Relu ReverseSequence Round Selu Shrink Sigmoid Sign Sin Sinh Softmax Softplus Softsign Sqrt Swish Tan Tanh ThresholdedRelu Trilu',
    unary(),
  ),
  ...sameRule('IsNaN IsInf', unary('bool')),
  ...sameRule('InstanceNormalization GroupNormalization BatchNormalization', unary()),
  LRN: localNormalization,
  Identity: identity,
  Dropout: dropout,
  Cast: cast,
  CastLike: castLike,
  Where: where,
  ...sameRule('BitShift BitwiseAnd BitwiseOr BitwiseXor Max Mean Min Mod Pow PRelu Sum', binary()),
  ...sameRule('And Greater GreaterOrEqual Less LessOrEqual Or Xor', binary('bool')),
  Add: binary(undefined, plus),
  Sub: binary(undefined, difference),
  Mul: binary(undefined, (a, b) => times(a, b)),
  Div: binary(undefined, quotient),
  Equal: binary('bool', equality),
};
