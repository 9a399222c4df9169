import { createRequire } from 'node:module';
import type { IncomingMessage, Server } from 'node:http';

type Emit = (this: Server, event: string, ...args: unknown[]) => boolean;
/** What the instrumentation's wrapper says of itself. */
type Wrapped = Emit & { readonly __original?: Emit };

const nothing = () => undefined;

/**
 * Takes some requests around the HTTP instrumentation. Its own hook for ignoring them would still bind request,
 * response and every listener of theirs to a context, which costs more than the whole span of ours, and would silence
 * whatever the SDK records within. Without it, they run without any active span.
 * @returns what undoes it; to be called before the instrumentation is disabled
 */
export function leavePlain(isPlain: (request: IncomingMessage) => boolean): () => void {
  // The first load after the instrumentation is on is what applies it.
  const { Server } = createRequire(import.meta.url)('node:http') as { Server: { prototype: { emit: Emit } } };
  const instrumented: Wrapped = Server.prototype.emit;
  const original = instrumented.__original;
  if (!original) return nothing;
  const emit: Emit = function (event, ...args) {
    const isOurs = event === 'request' && isPlain(args[0] as IncomingMessage);
    return (isOurs ? original : instrumented).call(this, event, ...args);
  };
  Server.prototype.emit = emit;
  return () => {
    if (Server.prototype.emit === emit) Server.prototype.emit = instrumented;
  };
}
