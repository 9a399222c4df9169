import { KeptConnection } from './wires/kept-connection.js';

/** What a replica tells of itself. */
export interface VitalSigns {
  readonly residentMb: number;
  /** The longest that anything has waited for its event loop since it was last asked. */
  readonly loopDelayMs: number;
  /** Processor time that it has used since it began. */
  readonly cpuMs: number;
}

const REQUEST = Buffer.from('GET /metrics HTTP/1.1\r\nhost: a\r\n\r\n');
const MEBIBYTE = 1024 ** 2;

/** Reads `/metrics`. */
export class SignReader {
  private readonly connection: KeptConnection;

  constructor(port: number) {
    this.connection = new KeptConnection(port);
  }

  async read(): Promise<VitalSigns> {
    const { body } = await this.connection.ask(REQUEST);
    const text = body.toString();
    const value = (pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? NaN);
    return {
      residentMb: value(/^process_resident_memory_bytes (\S+)/m) / MEBIBYTE,
      loopDelayMs: value(/^event_loop_delay_seconds\{quantile="1"\} (\S+)/m) * 1000,
      cpuMs: value(/^process_cpu_seconds_total (\S+)/m) * 1000,
    };
  }

  close(): void {
    this.connection.close();
  }
}
