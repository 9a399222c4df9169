import { ServiceError } from '@baton/service';
import { createLogger } from '@baton/telemetry';
import { Backlog } from './backlog.js';
import { joinedView, type BatchArena } from './batch-arena.js';
import { batchGroups, rowsOf } from './batch-groups.js';
import { concatenate, slice, type ModelTensor } from './tensors.js';

/** Runs a model: at once, or later where it runs elsewhere. */
export type Run = (inputs: readonly ModelTensor[]) => ModelTensor[] | Promise<ModelTensor[]>;

export interface BatchOptions {
  /** Whether the model keeps the rows of a run apart. */
  readonly canBatch: boolean;
  /** Whether only the first dimension of its inputs is open: then any requests fit together. */
  readonly hasFixedRows: boolean;
  /** Rows of one run at most, as it is now. */
  readonly maxRows: () => number;
  /** Requests that wait at most. */
  readonly maxWaiting: number;
  /** Where requests are decoded to; it may be used anew once nobody waits. */
  readonly arena?: BatchArena | undefined;
  /** Milliseconds that a run of so many rows is expected to take. */
  readonly estimateMs?: (rows: number) => number;
  /** Milliseconds for which runs may hold the event loop before others have their turn. */
  readonly turnMs?: number;
}

/** One run of the model, as those hear of it whom it answered. Times are of the process's own clock, in ms. */
export interface BatchRun {
  readonly startedAt: number;
  readonly endedAt: number;
  readonly requests: number;
  readonly rows: number;
}

/** A request that waits for its run. */
export interface Submission {
  readonly inputs: readonly ModelTensor[];
  /** When it came, and until when it waits, by the process's own clock in ms. */
  readonly since: number;
  readonly deadline: number;
  /** Exactly one of the two, once; neither throws. Outputs are views into those of the batch. */
  succeed(outputs: readonly ModelTensor[], run: BatchRun): void;
  fail(error: unknown): void;
}

const log = createLogger('runtime');
const TURN_MS = 1;
/** Requests that come close together are waited for so long, as long as each turn of the event loop brings more. */
const GATHER_MS = 0.2;
/** Inputs up to this are copied in no time; of larger ones, so many bytes in a millisecond. */
const SMALL_BYTES = 65_536;
const COPIED_PER_MS = 5_000_000;
/** Of the time that a request has, the wait may be expected to take so much: it is only an estimate. */
const MOST_OF_DEADLINE = 0.5;
/** Seconds after which to come again are told up to this. */
const MAX_RETRY_AFTER = 60;

/**
 * Runs requests that arrive in one turn of the event loop as one batch, and what came while a batch ran as the next. If
 * the last batch was of several, further turns are waited for while they bring more: few large groups cost less than
 * many small ones, above all where each is written to the disk. No timer, so a lone request waits for nobody. If a batch
 * fails, each of its requests runs alone, so that one of them cannot fail the others.
 */
export class TurnBatcher {
  private waiting: Submission[] = [];
  private draining: Promise<void> | undefined;
  private isScheduled = false;
  /** Of the last batch: how many requests; of this one: when its first came, and how many there were a turn ago. */
  private lastRequests = 0;
  private gatheringSince = 0;
  private gathered = 0;
  private canBatch: boolean;
  private readonly backlog: Backlog;

  constructor(
    private readonly run: Run,
    private readonly options: BatchOptions,
  ) {
    this.canBatch = options.canBatch;
    this.backlog = new Backlog(options.estimateMs ?? (() => 0));
  }

  /** Whether nobody waits. */
  get isIdle(): boolean {
    return this.waiting.length === 0 && !this.draining;
  }

  /**
   * 503 for who could not be answered in time, by the process's own clock in ms, or would be one too many; asked before
   * a request is read, so that refusing costs next to nothing.
   */
  refusal(now: number, deadline: number, rows = 1): ServiceError | undefined {
    if (this.isIdle) return undefined;
    const leftMs = deadline - now;
    const [aheadMs, doneMs] = [this.backlog.waitMs(0), this.backlog.waitMs(rows)];
    const isFull = this.backlog.requests >= this.options.maxWaiting;
    const isLate = aheadMs > leftMs * MOST_OF_DEADLINE || doneMs > leftMs;
    return isFull || isLate ? overloaded(doneMs) : undefined;
  }

  /** Fails it at once, with 503, when too many wait or it could not be done in time. */
  submit(submission: Submission): void {
    const rows = rowsOf(submission.inputs) ?? 1;
    const now = performance.now();
    const refusal = this.refusal(now, submission.deadline, rows);
    if (refusal) return submission.fail(refusal);
    if (this.isIdle) this.backlog.begin(now);
    this.waiting.push(submission);
    this.backlog.came(rows);
    if (this.draining || this.isScheduled) return;
    this.isScheduled = true;
    this.gatheringSince = now;
    this.gathered = this.lastRequests > 1 ? 0 : Infinity;
    setImmediate(this.gather);
  }

  /** Resolves when everything that was submitted is answered. */
  async idle(): Promise<void> {
    while (this.isScheduled || this.draining) await (this.draining ?? nextTurn());
  }

  private readonly gather = (): void => {
    const requests = this.waiting.length;
    const isGrowing = requests > this.gathered && performance.now() - this.gatheringSince < GATHER_MS;
    this.gathered = requests;
    if (isGrowing) setImmediate(this.gather);
    else this.begin();
  };

  private begin(): void {
    this.isScheduled = false;
    this.lastRequests = this.waiting.length;
    this.draining = this.drain()
      .catch((error: unknown) => log.error('a batch was not answered', { error }))
      .finally(() => (this.draining = undefined));
  }

  private async drain(): Promise<void> {
    let heldSince = performance.now();
    while (this.waiting.length > 0) {
      const all = this.waiting;
      this.waiting = [];
      for (const group of this.groupsOf(all)) {
        const now = performance.now();
        if (now - heldSince > (this.options.turnMs ?? TURN_MS)) {
          await nextTurn();
          heldSince = performance.now();
        }
        const pending = this.runInTime(group);
        if (!pending) continue;
        await pending;
        heldSince = performance.now();
      }
    }
    // Not before: what came during a run that had to be waited for lies there.
    this.options.arena?.reset();
  }

  private groupsOf(all: readonly Submission[]): readonly (readonly Submission[])[] {
    if (!this.canBatch || all.length === 1) return all.map((one) => [one]);
    const maxRows = this.options.maxRows();
    const alone = new Set(all.filter((one) => this.isDearToCopy(one)));
    const rest = alone.size > 0 ? all.filter((one) => !alone.has(one)) : all;
    const groups = this.options.hasFixedRows ? inOrder(rest, maxRows) : batchGroups(rest, maxRows);
    return alone.size > 0 ? [...Array.from(alone, (one) => [one]), ...groups] : groups;
  }

  /** Whether bringing it together with others takes longer than what running together saves: a run's fixed part. */
  private isDearToCopy({ inputs }: Submission): boolean {
    let bytes = 0;
    for (const { data } of inputs) bytes += Array.isArray(data) ? 0 : data.byteLength;
    return bytes > SMALL_BYTES && bytes / COPIED_PER_MS > (this.options.estimateMs?.(0) ?? Infinity);
  }

  /** Without those whose time is over. */
  private runInTime(group: readonly Submission[]): Promise<void> | undefined {
    const now = performance.now();
    const rows = rowsIn(group);
    const left = group.every(({ deadline }) => deadline >= now) ? group : group.filter((one) => one.deadline >= now);
    if (left !== group) for (const one of group) if (one.deadline < now) one.fail(timedOut(now - one.since));
    this.backlog.requests -= group.length;
    const pending = left.length > 0 ? this.runGroup(left) : undefined;
    if (pending) return pending.then(() => this.went(rows, left));
    this.went(rows, left);
    return undefined;
  }

  private went(rows: number, ran: readonly Submission[]): void {
    this.backlog.went(rows);
    if (ran.length > 0) this.backlog.ran(rowsIn(ran), performance.now());
  }

  /** Nothing where the runtime has answered at once. */
  private runGroup(group: readonly Submission[]): Promise<void> | undefined {
    const startedAt = performance.now();
    let outputs: ReturnType<Run>;
    try {
      outputs = this.runRows(joined(group));
    } catch (error) {
      return this.failed(group, error);
    }
    if (!(outputs instanceof Promise)) return this.answer(group, outputs, startedAt);
    return outputs.then(
      (late) => this.answer(group, late, startedAt),
      (error: unknown) => this.failed(group, error),
    );
  }

  /** What has too many rows for one run is run in several, and others get their turn of the loop in between. */
  private runRows(inputs: readonly ModelTensor[]): ReturnType<Run> {
    const rows = rowsOf(inputs) ?? 1;
    const maxRows = this.options.maxRows();
    return this.canBatch && rows > maxRows ? this.runInSlices(inputs, rows, maxRows) : this.run(inputs);
  }

  private async runInSlices(inputs: readonly ModelTensor[], rows: number, maxRows: number): Promise<ModelTensor[]> {
    const parts: ModelTensor[][] = [];
    for (let from = 0; from < rows; from += maxRows) {
      const to = Math.min(rows, from + maxRows);
      parts.push(await this.run(inputs.map((input) => slice(input, from, to))));
      await nextTurn();
    }
    return (parts[0] ?? []).map((_, index) => concatenate(parts.flatMap((part) => part[index] ?? [])));
  }

  private answer(
    group: readonly Submission[],
    outputs: readonly ModelTensor[],
    startedAt: number,
  ): Promise<void> | undefined {
    const rows = rowsIn(group);
    const run = { startedAt, endedAt: performance.now(), requests: group.length, rows };
    const [only] = group;
    if (group.length === 1 && only) return void only.succeed(outputs, run);
    if (outputs.some(({ shape }) => shape[0] !== rows)) {
      // It does not keep rows apart after all.
      this.canBatch = false;
      return this.runAlone(group);
    }
    let row = 0;
    for (const one of group) {
      const from = row;
      row += rowsOf(one.inputs) ?? 1;
      one.succeed(
        outputs.map((output) => slice(output, from, row)),
        run,
      );
    }
    return undefined;
  }

  private failed(group: readonly Submission[], error: unknown): Promise<void> | undefined {
    if (group.length > 1) return this.runAlone(group);
    return void group[0]?.fail(error);
  }

  private async runAlone(group: readonly Submission[]): Promise<void> {
    for (const one of group) await this.runGroup([one]);
  }
}

/** Requests in groups of at most so many rows, as they came; a larger one is a group of its own. */
function inOrder(all: readonly Submission[], maxRows: number): (readonly Submission[])[] {
  const groups: Submission[][] = [];
  let open: Submission[] = [];
  let rows = 0;
  for (const one of all) {
    const more = rowsOf(one.inputs) ?? 1;
    if (open.length > 0 && rows + more > maxRows) {
      groups.push(open);
      open = [];
      rows = 0;
    }
    open.push(one);
    rows += more;
  }
  return [...groups, open].filter(({ length }) => length > 0);
}

function joined(group: readonly Submission[]): readonly ModelTensor[] {
  const [first] = group;
  if (!first || group.length === 1) return first?.inputs ?? [];
  return first.inputs.map((input, index) => {
    const parts = group.flatMap(({ inputs }) => inputs[index] ?? []);
    const data = joinedView(parts);
    if (!data) return concatenate(parts);
    const rows = parts.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0);
    return { name: input.name, datatype: input.datatype, shape: [rows, ...input.shape.slice(1)], data };
  });
}

function rowsIn(group: readonly Submission[]): number {
  return group.reduce((sum, { inputs }) => sum + (rowsOf(inputs) ?? 1), 0);
}

function nextTurn(): Promise<void> {
  return new Promise((done) => setImmediate(done));
}

/** By the seconds in them: under overload thousands a second are given, and making one takes longer than all the rest. */
const refusals: ServiceError[] = [];

function overloaded(waitMs: number): ServiceError {
  const retryAfterSeconds = Math.min(MAX_RETRY_AFTER, Math.max(1, Math.ceil(waitMs / 1000)));
  const detail = 'too many requests wait for this model; try again soon';
  return (refusals[retryAfterSeconds] ??= new ServiceError('overloaded', detail, {
    status: 503,
    retriable: true,
    retryAfterSeconds,
  }));
}

function timedOut(waitedMs: number): ServiceError {
  const detail = `the request waited for its run for ${Math.round(waitedMs)} ms, which is too long`;
  return new ServiceError('timeout', detail, { status: 504, retriable: true });
}
