const COMPLAINT_MS = 60_000;

/** Whoever complains about every span is no help: passes on the first complaint of each minute. */
export function onceAMinute(complain: (reason: string) => void): (reason: string) => void {
  let last = -COMPLAINT_MS;
  return (reason) => {
    const now = performance.now();
    if (now - last < COMPLAINT_MS) return;
    last = now;
    complain(reason);
  };
}
