/** Tells a person what is going on: a line when a step begins to take long, a line when it is done. */
export class Progress {
  constructor(private readonly write: (line: string) => void = (line) => process.stdout.write(`${line}\n`)) {}

  /** Runs a step and prints how long it took. */
  async step<T>(title: string, work: (note: (text: string) => void) => Promise<T>): Promise<T> {
    const started = performance.now();
    const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
    try {
      const result = await work((text) => this.write(`  … ${title}: ${text}`));
      this.write(`  ✓ ${title} (${seconds()})`);
      return result;
    } catch (error) {
      this.write(`  ✗ ${title} (${seconds()})`);
      throw error;
    }
  }

  say(line: string): void {
    this.write(line);
  }
}
