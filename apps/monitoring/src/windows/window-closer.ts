import { Database, type Transaction } from '@baton/database';
import { Outbox } from '@baton/messaging';
import { counter, createLogger, withSpan } from '@baton/telemetry';
import type { DriftDetected, WindowClosed } from '@baton/contracts';
import { Injectable } from '@nestjs/common';
import { ReferencesService } from '../references/references.service.js';
import { mergeParts, versionWindow, type MergedVersion, type WindowPart } from './version-window.js';
import type { WindowBounds } from './window-bounds.js';
import type { FirstTrace } from './window-state.js';
import { CLOSE_WINDOW, LOCK_OPEN_WINDOW, PARTS_OF_WINDOW } from './windows.queries.js';

const logger = createLogger('windows');
const closedTotal = counter('windows_closed_total', 'Windows closed, for the first time or corrected', ['kind']);
const driftedTotal = counter('drift_detected_total', 'Versions found drifted in a window', ['endpoint']);

export type WindowKey = WindowBounds & { endpoint: string };

/** Closes one window: merges its parts, stores the result and says what was found, all in one transaction. */
@Injectable()
export class WindowCloser {
  constructor(
    private readonly database: Database,
    private readonly outbox: Outbox,
    private readonly references: ReferencesService,
  ) {}

  async close(key: WindowKey): Promise<void> {
    await this.database.transaction(async (tx) => {
      const window = [key.endpoint, key.start, key.end];
      const [row] = await tx.query<{ project: string; revision: number }>(LOCK_OPEN_WINDOW, window);
      if (!row) return;
      const versions = mergeParts(await tx.query<WindowPart>(PARTS_OF_WINDOW, window));
      // The window goes on with the trace of its first prediction, so that one trace leads from a push to its drift.
      const parent = firstTrace(versions) ?? {};
      await withSpan('close window', { parent, attributes: { 'baton.endpoint': key.endpoint } }, async (span) => {
        const closed = await this.resultOf(key, row, versions);
        span.set({ 'baton.window.start': closed.start, 'baton.window.revision': closed.revision });
        await this.publish(tx, closed, versions);
      });
    });
  }

  private async resultOf(
    { endpoint, start, end }: WindowKey,
    { project, revision }: { project: string; revision: number },
    versions: readonly MergedVersion[],
  ): Promise<WindowClosed> {
    const windows = versions.map(async (version) => {
      const profile = version.reference === null ? undefined : await this.references.profile(version.reference);
      return versionWindow(version, profile);
    });
    return {
      endpoint,
      project,
      start: start.toISOString(),
      end: end.toISOString(),
      revision: revision + 1,
      versions: await Promise.all(windows),
      closedAt: new Date().toISOString(),
    };
  }

  private async publish(tx: Transaction, closed: WindowClosed, versions: readonly MergedVersion[]): Promise<void> {
    const { endpoint, start, end, revision, closedAt } = closed;
    await tx.query(CLOSE_WINDOW, [endpoint, start, end, revision, closedAt, JSON.stringify(closed)]);
    const event = await this.outbox.publish(tx, 'window.closed', closed);
    const drifts = driftsOf(closed, versions);
    for (const drift of drifts) {
      await this.outbox.publish(tx, 'drift.detected', drift, {
        correlationId: event.correlationid,
        causationId: event.id,
      });
    }
    tx.afterCommit(() => {
      closedTotal.inc({ kind: revision === 1 ? 'first' : 'correction' });
      driftedTotal.inc({ endpoint }, drifts.length);
      logger.info('closed a window', { endpoint, start, end, revision, drifted: drifts.length > 0 });
    });
  }
}

/** One event for each version of which something drifted. */
export function driftsOf(closed: WindowClosed, versions: readonly MergedVersion[]): DriftDetected[] {
  const { endpoint, project, start, end, revision, closedAt: detectedAt } = closed;
  const references = new Map(versions.map(({ digest, reference }) => [digest, reference]));
  return closed.versions.flatMap(({ model, version, digest, features }) => {
    const drifted = features.filter((feature) => feature.drifted);
    const reference = references.get(digest);
    if (drifted.length === 0 || !reference) return [];
    return [
      { endpoint, project, model, version, digest, start, end, revision, reference, features: drifted, detectedAt },
    ];
  });
}

function firstTrace(versions: readonly MergedVersion[]): FirstTrace | undefined {
  return versions
    .map(({ state }) => state.trace)
    .filter((trace) => trace !== undefined)
    .sort((a, b) => Date.parse(a.eventTime) - Date.parse(b.eventTime))[0];
}
