import type { EventProducer } from '@baton/messaging';
import { createLogger } from '@baton/telemetry';
import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { within } from '../within.js';
import type { FromShipper, ShipSettings, ShipTask } from './ship-messages.js';
import { ShipThread } from './ship-thread.js';
import { Shipper } from './shipper.js';
import { droppedRecords } from './spool-writer.js';
import type { Spool } from './spool.js';

const log = createLogger('prediction-log');
const STOP_WITHIN_MS = 500;
const MAX_PAUSE_MS = 30_000;
/** Share of the limit from which on the shipper no longer gives way, and that below which it does again. */
const HURRY_ABOVE = 0.5;
const HURRY_UNTIL = 0.125;

export interface ShippingOptions extends Omit<ShipSettings, 'givesWay'> {
  /** The shipper as a thread; sources have none, and ship on this one. */
  readonly program?: string;
  /** Milliseconds until a shipper that died is started again; doubled with each death. */
  readonly firstPauseMs?: number;
}

/** What the shipping needs of a spool. */
type ShippedSpool = Pick<
  Spool<unknown>,
  'nextTask' | 'endTask' | 'ship' | 'miss' | 'waiting' | 'fullness' | 'shippedThrough'
>;

/** Gives the shipper what is stable, and keeps it alive. One task at a time is under way; its segment is not dropped. */
export class Shipping {
  private carrier: ShipThread | Shipper | undefined;
  private task: ShipTask | undefined;
  private isStopping = false;
  private isReplacing = false;
  private pauseMs: number;
  private timer: NodeJS.Timeout | undefined;
  private readonly program: string;

  constructor(
    private readonly spool: ShippedSpool,
    private readonly producer: Pick<EventProducer, 'send'>,
    private readonly options: ShippingOptions,
  ) {
    this.program = options.program ?? fileURLToPath(new URL('./ship-worker.js', import.meta.url));
    this.pauseMs = options.firstPauseMs ?? 1000;
  }

  start(): void {
    if (this.isStopping) return;
    const givesWay = this.spool.fullness <= HURRY_ABOVE;
    this.carrier = existsSync(this.program)
      ? this.thread(givesWay)
      : new Shipper(this.producer, this.options.folder, (message) => this.hear(message));
    if (this.task) this.carrier.ship({ ...this.task, from: this.spool.shippedThrough + 1 });
    else this.more();
  }

  /** There may be more to ship. */
  more(): void {
    if (!this.carrier || this.task || this.isReplacing) return;
    if (this.carrier instanceof ShipThread && this.isOutOfStep(this.carrier.settings)) {
      void this.replace(this.carrier);
      return;
    }
    this.task = this.spool.nextTask();
    if (this.task) this.carrier.ship(this.task);
  }

  /** Lets what is waiting arrive for a while; the rest stays on disk for the next start. */
  async stop(timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (this.carrier && this.spool.waiting > 0 && Date.now() < deadline) await pause(10);
    this.isStopping = true;
    clearTimeout(this.timer);
    const { carrier } = this;
    this.carrier = undefined;
    if (carrier) await within(STOP_WITHIN_MS, carrier.stop());
  }

  private thread(givesWay: boolean): ShipThread {
    const { folder, brokers, prefix, logLevel } = this.options;
    const settings = { folder, brokers, prefix, logLevel, givesWay };
    return new ShipThread(this.program, settings, {
      message: (message) => this.hear(message),
      death: () => this.revive(),
    });
  }

  private hear(message: FromShipper): void {
    switch (message.kind) {
      case 'shipped':
        this.pauseMs = this.options.firstPauseMs ?? 1000;
        return this.spool.ship(message.through);
      case 'missing':
        return this.spool.miss(message.missing);
      case 'dropped':
        return droppedRecords.inc({ reason: message.reason }, message.count);
      case 'end':
        this.task = undefined;
        this.spool.endTask(message.task);
        return this.more();
    }
  }

  private revive(): void {
    this.carrier = undefined;
    if (this.isStopping) return;
    log.error('the shipper of predictions has died; they wait on disk', { restartInMs: this.pauseMs });
    this.timer = setTimeout(() => this.start(), this.pauseMs);
    this.pauseMs = Math.min(MAX_PAUSE_MS, this.pauseMs * 2);
  }

  /** A thread that has given way cannot take it back, but a new one begins with its parent's priority. */
  private async replace(thread: ShipThread): Promise<void> {
    this.isReplacing = true;
    await thread.stop();
    this.isReplacing = false;
    if (this.carrier === thread) this.start();
  }

  private isOutOfStep({ givesWay }: ShipSettings): boolean {
    const { fullness } = this.spool;
    return givesWay ? fullness > HURRY_ABOVE : fullness < HURRY_UNTIL;
  }
}
