import type { ServingPlan } from '@baton/contracts';
import { canonicalJson, PLAN_TYPE, SignatureError, verifyDetached } from '@baton/signing';
import { createHash, type KeyObject } from 'node:crypto';

/** Why the plan is not the word of the deployment service; undefined when it is. */
export function planProblem(plan: ServingPlan, keys: readonly KeyObject[]): string | undefined {
  const { signature, ...signed } = plan;
  try {
    verifyDetached(PLAN_TYPE, signed, signature, keys);
    return undefined;
  } catch (error) {
    if (error instanceof SignatureError) return `${error.reason}: ${error.message}`;
    throw error;
  }
}

/** Names a plan by what is in it, so that two bad ones can be told apart. */
export function planDigest(plan: ServingPlan): string {
  return createHash('sha256').update(canonicalJson(plan)).digest('hex');
}
