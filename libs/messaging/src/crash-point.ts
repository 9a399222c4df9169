/** Every place between two steps of the way from a publisher's transaction to a consumer's offset. */
export const crashPoints = [
  'publish.before-insert',
  'publish.before-commit',
  'publish.after-commit',
  'relay.before-read',
  'relay.before-send',
  'relay.sending',
  'relay.before-delete',
  'relay.after-delete',
  'consume.received',
  'consume.before-inbox',
  'consume.before-handler',
  'consume.before-commit',
  'consume.before-offset',
  'consume.after-offset',
] as const;
export type CrashPoint = (typeof crashPoints)[number];

let armed: { point: string; hits: number } | undefined;

/** Makes the process die at a point (`name`, or `name:3` for the third time it is passed); undefined disarms. */
export function armCrashPoint(where: string | undefined): void {
  const [point = '', hits = '1'] = (where ?? '').split(':');
  armed = point ? { point, hits: Number(hits) } : undefined;
}

/** A no-op unless armed. SIGKILL leaves no chance to tidy up, as a power cut would. */
export function crashPoint(point: CrashPoint): void {
  if (armed?.point !== point) return;
  armed.hits -= 1;
  if (armed.hits === 0) process.kill(process.pid, 'SIGKILL');
}
