import type { Reporter, TestModule } from 'vitest/node';

/** Prints `N passed, N failed` alone on the last line; a file that failed to load counts as a failure. */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    let passed = 0;
    let failed = unhandledErrors.length;
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        if (test.result().state === 'passed') passed++;
        if (test.result().state === 'failed') failed++;
      }
      failed += module.errors().length;
    }
    process.on('exit', () => console.log(`${passed} passed, ${failed} failed`));
  }
}
