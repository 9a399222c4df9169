import { spawn, type ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import { getPriority, setPriority, tmpdir } from 'node:os';
import type { ModelTensor } from '../runtime/tensors.js';
import { childCommand, type ChildLimits } from './child-command.js';
import { FrameReader } from './frame-reader.js';
import { FrameError, frameKinds, frameOf, type Frame, type FrameKind } from './frames.js';
import { ChildEndedError, tensorsTooLarge } from './isolation.errors.js';
import { encodeLoad, type ModelSignature } from './load-frame.js';
import { decodeTensors, encodeTensors } from './tensor-frames.js';

const PIPE = 3;
/** So nice that the serving loop gets the processor when it wants it, while a model gets what is left. */
const NICENESS = 15;
const LARGEST_MODEL = 2 ** 32 - 1;

interface Question {
  readonly id: number;
  readonly kind: FrameKind;
  readonly timer: NodeJS.Timeout;
  readonly resolve: (body: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

/** One life of a model's process. It is asked one thing at a time. */
export class LimitedChild {
  /** Resolves with the reason when nothing of the process is left; see {@link ChildEndedError}. */
  readonly ended: Promise<string>;
  private readonly child: ChildProcess;
  private readonly reader: FrameReader;
  private readonly pipe: Socket;
  private question: Question | undefined;
  private lastId = 0;
  /** Why it has ended, or is about to. */
  private verdict: string | undefined;

  /** @param commandLine of the program that speaks at the other end */
  constructor(
    private readonly limits: ChildLimits,
    commandLine: readonly string[] = childCommand(limits),
  ) {
    const [command = '', ...args] = commandLine;
    this.child = spawn(command, args, { env: {}, cwd: tmpdir(), stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
    this.reader = new FrameReader(limits.maxFrameBytes);
    // Where there are no more file descriptors, there is no pipe, and the end is told in a moment.
    const { stdio = [] } = this.child as Partial<ChildProcess>;
    this.pipe = (stdio[PIPE] as Socket | undefined) ?? new Socket();
    this.pipe.on('data', (chunk: Buffer) => this.receive(chunk));
    // A pipe breaks when its process ends, which is told by itself.
    this.pipe.on('error', () => undefined);
    this.ended = new Promise((done) => {
      const end = (reason: string) => {
        this.verdict ??= reason;
        this.settle()?.reject(new ChildEndedError(reason));
        done(reason);
      };
      this.child.once('error', () => end('spawn'));
      this.child.once('close', (_code, signal) => end(this.verdict ?? signal ?? 'exit'));
    });
    if (this.pid !== undefined) setPriority(this.pid, Math.max(NICENESS, getPriority()));
  }

  get isEnding(): boolean {
    return this.verdict !== undefined;
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /**
   * Hands over the model.
   * @returns whether the graph gives the first dimension of all inputs one name
   * @throws ChildEndedError; Error of the runtime, or when the graph is not of this signature
   */
  async load(model: Uint8Array, signature: ModelSignature, timeoutMs: number): Promise<boolean> {
    const pieces = frameOf(frameKinds.load, 0, encodeLoad({ signature, model }), LARGEST_MODEL);
    const [sharesRows] = await this.ask({ id: 0, kind: frameKinds.loaded, pieces, timeoutMs });
    return sharesRows === 1;
  }

  /** @throws ServiceError 413; ChildEndedError; Error of the runtime */
  async run(inputs: readonly ModelTensor[], outputs: readonly string[], timeoutMs: number): Promise<ModelTensor[]> {
    this.lastId = (this.lastId + 1) % 2 ** 32;
    const pieces = this.framed(this.lastId, inputs);
    const body = await this.ask({ id: this.lastId, kind: frameKinds.answer, pieces, timeoutMs });
    try {
      return decodeTensors(body, outputs);
    } catch {
      this.kill('protocol');
      throw new ChildEndedError('protocol');
    }
  }

  kill(reason: string): void {
    this.verdict ??= reason;
    this.hold(true);
    this.child.kill('SIGKILL');
  }

  private framed(id: number, inputs: readonly ModelTensor[]): Uint8Array[] {
    try {
      return frameOf(frameKinds.run, id, encodeTensors(inputs), this.limits.maxFrameBytes);
    } catch (error) {
      throw error instanceof FrameError ? tensorsTooLarge(this.limits.maxFrameBytes) : error;
    }
  }

  private ask(about: { id: number; kind: FrameKind; pieces: Uint8Array[]; timeoutMs: number }): Promise<Uint8Array> {
    if (this.verdict !== undefined) return Promise.reject(new ChildEndedError(this.verdict));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.kill('timeout'), about.timeoutMs);
      this.question = { id: about.id, kind: about.kind, timer, resolve, reject };
      this.hold(true);
      this.pipe.cork();
      for (const piece of about.pieces) this.pipe.write(piece);
      this.pipe.uncork();
    });
  }

  private receive(chunk: Buffer): void {
    try {
      for (const frame of this.reader.push(chunk)) this.answer(frame);
    } catch {
      this.kill('protocol');
    }
  }

  private answer({ kind, id, body }: Frame): void {
    const isExpected = kind === this.question?.kind || kind === frameKinds.failed;
    if (!isExpected || id !== this.question?.id) throw new FrameError('an answer that nobody waits for');
    const question = this.settle();
    if (kind === frameKinds.failed) question?.reject(new Error(Buffer.from(body).toString()));
    else question?.resolve(body);
  }

  private settle(): Question | undefined {
    const { question } = this;
    if (question) clearTimeout(question.timer);
    this.question = undefined;
    this.hold(false);
    return question;
  }

  /** A process that is asked nothing does not keep its parent alive. */
  private hold(isBusy: boolean): void {
    if (isBusy) {
      this.child.ref();
      this.pipe.ref();
    } else {
      this.child.unref();
      this.pipe.unref();
    }
  }
}
