import { createLogger } from '@baton/telemetry';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { within } from '../within.js';
import type { FromShipper, ShipSettings, ShipTask, ToShipper } from './ship-messages.js';

const log = createLogger('prediction-log');
const STOP_WITHIN_MS = 500;
/** What runs out of it ends the thread, and nothing else. */
const MAX_HEAP_MB = 256;

/** The shipper in a thread. */
export class ShipThread {
  private readonly worker: Worker;
  private isStopping = false;

  constructor(
    program: string | URL,
    readonly settings: ShipSettings,
    on: { readonly message: (message: FromShipper) => void; readonly death: () => void },
  ) {
    this.worker = new Worker(program, {
      workerData: settings,
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
    });
    this.worker.on('message', on.message);
    this.worker.on('error', (error) => log.error('the shipper of predictions failed', { error }));
    this.worker.on('exit', () => {
      if (!this.isStopping) on.death();
    });
  }

  ship(task: ShipTask): void {
    this.post({ kind: 'ship', task });
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    const ended = once(this.worker, 'exit');
    this.post({ kind: 'stop' });
    await within(STOP_WITHIN_MS, ended);
    await this.worker.terminate();
  }

  private post(message: ToShipper): void {
    this.worker.postMessage(message);
  }
}
