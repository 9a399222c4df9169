import type { ReplicaReported } from '@baton/contracts';
import type { Transaction } from '@baton/database';
import { Injectable } from '@nestjs/common';
import { MoreThan, type EntityManager } from 'typeorm';
import { DeploymentConfig } from '../config.js';
import { isAlive, seenAt } from './replica-liveness.js';
import { Replica } from './replica.entity.js';

const FORGET_AFTER_MS = 86_400_000;

const PUT = `
  insert into replicas (replica, revision, routes, leaving, last_seen)
  values ($1, $2, $3, $4, $5)
  on conflict (replica) do update
    set revision = excluded.revision, routes = excluded.routes, leaving = excluded.leaving,
        last_seen = excluded.last_seen
    where replicas.revision < excluded.revision
`;

/** Who serves, and what each says of it. */
@Injectable()
export class ReplicasService {
  constructor(private readonly config: DeploymentConfig) {}

  /** Takes a report over, unless a later one of the same replica is known. */
  async report(tx: Transaction, { replica, revision, routes, leaving, reportedAt }: ReplicaReported): Promise<void> {
    const seen = seenAt(reportedAt, new Date());
    await tx.query(PUT, [replica, revision, JSON.stringify(routes), leaving, seen]);
  }

  isAlive(replica: Replica, now: Date): boolean {
    return isAlive(replica, now, this.config.replicaStaleSeconds * 1000);
  }

  /** Every replica heard of within a day; those that left or fell silent too. */
  known(manager: EntityManager, now: Date): Promise<Replica[]> {
    const lastSeen = MoreThan(new Date(now.getTime() - FORGET_AFTER_MS));
    return manager.find(Replica, { where: { lastSeen }, order: { replica: 'ASC' } });
  }

  async alive(manager: EntityManager, now: Date): Promise<Replica[]> {
    return (await this.known(manager, now)).filter((replica) => this.isAlive(replica, now));
  }
}
