import type { Caller } from '@baton/access';
import { counter } from '@baton/telemetry';
import { shadowsOf } from '../plans/served-plan.js';
import { copyOf } from '../runtime/tensors.js';
import type { ChosenRoute, InferenceQuestion } from './data-plane.js';
import type { PendingPrediction } from './pending-prediction.js';

/** A request that a shadow is to answer, too. */
export interface ShadowCopy {
  readonly chosen: ChosenRoute;
  readonly caller: Caller;
  readonly question: InferenceQuestion;
}

/** Copies that wait at most; a shadow that is slower than what it shadows must not fill the memory. */
const MAX_WAITING = 256;
const dropped = counter('shadow_copies_dropped_total', 'Requests that a shadow was not asked', ['endpoint']);

/** Asks shadows what the others are asked, behind their backs: in a turn of the loop of its own, and never too much. */
export class ShadowCopies {
  private waiting: ShadowCopy[] = [];

  constructor(private readonly ask: (copy: ShadowCopy) => void) {}

  /** Of a request that has been read; its inputs may be overwritten once it has run. */
  copy({ chosen, request, inputs, requestId, eventTime, plan }: PendingPrediction): void {
    const { served, route } = chosen;
    if (served.routes.length === 1 || route.shadow) return;
    const shadows = shadowsOf(served);
    if (shadows.length === 0) return;
    if (this.waiting.length + shadows.length > MAX_WAITING) return dropped.inc({ endpoint: plan.endpoint });
    const question = { id: requestId, inputs: inputs.map(copyOf), at: eventTime };
    if (this.waiting.length === 0) setImmediate(() => this.askAll());
    for (const shadow of shadows) {
      this.waiting.push({ chosen: { ...shadow, served }, caller: request.caller, question });
    }
  }

  private askAll(): void {
    const all = this.waiting;
    this.waiting = [];
    for (const copy of all) this.ask(copy);
  }
}
