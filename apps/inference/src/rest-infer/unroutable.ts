import { ServiceError } from '@baton/service';

/** As the router has it for a part of a path that stands for a name; no name of ours is as long. */
const MAX_PART = 100;

/**
 * Why no router would take a URL below /v2. It would say so itself, but not as the protocol wants it: it has not got to
 * where that is known.
 */
export function unroutable(url: string): ServiceError | undefined {
  if (!/^\/v2(?:[/?]|$)/.test(url)) return undefined;
  const [path = ''] = url.split('?', 1);
  try {
    decodeURIComponent(path);
  } catch {
    return new ServiceError('bad-request', 'the path of the URL is not well-formed', { status: 400 });
  }
  if (path.split('/').every((part) => part.length <= MAX_PART)) return undefined;
  return new ServiceError('not-found', `there is nothing with a name of more than ${MAX_PART} letters`, {
    status: 404,
  });
}
