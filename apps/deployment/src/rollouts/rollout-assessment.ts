import type { LoadState, RouteReport } from '@baton/contracts';

/** What one live replica says of a deployment; no state while it has not heard of it. */
export interface ReplicaWord {
  readonly replica: string;
  readonly state?: LoadState;
  readonly reason?: string;
}

export interface AssessmentRule {
  readonly now: Date;
  readonly deadline: Date;
  /** Least number of replicas that must serve the version. */
  readonly minReplicas: number;
}

/** What to do about a deployment, and on whose word. */
export type Assessment =
  | { readonly is: 'waiting' | 'completed'; readonly ready: string[] }
  | { readonly is: 'refused'; readonly ready: string[]; readonly refusing: string[]; readonly reason: string };

const MAX_REASON = 2000;

/**
 * Completed when every live replica serves the version and there are enough of them. Refused when all of them refuse
 * it, or when the time is over; completion comes first, since a replica that held it up may have died by then.
 */
export function assess(words: readonly ReplicaWord[], rule: AssessmentRule): Assessment {
  const ready = words.filter(({ state }) => state === 'ready').map(({ replica }) => replica);
  const refusals = words.filter(({ state }) => state === 'refused');
  const refusing = refusals.map(({ replica }) => replica);
  const enough = words.length >= rule.minReplicas;
  if (enough && ready.length === words.length) return { is: 'completed', ready };
  if (enough && refusals.length === words.length) {
    return { is: 'refused', ready, refusing, reason: cut(`every live replica refuses it: ${list(refusals)}`) };
  }
  if (rule.now < rule.deadline) return { is: 'waiting', ready };
  return { is: 'refused', ready, refusing, reason: cut(late(words.length, ready.length, refusals)) };
}

/** What a replica's report says of a deployment. A report on other bytes under its name is a refusal. */
export function wordOf(
  { replica, routes }: { readonly replica: string; readonly routes: readonly RouteReport[] },
  { deployment, digest }: { readonly deployment: string; readonly digest: string },
): ReplicaWord {
  const route = routes.find((each) => each.deployment === deployment);
  if (!route) return { replica };
  if (route.digest !== digest) return { replica, state: 'refused', reason: `it reports the digest ${route.digest}` };
  return { replica, state: route.state, reason: route.reason };
}

function late(alive: number, ready: number, refusals: readonly ReplicaWord[]): string {
  if (alive === 0) return 'the time is over, and no replica is alive';
  const told = refusals.length > 0 ? `; ${list(refusals)}` : '';
  return `the time is over, and ${ready} of ${alive} live replicas serve it${told}`;
}

function list(refusals: readonly ReplicaWord[]): string {
  return refusals.map(({ replica, reason }) => `${replica}: ${reason ?? 'no reason given'}`).join('; ');
}

function cut(text: string): string {
  return text.length <= MAX_REASON ? text : `${text.slice(0, MAX_REASON - 1)}…`;
}
