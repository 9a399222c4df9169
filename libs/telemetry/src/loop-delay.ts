import { monitorEventLoopDelay } from 'node:perf_hooks';
import { metricFamily } from './metric-family.js';

const RESOLUTION_MS = 5;
const NS_PER_MS = 1e6;
const QUANTILES = [0.5, 0.9, 0.99, 1];

let monitor: ReturnType<typeof monitorEventLoopDelay> | undefined;

/** How long whatever is due waits for the event loop of this process. */
export const loopDelay = {
  /** From now on; a second call changes nothing. Exposes `event_loop_delay_seconds` by quantile since the last scrape. */
  watch(): void {
    if (monitor) return;
    monitor = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    monitor.enable();
    metricFamily({
      name: 'event_loop_delay_seconds',
      help: 'Delay of timers by the event loop since the last scrape, by quantile',
      type: 'summary',
      collect: () => {
        const samples = QUANTILES.map((quantile) => ({
          labels: { quantile },
          value: loopDelay.quantileMs(quantile) / 1000,
        }));
        monitor?.reset();
        return samples;
      },
    });
  },

  /** Milliseconds that a share (0–1) of the timers since the last scrape did not wait longer than. */
  quantileMs(quantile: number): number {
    if (!monitor || monitor.count === 0) return 0;
    // The monitor tells how far its timer's ticks lie apart, not how late they were.
    return Math.max(0, monitor.percentile(quantile * 100) / NS_PER_MS - RESOLUTION_MS);
  },
};
