import {
  featureCount,
  featureNames,
  type EndpointPolicy,
  type LoggingPolicy,
  type PredictionLogged,
  type Route,
  type ServingPlan,
  type TensorSignature,
} from '@baton/contracts';
import type { SegmentContext } from './spool-group.js';

/** How the values of one tensor are recorded. */
export interface TensorRule {
  readonly name: string;
  /** Place in the signature; -1 for a tensor that is not in it. */
  readonly index: number;
  /** The same for all values, or `mixed`: by column. */
  readonly logging: LoggingPolicy | 'mixed';
  readonly columns: readonly { readonly name: string; readonly logging: LoggingPolicy }[];
}

/** What a segment says once of all its predictions of a route. */
export interface RouteContext
  extends Pick<PredictionLogged, 'replica' | 'endpoint' | 'project' | 'deployment' | 'model' | 'version' | 'digest'> {
  readonly inputs: readonly TensorSignature[];
  readonly outputs: readonly TensorSignature[];
  readonly features: readonly string[];
}

/** A route of a plan, as the log knows it. */
export interface RecordedRoute extends SegmentContext {
  readonly policy: Policy;
  readonly inputs: readonly TensorRule[];
  readonly outputs: readonly TensorRule[];
  /** Whether the policy looks at values one by one, in any tensor. */
  readonly hasSingleValues: boolean;
}

type Policy = Pick<EndpointPolicy, 'logging' | 'features'>;

/** The routes that were predicted with, each with what is the same in all its predictions. */
export class RecordedRoutes {
  private readonly known = new WeakMap<ServingPlan, Map<Route, RecordedRoute>>();
  private count = 0;

  constructor(private readonly replica: string) {}

  of(plan: ServingPlan, route: Route): RecordedRoute {
    let routes = this.known.get(plan);
    if (!routes) {
      routes = new Map();
      this.known.set(plan, routes);
    }
    let recorded = routes.get(route);
    if (!recorded) {
      recorded = this.record(plan, route);
      routes.set(route, recorded);
    }
    return recorded;
  }

  private record({ endpoint, project, policy }: ServingPlan, route: Route): RecordedRoute {
    const { deployment, model, version, digest, inputs, outputs, features } = route;
    const { replica } = this;
    const same = { replica, endpoint, project, deployment, model, version, digest };
    const context: RouteContext = { ...same, inputs, outputs, features };
    this.count += 1;
    const rules = { inputs: tensorRules(inputs, policy, features), outputs: tensorRules(outputs, policy) };
    return {
      number: this.count,
      json: Buffer.from(JSON.stringify(context)),
      usedIn: 0,
      policy,
      ...rules,
      hasSingleValues: [...rules.inputs, ...rules.outputs].some(({ logging }) => ['hash', 'mixed'].includes(logging)),
    };
  }
}

/**
 * @param signature of the model, by whose dimensions the values of a row have names
 * @param names of the values of a row, over all tensors of the signature in order
 */
export function tensorRules(
  signature: readonly TensorSignature[],
  policy: Policy,
  names: readonly string[] = featureNames(signature),
): TensorRule[] {
  let position = 0;
  return signature.map((tensor, index) => {
    const width = featureCount(tensor) ?? 0;
    const ofRow = names.slice(position, position + width);
    position += width;
    // Where the values of a row have no names, the tensor's own name stands for all of them.
    return tensorRule(tensor.name, index, width > 0 && ofRow.length === width ? ofRow : [tensor.name], policy);
  });
}

/** The rule of a tensor, which is where the signature has it, unless a caller chose another order. */
export function ruleOf(rules: readonly TensorRule[], position: number, name: string, policy: Policy): TensorRule {
  const here = rules[position];
  if (here?.name === name) return here;
  return rules.find((rule) => rule.name === name) ?? tensorRule(name, -1, [name], policy);
}

function tensorRule(name: string, index: number, names: readonly string[], policy: Policy): TensorRule {
  const columns = names.map((column) => ({ name: column, logging: policy.features[column] ?? policy.logging }));
  const [first] = columns;
  const isSame = columns.every(({ logging }) => logging === first?.logging);
  return { name, index, columns, logging: isSame && first ? first.logging : 'mixed' };
}
