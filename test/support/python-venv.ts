import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const INSTALL_TIMEOUT_MS = 300_000;
const SHORT_TIMEOUT_MS = 60_000;

/** How long a `beforeAll` that calls `pythonVenv` may take on a machine that sees the packages for the first time. */
export const PYTHON_VENV_TIMEOUT_MS = INSTALL_TIMEOUT_MS + 2 * SHORT_TIMEOUT_MS;

export interface PythonVenv {
  readonly python: string;
  /** Path of a command that the packages brought along. */
  bin(name: string): string;
}

/**
 * A Python environment with the given packages, for trying Baton against tools written by others. It is kept in the
 * user's cache folder and used again as long as packages and Python stay the same.
 * @param requirements as pip takes them, with exact versions; they come from the index that pip is configured for
 */
export async function pythonVenv(name: string, requirements: readonly string[]): Promise<PythonVenv> {
  const { stdout: version } = await run('python3', ['--version'], { timeout: SHORT_TIMEOUT_MS });
  const hash = createHash('sha256')
    .update([version.trim(), ...requirements].join('\n'))
    .digest('hex')
    .slice(0, 16);
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'baton', 'python');
  // The environment's path is written into its scripts, so it cannot be moved into place; a pointer to it can.
  const pointer = join(cache, `${name}-${hash}.path`);
  const kept = await keptVenv(pointer);
  if (kept) return kept;
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, `${name}-${hash}-`));
  try {
    await build(folder, requirements);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  await writeFile(`${folder}.path`, folder);
  await rename(`${folder}.path`, pointer);
  return venvIn(folder);
}

async function keptVenv(pointer: string): Promise<PythonVenv | undefined> {
  try {
    const venv = venvIn(await readFile(pointer, 'utf8'));
    await run(venv.python, ['--version'], { timeout: SHORT_TIMEOUT_MS });
    return venv;
  } catch {
    return undefined;
  }
}

async function build(folder: string, requirements: readonly string[]): Promise<void> {
  await run('python3', ['-m', 'venv', folder], { timeout: SHORT_TIMEOUT_MS });
  const install = ['-m', 'pip', 'install', '--quiet', '--no-input', '--prefer-binary', '--no-compile'];
  await run(venvIn(folder).python, [...install, ...requirements], { timeout: INSTALL_TIMEOUT_MS });
}

function venvIn(folder: string): PythonVenv {
  return { python: join(folder, 'bin', 'python'), bin: (name) => join(folder, 'bin', name) };
}
