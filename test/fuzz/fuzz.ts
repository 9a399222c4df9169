import { Corpus } from './cases/corpus.js';
import { makeCase } from './cases/make-case.js';
import type { Finding, FuzzCase } from './fuzz-case.js';
import { sizeOf } from './fuzz-case.js';
import type { FuzzEndpoint } from './fuzz-models.js';
import type { FuzzReplica } from './fuzz-replica.js';
import { Heartbeat } from './heartbeat.js';
import { Sender } from './senders.js';
import { findStall } from './stalls.js';
import { SignReader, type VitalSigns } from './vital-signs.js';

const ROUND = 1000;
const AT_A_TIME = 24;
export const MAX_STALL_MS = 200;
/** Findings alike that are kept; the others are counted. */
const KEPT_ALIKE = 3;
/** Searches for a case that holds the event loop: each takes as long as some rounds. */
const MAX_SEARCHES = 10;

export interface FuzzOptions {
  readonly seed: number;
  readonly cases: number;
  /** The first case's number. */
  readonly first?: number;
  readonly say?: (line: string) => void;
  readonly onFinding?: (findings: readonly Finding[]) => void;
}

export interface FuzzSummary {
  readonly cases: number;
  readonly seconds: number;
  /** How often each status came. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** A few of each kind. */
  readonly findings: readonly Finding[];
  /** How often each kind was found. */
  readonly counts: Readonly<Record<string, number>>;
  /** Memory after every round, in mebibytes. */
  readonly residentMb: readonly number[];
  /** Rounds in which the event loop was late, and no case of theirs makes it so when it is alone: the machine's doing. */
  readonly unexplainedStallsMs: readonly number[];
  readonly slowestHeartbeatMs: number;
}

interface Numbered {
  readonly index: number;
  readonly case: FuzzCase;
}

/** Cases in rounds; after each one the replica is looked at. */
export class Fuzzer {
  private readonly corpus: Corpus;
  private readonly sender: Sender;
  private readonly signs: SignReader;
  private readonly heartbeat: Heartbeat;
  private readonly outcomes: Record<string, number> = {};
  private readonly findings: Finding[] = [];
  private readonly counts: Record<string, number> = {};
  private searches = 0;
  /** Cases of the round that were not answered, or not well. */
  private unanswered: Numbered[] = [];
  private isHung = false;
  private isStopped = false;
  private readonly residentMb: number[] = [];
  private readonly unexplainedStallsMs: number[] = [];
  private slowestHeartbeatMs = 0;

  constructor(
    private readonly replica: FuzzReplica,
    endpoints: readonly FuzzEndpoint[],
    private readonly options: FuzzOptions,
  ) {
    this.corpus = new Corpus(endpoints);
    this.sender = new Sender(replica);
    this.signs = new SignReader(replica.port);
    this.heartbeat = new Heartbeat(replica.port);
  }

  async run(): Promise<FuzzSummary> {
    const { cases, first = 0 } = this.options;
    const since = performance.now();
    let done = 0;
    while (done < cases && !this.isOver) {
      const count = Math.min(ROUND, cases - done);
      await this.round(Array.from({ length: count }, (_, at) => first + done + at));
      done += count;
      this.tell(done, (performance.now() - since) / 1000);
    }
    await this.heartbeat.stop();
    const { lost } = this.heartbeat;
    if (lost !== undefined) this.counts[`heartbeat: ${lost}`] = 1;
    this.sender.close();
    this.signs.close();
    const { outcomes, findings, counts, residentMb, unexplainedStallsMs, slowestHeartbeatMs } = this;
    const seconds = (performance.now() - since) / 1000;
    return { cases: done, seconds, outcomes, findings, counts, residentMb, unexplainedStallsMs, slowestHeartbeatMs };
  }

  /** Sends each of the cases alone, as they were found. */
  async replay(cases: readonly FuzzCase[]): Promise<void> {
    for (const [index, fuzzCase] of cases.entries()) {
      if (this.isOver) return;
      const numbered = { index, case: fuzzCase };
      await this.one(numbered);
      await this.look([numbered]);
    }
  }

  private async round(indices: readonly number[]): Promise<void> {
    const left = indices.values();
    const sent: Numbered[] = [];
    const work = async (): Promise<void> => {
      for (const index of left) {
        if (this.isOver) return;
        const numbered = { index, case: makeCase(this.corpus, this.options.seed, index) };
        sent.push(numbered);
        await this.one(numbered);
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, work));
    await this.look(sent);
  }

  /** After the round. */
  stop(): void {
    this.isStopped = true;
  }

  private get isOver(): boolean {
    return this.isStopped || this.isHung || this.replica.ended !== undefined;
  }

  private async one(numbered: Numbered): Promise<void> {
    const { kinds, wrong } = await this.sender.send(numbered.case);
    for (const kind of kinds) this.outcomes[kind] = (this.outcomes[kind] ?? 0) + 1;
    if (wrong === undefined) return;
    this.unanswered.push(numbered);
    if (!this.isOver) this.found(wrong, numbered);
  }

  private async look(sent: readonly Numbered[]): Promise<void> {
    const signs = await this.signs.read().catch((error: unknown) => String(error));
    if (typeof signs === 'string') return this.lost(signs);
    this.unanswered = [];
    this.residentMb.push(signs.residentMb);
    this.slowestHeartbeatMs = Math.max(this.slowestHeartbeatMs, this.heartbeat.slowest());
    // The loop's own word counts: a heartbeat can also be late since this process was.
    if (signs.loopDelayMs > MAX_STALL_MS) await this.explain(signs, sent);
  }

  /** One of those without an answer has done it: `--replay` tells which. */
  private lost(why: string): void {
    this.isHung = true;
    const { ended, said } = this.replica;
    const what = ended === undefined ? `the replica hangs: ${why}` : `the replica ended: ${ended}\n${said}`;
    for (const numbered of this.unanswered) this.found(what, numbered, Infinity);
  }

  private async explain({ loopDelayMs }: VitalSigns, sent: readonly Numbered[]): Promise<void> {
    this.searches += 1;
    if (this.searches > MAX_SEARCHES) return void this.unexplainedStallsMs.push(Math.round(loopDelayMs));
    const suspects = sent.toSorted((a, b) => sizeOf(b.case) - sizeOf(a.case));
    const culprit = await findStall(suspects, {
      maxMs: MAX_STALL_MS,
      send: async ({ case: fuzzCase }) => void (await this.sender.send(fuzzCase)),
      signs: () => this.signs.read(),
    });
    if (culprit) this.found(`it holds the event loop for ${Math.round(culprit.ms)} ms`, culprit.suspect);
    else this.unexplainedStallsMs.push(Math.round(loopDelayMs));
    this.heartbeat.slowest();
  }

  private found(what: string, { index, case: fuzzCase }: Numbered, keptAlike = KEPT_ALIKE): void {
    const kind = `${fuzzCase.label.replace(/ ×.*/, '')}: ${what.replace(/"[^"]*"|'[^']*'|\d+/g, '…').slice(0, 120)}`;
    const count = (this.counts[kind] ?? 0) + 1;
    this.counts[kind] = count;
    if (count > keptAlike) return;
    this.findings.push({ what, seed: this.options.seed, index, case: fuzzCase });
    this.options.say?.(`FOUND ${fuzzCase.label} #${index}: ${what.slice(0, 300)}`);
    this.options.onFinding?.(this.findings);
  }

  private tell(done: number, seconds: number): void {
    const memory = Math.round(this.residentMb.at(-1) ?? 0);
    const rate = Math.round(done / seconds);
    this.options.say?.(`${done} cases, ${rate}/s, ${memory} MiB, ${this.findings.length} findings`);
  }
}
