import { parseArgs } from 'node:util';
import { repositoryPath } from './repository.js';

export interface BenchOptions {
  /** Ids of the cases to run, in lower case; empty for all. */
  readonly only: readonly string[];
  readonly rounds: number;
  readonly starts: number;
  readonly seconds: number;
  /** Before each measurement. */
  readonly warmupSeconds: number;
  /** Of each trial after a start. */
  readonly heatSeconds: number;
  /** Of a round that something disturbed. */
  readonly repeats: number;
  /** A profile of every case, not only of those that miss their goal. */
  readonly isProfiled: boolean;
  /** The replica's program. */
  readonly replica: string;
}

export const help = `npm run bench inference -- [options]

  --only P1,P5     these cases alone
  --rounds N       rounds of each comparison (default 6)
  --starts N       starts of each server (default 2)
  --seconds N      of each measurement (default 3)
  --quick          a smoke run: 2 rounds of 2 seconds, 1 start
  --profile        where the time goes, for every case and not only for missed goals
  --replica PATH   another main.js of the inference service`;

/** @throws TypeError for an option that is not known */
export function readOptions(args: readonly string[]): BenchOptions {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...{ only: text, rounds: text, starts: text, seconds: text, replica: text },
      ...{ quick: { type: 'boolean' }, profile: { type: 'boolean' } },
    },
  });
  const { quick = false, profile = false, only = '', replica } = values;
  const number = (given: string | undefined, usual: number, whenQuick: number) => {
    const standard = quick ? whenQuick : usual;
    return given === undefined ? standard : Number(given);
  };
  return {
    only: only.toLowerCase().split(',').filter(Boolean),
    rounds: number(values.rounds, 6, 2),
    starts: number(values.starts, 2, 1),
    seconds: number(values.seconds, 3, 2),
    warmupSeconds: 0.5,
    heatSeconds: quick ? 1 : 4,
    repeats: quick ? 0 : 3,
    isProfiled: profile,
    replica: replica ?? repositoryPath('apps/inference/dist/main.js'),
  };
}
