import { Injectable } from '@nestjs/common';

/** Undefined when all is well, else why not. */
export type ReadinessCheck = () => string | undefined | Promise<string | undefined>;

/** Whether the service should get requests now; each part adds its own check. */
@Injectable()
export class Readiness {
  private readonly checks = new Map<string, ReadinessCheck>();
  private draining = false;

  add(name: string, check: ReadinessCheck): void {
    this.checks.set(name, check);
  }

  /** Whether it is about to stop: answers then tell callers not to come again on their connection. */
  get isDraining(): boolean {
    return this.draining;
  }

  /** From now on the service is about to stop. */
  drain(): void {
    this.draining = true;
  }

  /** What is missing, by name; empty when ready. */
  async missing(): Promise<Record<string, string>> {
    if (this.draining) return { service: 'stopping' };
    const results = await Promise.all(
      [...this.checks].map(async ([name, check]) => [name, await reasonOf(check)] as const),
    );
    return Object.fromEntries(results.filter((result): result is [string, string] => result[1] !== undefined));
  }
}

async function reasonOf(check: ReadinessCheck): Promise<string | undefined> {
  try {
    return await check();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
