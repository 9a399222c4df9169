/** What is known of one record of one prediction. */
export interface PredictionRecord {
  readonly replica: string;
  readonly sequence: number;
  /** Id of the prediction, which is the same however often its record is delivered. */
  readonly prediction: string;
  readonly endpoint: string;
  readonly version: number;
}

/** Sequences without a record, both ends included. */
export interface Gap {
  readonly first: number;
  readonly last: number;
}

export interface ReplicaAudit {
  readonly replica: string;
  /** The lowest and the highest sequence that there is a record of. */
  readonly first: number;
  readonly last: number;
  /** Different records. */
  readonly records: number;
  /** Records that came again: allowed, since each is delivered at least once. */
  readonly repeats: number;
  readonly gaps: Gap[];
  /** Sequences that two different predictions have: never allowed. */
  readonly conflicts: number[];
  readonly versions: { readonly endpoint: string; readonly version: number; readonly records: number }[];
}

const CHUNK = 4096;
const MAX_CONFLICTS = 1000;

/**
 * Proves that the sequences of each replica are all there, each for one prediction. Records may come in any order and
 * several times. Of each sequence 32 bits of its prediction's id are kept, so that two different predictions go
 * unnoticed once in four thousand million times.
 */
export class SequenceAudit {
  private readonly logs = new Map<string, ReplicaLog>();

  add(record: PredictionRecord): void {
    let log = this.logs.get(record.replica);
    if (!log) {
      log = new ReplicaLog();
      this.logs.set(record.replica, log);
    }
    log.add(record);
  }

  /**
   * @param from `start`: every sequence from 1 on must be there. `oldest`: from the lowest on that is there, for what
   * has outlived Kafka's retention.
   */
  results(from: 'start' | 'oldest'): ReplicaAudit[] {
    const audits = [...this.logs].map(([replica, log]) => ({ replica, ...log.audit(from) }));
    return audits.toSorted((a, b) => (a.replica < b.replica ? -1 : 1));
  }
}

export function isComplete({ gaps, conflicts }: Pick<ReplicaAudit, 'gaps' | 'conflicts'>): boolean {
  return gaps.length === 0 && conflicts.length === 0;
}

class ReplicaLog {
  /** A mark of the prediction's id by sequence, 0 for none. */
  private readonly chunks = new Map<number, Uint32Array>();
  private readonly versions = new Map<string, { endpoint: string; version: number; records: number }>();
  private readonly conflicts = new Set<number>();
  private records = 0;
  private repeats = 0;
  private first = Infinity;
  private last = 0;

  add({ sequence, prediction, endpoint, version }: PredictionRecord): void {
    const number = Math.floor(sequence / CHUNK);
    const chunk = this.chunks.get(number) ?? new Uint32Array(CHUNK);
    this.chunks.set(number, chunk);
    const [at, mark] = [sequence % CHUNK, markOf(prediction)];
    const before = chunk[at];
    if (before === mark) {
      this.repeats += 1;
      return;
    }
    if (before !== 0) {
      if (this.conflicts.size < MAX_CONFLICTS) this.conflicts.add(sequence);
      return;
    }
    chunk[at] = mark;
    this.records += 1;
    this.first = Math.min(this.first, sequence);
    this.last = Math.max(this.last, sequence);
    const key = `${endpoint}/${version}`;
    const counted = this.versions.get(key) ?? { endpoint, version, records: 0 };
    counted.records += 1;
    this.versions.set(key, counted);
  }

  audit(from: 'start' | 'oldest'): Omit<ReplicaAudit, 'replica'> {
    const { first, last, records, repeats } = this;
    const versions = [...this.versions.values()].toSorted(
      (a, b) => a.endpoint.localeCompare(b.endpoint) || a.version - b.version,
    );
    const conflicts = [...this.conflicts].toSorted((a, b) => a - b);
    return { first, last, records, repeats, gaps: this.gaps(from === 'start' ? 1 : first), conflicts, versions };
  }

  private gaps(from: number): Gap[] {
    const gaps: Gap[] = [];
    let begin: number | undefined;
    for (let sequence = from; sequence <= this.last; ) {
      const chunk = this.chunks.get(Math.floor(sequence / CHUNK));
      const isThere = chunk !== undefined && chunk[sequence % CHUNK] !== 0;
      if (isThere && begin !== undefined) {
        gaps.push({ first: begin, last: sequence - 1 });
        begin = undefined;
      }
      if (!isThere) begin ??= sequence;
      // Nothing of a chunk that is not there can be.
      sequence += chunk ? 1 : CHUNK - (sequence % CHUNK);
    }
    return gaps;
  }
}

/** FNV-1a, never 0. */
function markOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0 || 1;
}
