import { waitFor } from '@baton/testing';
import { setTimeout as pause } from 'node:timers/promises';
import type { Replica } from './inference-replica.js';

const LOOKS_EVERY_MS = 100;

/** Sends requests in turns to the replicas that say they are ready, as a load balancer does, and repeats none. */
export class Balancer {
  private ready: readonly Replica[] = [];
  private turn = 0;
  private isOn = true;
  private readonly looking: Promise<void>;

  constructor(private readonly replicas: readonly Replica[]) {
    this.looking = this.keepLooking();
  }

  next(): Replica {
    this.turn += 1;
    const replica = this.ready[this.turn % this.ready.length];
    if (!replica) throw new Error('no replica is ready');
    return replica;
  }

  async sees(replica: Replica): Promise<void> {
    await waitFor(() => (this.ready.includes(replica) ? true : undefined), { what: 'a replica in rotation' });
  }

  async stop(): Promise<void> {
    this.isOn = false;
    await this.looking;
  }

  private async keepLooking(): Promise<void> {
    while (this.isOn) {
      const looks = await Promise.all(this.replicas.map(isReady));
      this.ready = this.replicas.filter((_, index) => looks[index]);
      await pause(LOOKS_EVERY_MS);
    }
  }
}

/** On a connection of its own: what is asked on an open one may be answered by who is about to go. */
async function isReady({ url }: Replica): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`, { headers: { connection: 'close' } })).ok;
  } catch {
    return false;
  }
}
