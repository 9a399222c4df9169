import { counter, createLogger, gauge } from '@baton/telemetry';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ModelTensor } from '../runtime/tensors.js';
import {
  ChildEndedError,
  memoryExceeded,
  modelCrashed,
  modelReleased,
  overloaded,
  runTimedOut,
  waitTimedOut,
} from './isolation.errors.js';
import { LimitedChild } from './limited-child.js';
import { processDefaults, type ModelProcessOptions, type ModelRunner } from './model-runner.js';
import { RestartBackoff } from './restart-backoff.js';
import { RunQueue, type WaitingRun } from './run-queue.js';

/** How the runtime says that an allocation has failed, where it does not end for it. */
const OUT_OF_MEMORY = /bad_alloc|failed to allocate memory/i;
const log = createLogger('isolation');
const living = gauge('model_processes', 'Processes of models that must not run on the serving loop');
const crashes = counter('model_process_crashes_total', 'Ends of model processes that nobody asked for', [
  'model',
  'reason',
]);

/**
 * A model in a process of its own, with limits on memory and time. A run that breaks it costs only itself: what waits
 * behind is run once the process is back.
 */
export class ModelProcess implements ModelRunner {
  /** Whether the graph gives the first dimension of all inputs the same name: then it is the rows. */
  sharesRows = false;
  private readonly options: Required<Omit<ModelProcessOptions, 'onCrash'>> & Pick<ModelProcessOptions, 'onCrash'>;
  private readonly outputs: readonly string[];
  private readonly queue: RunQueue;
  private readonly backoff = new RestartBackoff();
  private child: LimitedChild | undefined;
  private state: 'loading' | 'idle' | 'running' | 'down' | 'released' = 'loading';
  /** The last crash, and when the next start is, by the process's own clock. */
  private crash = { reason: '', startsAt: 0 };

  private constructor(options: ModelProcessOptions) {
    this.options = { ...processDefaults, ...options };
    this.outputs = options.signature.outputs.map(({ name }) => name);
    const { waitTimeoutMs } = this.options;
    this.queue = new RunQueue(waitTimeoutMs, () => (this.isUp() ? waitTimedOut(waitTimeoutMs) : this.crashed()));
  }

  /** @throws Error of the runtime, when the graph is not of this signature, or does not load within the limits */
  static async start(options: ModelProcessOptions): Promise<ModelProcess> {
    const process = new ModelProcess(options);
    const problem = await process.launch();
    if (problem) throw problem;
    return process;
  }

  /** Of the process that runs now. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  /**
   * @throws ServiceError 503 when too many wait, or the process died of it; 504 when it took too long, or its turn did
   * not come in time; 413 for inputs that are too large; Error of the runtime
   */
  run(inputs: readonly ModelTensor[]): Promise<ModelTensor[]> {
    const { name, maxWaiting, waitTimeoutMs } = this.options;
    if (this.state === 'released') return Promise.reject(modelReleased(name));
    if (this.queue.length >= maxWaiting) return Promise.reject(overloaded());
    const isLongDown = this.state === 'down' && this.crash.startsAt - performance.now() > waitTimeoutMs;
    if (isLongDown) return Promise.reject(this.crashed());
    return new Promise((resolve, reject) => {
      const run = { inputs, resolve, reject };
      if (this.state === 'idle' && this.child?.isEnding === false) void this.execute(this.child, run);
      else this.queue.push(run);
    });
  }

  /** Ends the process, whatever it does; what waits for it is refused. */
  async release(): Promise<void> {
    this.state = 'released';
    this.queue.rejectAll(modelReleased(this.options.name));
    this.child?.kill('released');
    await this.child?.ended;
  }

  private isUp(): boolean {
    return this.state === 'idle' || this.state === 'running';
  }

  private async execute(child: LimitedChild, { inputs, resolve, reject }: WaitingRun): Promise<void> {
    this.state = 'running';
    try {
      resolve(await child.run(this.inOrder(inputs), this.outputs, this.options.runTimeoutMs));
      this.backoff.ranWell(performance.now());
    } catch (error) {
      reject(this.explained(error));
    }
    // Somebody else may have changed the state meanwhile.
    if (this.isUp() && !child.isEnding) this.next(child);
  }

  private next(child: LimitedChild): void {
    this.state = 'idle';
    const run = this.queue.shift();
    if (run) void this.execute(child, run);
  }

  private inOrder(inputs: readonly ModelTensor[]): ModelTensor[] {
    return this.options.signature.inputs.map(({ name }) => {
      const input = inputs.find((one) => one.name === name);
      if (!input) throw new Error(`the input ${name} is missing`);
      return input;
    });
  }

  /** @returns why the model is not there, if it is not */
  private async launch(): Promise<Error | undefined> {
    const { bytes, signature, memoryMb, maxFrameBytes, loadTimeoutMs } = this.options;
    try {
      const model = await bytes();
      if (this.isReleased()) throw new ChildEndedError('released');
      const child = new LimitedChild({ memoryMb, modelBytes: model.byteLength, maxFrameBytes });
      living.inc();
      void child.ended.then(() => living.dec());
      this.child = child;
      this.sharesRows = await child.load(model, signature, loadTimeoutMs);
      if (this.isReleased()) throw new ChildEndedError('released');
      void child.ended.then((reason) => this.restart(reason));
      this.next(child);
      return undefined;
    } catch (error) {
      this.child?.kill('load');
      await this.child?.ended;
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  private async restart(reason: string): Promise<void> {
    let problem: Error | undefined = new ChildEndedError(reason);
    while (problem && !this.isReleased()) {
      this.state = 'down';
      await sleep(this.tell(problem), undefined, { ref: false });
      if (!this.isReleased()) problem = await this.launch();
    }
  }

  /** @returns milliseconds until the next start */
  private tell(problem: Error): number {
    const { name, onCrash } = this.options;
    const reason = problem instanceof ChildEndedError ? problem.reason : 'load';
    const restartInMs = this.backoff.crashed(performance.now());
    this.crash = { reason, startsAt: performance.now() + restartInMs };
    crashes.inc({ model: name, reason });
    log.warn('a model process has ended', { model: name, reason, problem: problem.message, restartInMs });
    onCrash?.(reason);
    return restartInMs;
  }

  /** A method, since the compiler takes a field for unchanged over an `await`. */
  private isReleased(): boolean {
    return this.state === 'released';
  }

  private explained(error: unknown): unknown {
    const { name, runTimeoutMs, memoryMb } = this.options;
    if (error instanceof Error && OUT_OF_MEMORY.test(error.message)) return memoryExceeded(name, memoryMb, error);
    if (!(error instanceof ChildEndedError)) return error;
    if (error.reason === 'timeout') return runTimedOut(name, runTimeoutMs);
    return this.isReleased() ? modelReleased(name) : modelCrashed(name, error.reason, 0);
  }

  private crashed(): Error {
    return modelCrashed(this.options.name, this.crash.reason, this.crash.startsAt - performance.now());
  }
}
