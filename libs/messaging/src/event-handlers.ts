import type { BatonEvent, EventType } from '@baton/contracts';
import { Transaction } from '@baton/database';
import { UseFilters } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { RethrowFilter } from './rethrow-filter.js';
import type { DataEvent } from './received.js';

/** Only the strategy of this library picks these handlers up, whatever else the application listens to. */
export const KAFKA_TRANSPORT = Symbol('baton-kafka');

/** What a handler of single events gets beside the event. */
export interface EventContext {
  /** Commits together with the inbox; everything the handler writes belongs in here. */
  readonly tx: Transaction;
  readonly partition: number;
  readonly offset: string;
  /** Aborted when the handler has taken too long or the service stops. */
  readonly signal: AbortSignal;
}

/** What a handler of batches gets. */
export interface BatchContext {
  readonly tx: Transaction;
  readonly partition: number;
  /** Offset of the next record that will be written to the partition, as of the fetch. */
  readonly highWatermark: string;
  /** Nothing was left in the partition behind this batch. */
  readonly atEnd: boolean;
  readonly signal: AbortSignal;
}

export interface IdleContext {
  readonly tx: Transaction;
  readonly highWatermark: string;
  readonly signal: AbortSignal;
}

export type BatonEventAt<T extends EventType = EventType> = DataEvent<T> & {
  readonly partition: number;
  readonly offset: string;
};

/** What the decorators leave on a method for the strategy to find. */
export interface HandlerExtras {
  readonly kind: 'event' | 'batch' | 'idle';
  readonly type: EventType;
  readonly tombstones: boolean;
}

type Method = (...args: never[]) => Promise<void>;
type Decorate<M extends Method> = <Own extends M>(
  target: object,
  method: string | symbol,
  descriptor: TypedPropertyDescriptor<Own>,
) => void;

/**
 * Handles each event of a type once: in one transaction with its inbox row and with whatever the method writes through
 * `context.tx`. A method that throws is called again with growing pauses, then the event becomes a dead letter;
 * ServiceErrors that are retriable are tried without limit. Tombstones are left out unless asked for.
 */
export function OnEvent<T extends EventType>(
  type: T,
  options: { tombstones: true },
): Decorate<(event: BatonEvent<T>, context: EventContext) => Promise<void>>;
export function OnEvent<T extends EventType>(
  type: T,
): Decorate<(event: DataEvent<T>, context: EventContext) => Promise<void>>;
export function OnEvent(type: EventType, options?: { tombstones: true }): Decorate<Method> {
  return handler({ kind: 'event', type, tombstones: options?.tombstones ?? false });
}

/**
 * Handles events of one partition many at a time, without inbox rows: the method must know by itself what it has
 * applied already, e.g. by storing the partition's offset in the same transaction.
 */
export function OnBatch<T extends EventType>(
  type: T,
): Decorate<(batch: BatonEventAt<T>[], context: BatchContext) => Promise<void>> {
  return handler({ kind: 'batch', type, tombstones: false });
}

/** Called once when a partition has been read to its end and nothing came for a while; again after new events. */
export function OnIdle(type: EventType): Decorate<(partition: number, context: IdleContext) => Promise<void>> {
  return handler({ kind: 'idle', type, tombstones: false });
}

function handler(
  extras: HandlerExtras,
): (target: object, method: string | symbol, descriptor: PropertyDescriptor) => void {
  return (target, method, descriptor) => {
    // Nest gives a handler without parameter decorators its first argument only.
    Payload()(target, method, 0);
    Ctx()(target, method, 1);
    UseFilters(RethrowFilter)(target, method, descriptor);
    EventPattern<string>(`${extras.kind}:${extras.type}`, KAFKA_TRANSPORT, extras)(target, method, descriptor);
  };
}
