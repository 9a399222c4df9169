import type { ServiceError } from '@baton/service';
import type { BatchArena } from '../runtime/batch-arena.js';
import type { Submission } from '../runtime/turn-batcher.js';
import type { KnownModel, ServedModel } from './served-model.js';

/**
 * A version that is served, in memory or not: one that nobody has asked for a while may have to make room, and is
 * loaded again, from the disk, when it is asked for.
 */
export class PooledModel {
  /** Whether the first dimension of every input counts the same rows. */
  readonly hasRows: boolean;
  /** When it was last asked, by the process's own clock. */
  lastUsed = performance.now();
  private model: ServedModel | undefined;
  private loading: Promise<ServedModel> | undefined;
  private known: KnownModel | undefined;

  constructor(
    first: ServedModel,
    /** Bytes of memory that it takes, as far as can be told. */
    readonly bytes: number,
    private readonly load: (known: KnownModel | undefined) => Promise<ServedModel>,
    /** Called when it is in memory again. */
    private readonly onLoaded: (model: PooledModel) => void,
  ) {
    this.model = first;
    this.hasRows = first.hasRows;
  }

  get isLoaded(): boolean {
    return this.model !== undefined;
  }

  /** Whether it could make room now. */
  get isIdle(): boolean {
    return this.model?.isIdle ?? false;
  }

  /** Where requests of this turn may be decoded to, if they may. */
  get arena(): BatchArena | undefined {
    return this.model?.arena;
  }

  /** Why a request is better not read, if there is too much to do. */
  refusal(now: number, deadline: number): ServiceError | undefined {
    return this.model?.refusal(now, deadline);
  }

  submit(submission: Submission): void {
    this.lastUsed = submission.since;
    if (this.model) return this.model.submit(submission);
    this.ensure().then(
      (model) => model.submit(submission),
      (error: unknown) => submission.fail(error),
    );
  }

  /** Loads it, unless it is loaded. @throws whatever keeps it from being loaded */
  async ensure(): Promise<ServedModel> {
    if (this.model) return this.model;
    this.loading ??= this.reload();
    return this.loading;
  }

  private async reload(): Promise<ServedModel> {
    try {
      this.model = await this.load(this.known);
      this.onLoaded(this);
      return this.model;
    } finally {
      this.loading = undefined;
    }
  }

  /** Frees the memory after the requests that are on their way. */
  async evict(): Promise<void> {
    const model = this.model ?? (await this.loading?.catch(() => undefined));
    this.model = undefined;
    this.known = model?.known ?? this.known;
    await model?.release();
  }
}
