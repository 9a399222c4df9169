const AT_ONCE = 130;

/**
 * Calls once when this process is asked to stop: by SIGTERM, by SIGINT, or by the end of a parent that opened an IPC
 * channel. Whoever asks again by a signal does not want to wait: the process ends at once.
 */
export function onStopRequest(stop: (why: string) => void): void {
  let asked = false;
  const ask = (why: string) => {
    if (asked) process.exit(AT_ONCE);
    asked = true;
    stop(why);
  };
  const orphaned = () => {
    if (!asked) ask('the parent is gone');
  };
  process.on('SIGTERM', () => ask('SIGTERM'));
  process.on('SIGINT', () => ask('SIGINT'));
  if (process.connected) process.once('disconnect', orphaned);
  // A channel that was there and is closed: the parent died while this process was loading.
  else if (process.send !== undefined) orphaned();
}
