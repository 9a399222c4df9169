import { OnEvent, type DataEvent, type EventContext } from '@baton/messaging';
import { Controller } from '@nestjs/common';
import { ReplicasService } from '../replicas/replicas.service.js';
import { RolloutClock } from './rollout-clock.js';

/** Listens to the replicas. */
@Controller()
export class RolloutsConsumer {
  constructor(
    private readonly replicas: ReplicasService,
    private readonly clock: RolloutClock,
  ) {}

  /**
   * Only the report is stored here. Rollouts advance in transactions of their own, an endpoint at a time: a batch of
   * reports that locked one endpoint after the other would meet another batch's locks.
   */
  @OnEvent('replica.reported')
  async reported({ data }: DataEvent<'replica.reported'>, { tx }: EventContext): Promise<void> {
    await this.replicas.report(tx, data);
    tx.afterCommit(() => this.clock.wake());
  }
}
