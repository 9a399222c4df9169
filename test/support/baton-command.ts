import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const command = fileURLToPath(new URL('../../apps/cli/bin/baton.js', import.meta.url));

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `baton` as a person would, with the folder of a platform and, if wanted, somebody else's key. */
export function baton(home: string, args: readonly string[], env: Record<string, string> = {}): Promise<CommandResult> {
  return new Promise((done) => {
    const options = { env: { ...process.env, BATON_HOME: home, ...env }, timeout: 60_000, cwd: home };
    execFile(process.execPath, [command, ...args], options, (error, stdout, stderr) => {
      done({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr });
    });
  });
}

/** The same with `--json`. @throws Error with what it wrote when it fails */
export async function batonJson<T>(
  home: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<T> {
  const { code, stdout, stderr } = await baton(home, [...args, '--json'], env);
  if (code !== 0) throw new Error(`baton ${args.join(' ')} failed (${code}): ${stderr}`);
  return JSON.parse(stdout) as T;
}
