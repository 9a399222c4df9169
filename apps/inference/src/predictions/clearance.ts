import { missingClearance, type Caller } from '@baton/access';
import type { ServingPlan } from '@baton/contracts';
import { ServiceError } from '@baton/service';

/** The data classes of a plan's features, each once. */
const classes = new WeakMap<ServingPlan, ReadonlySet<string>>();

/** @throws ServiceError 403 `not-cleared` for a caller who may not have data of a class that the endpoint works with */
export function refuseUncleared(caller: Caller, plan: ServingPlan): void {
  if (plan.policy.dataClasses === undefined || caller.clearance === null) return;
  let needed = classes.get(plan);
  if (!needed) classes.set(plan, (needed = new Set(Object.values(plan.policy.dataClasses))));
  const missing = missingClearance(caller, needed);
  if (missing === undefined) return;
  const detail = `${plan.endpoint} works with data of the class "${missing}", for which this key is not cleared`;
  throw new ServiceError('not-cleared', detail, { status: 403 });
}
