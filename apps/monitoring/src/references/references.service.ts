import { Database, type Transaction } from '@baton/database';
import { Outbox } from '@baton/messaging';
import { createLogger } from '@baton/telemetry';
import { Injectable } from '@nestjs/common';
import { profileOf, type ReferenceProfile } from '../drift/reference-profile.js';
import { ReferenceDownload } from './reference-download.js';
import { UnusableReferenceError } from './references.errors.js';

/** How long an unusable reference counts as such before it is asked for again. */
const RETRY_MS = 60_000;

const logger = createLogger('references');

/** Profiles of reference files. Each is downloaded and computed once for all, then kept in Postgres. */
@Injectable()
export class ReferencesService {
  /** Settled or on the way, by digest. Undefined: unusable. */
  private readonly profiles = new Map<string, Promise<ReferenceProfile | undefined>>();
  private readonly reported = new Set<string>();

  constructor(
    private readonly database: Database,
    private readonly outbox: Outbox,
    private readonly download: ReferenceDownload,
  ) {}

  /**
   * The profile of a reference file; undefined when the file is unusable, and its version goes unwatched for drift.
   * @throws ServiceError `registry-away` or `database-away`, retriable
   */
  profile(digest: string): Promise<ReferenceProfile | undefined> {
    const known = this.profiles.get(digest);
    if (known) return known;
    const loading = this.load(digest).catch((error: unknown) => this.giveUp(digest, error));
    this.profiles.set(digest, loading);
    loading.catch(() => this.profiles.delete(digest));
    return loading;
  }

  /** Gets a profile before it is needed; when that fails, the need will try again. */
  prefetch(digest: string): void {
    this.profile(digest).catch((error: unknown) => {
      logger.warn('a reference will be fetched when it is needed', { digest, reason: String(error) });
    });
  }

  private async load(digest: string): Promise<ReferenceProfile> {
    const rows: { profile: ReferenceProfile }[] = await this.database.manager.query(
      'SELECT profile FROM reference_profiles WHERE digest = $1',
      [digest],
    );
    if (rows[0]) return rows[0].profile;
    const { header, rows: values } = await this.download.table(digest);
    const profile = profileOf(header, values);
    await this.database.manager.query(
      'INSERT INTO reference_profiles (digest, profile, computed_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
      [digest, JSON.stringify(profile), new Date()],
    );
    logger.info('profiled a reference', { digest, rows: profile.rows, columns: profile.columns.length });
    return profile;
  }

  private async giveUp(digest: string, error: unknown): Promise<undefined> {
    if (!(error instanceof UnusableReferenceError)) throw error;
    logger.error('a reference is unusable: its versions are not watched for drift', { digest, reason: error.reason });
    const { actual } = error;
    if (actual) await this.database.transaction((tx) => this.report(tx, digest, actual));
    setTimeout(() => this.profiles.delete(digest), RETRY_MS).unref();
    return undefined;
  }

  private async report(tx: Transaction, digest: string, actual: string): Promise<void> {
    if (this.reported.has(digest)) return;
    await this.outbox.publish(tx, 'integrity.violated', {
      subject: `reference:${digest}`,
      kind: 'artifact',
      reason: 'the reference rows are not those that were registered',
      expected: digest,
      actual,
      detectedBy: 'monitoring',
      detectedAt: new Date().toISOString(),
    });
    tx.afterCommit(() => this.reported.add(digest));
  }
}
