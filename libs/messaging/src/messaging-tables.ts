import { Column, Entity, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';

/** An event that was committed with its cause and isn't on Kafka yet. */
@Entity('outbox')
export class OutboxRow {
  /** The order of sending. Not gap-free, and rows don't become visible in its order. */
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS' })
  id: string;

  @Column('uuid', { name: 'event_id' })
  eventId: string;

  @Column('text')
  type: string;

  @Column('text')
  key: string;

  @Column('jsonb')
  headers: Record<string, string>;

  /** JSON; null for a tombstone. */
  @Column('text', { nullable: true })
  value: string | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;
}

/** An event that a consumer group has applied. */
@Entity('inbox')
export class InboxRow {
  @PrimaryColumn('text')
  consumer: string;

  @PrimaryColumn('uuid', { name: 'event_id' })
  eventId: string;

  @Column('timestamptz', { name: 'received_at', default: () => 'now()' })
  receivedAt: Date;
}

/** For the `entities` of a service that has an outbox. */
export const messagingEntities: (new () => object)[] = [OutboxRow, InboxRow];

/** Tables of the outbox and the inbox, for a service's first migration; the search path is the service's schema. */
export function messagingTablesSql(): string {
  return `
    create table outbox (
      id bigint generated always as identity primary key,
      event_id uuid not null,
      type text not null,
      key text not null,
      headers jsonb not null,
      value text,
      created_at timestamptz not null default now()
    );
    create table inbox (
      consumer text not null,
      event_id uuid not null,
      received_at timestamptz not null default now(),
      primary key (consumer, event_id)
    );
  `;
}
