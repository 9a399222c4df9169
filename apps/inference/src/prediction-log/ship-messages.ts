/** Part of a segment that is on stable storage, to be shipped. */
export interface ShipTask {
  readonly path: string;
  /** First sequence that the segment is named after. */
  readonly segment: number;
  /** The first sequence that is not shipped yet. */
  readonly from: number;
  readonly through: number;
  /** Whether nothing will be added to the segment. */
  readonly isWhole: boolean;
}

/** Sequences that no record was found for. */
export interface Missing {
  readonly first: number;
  readonly last: number;
  /** How many of them the spool itself says were lost when they were to be written. */
  readonly known: number;
}

/** What the shipper is told. */
export type ToShipper = { readonly kind: 'ship'; readonly task: ShipTask } | { readonly kind: 'stop' };

/** What the shipper tells. */
export type FromShipper =
  /** Everything up to it has arrived, or was given up. */
  | { readonly kind: 'shipped'; readonly through: number }
  | { readonly kind: 'missing'; readonly missing: Missing }
  /** Records that were there, and that Kafka will not get. */
  | { readonly kind: 'dropped'; readonly reason: string; readonly count: number }
  | { readonly kind: 'end'; readonly task: ShipTask };

/** What a shipper that is a thread of its own needs to know. */
export interface ShipSettings {
  readonly folder: string;
  readonly brokers: readonly string[];
  readonly prefix: string;
  readonly logLevel: string;
  /** Gives way to whatever else wants the processor. */
  readonly givesWay: boolean;
}
