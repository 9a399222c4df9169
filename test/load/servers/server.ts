/** A server under load. */
export interface Server {
  readonly port: number;
  /** Where it differs from `port`. */
  readonly grpcPort: number;
  readonly pids: readonly number[];
  /** The end of what it wrote on its output. */
  said(): string;
  stop(): Promise<void>;
}

export interface StartOptions {
  /** Folder for a profile of the processor's time, which is written at the end. */
  readonly profileTo?: string;
}

/** Something that can be started and compared with others. */
export interface Contender {
  readonly name: string;
  start(options?: StartOptions): Promise<Server>;
}
