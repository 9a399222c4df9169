import { Gatekeeper, type Caller } from '@baton/access';
import type { Metadata } from '@grpc/grpc-js';
import { Injectable } from '@nestjs/common';
import { InferenceConfig } from '../config.js';
import { methodRules, type GuardedName } from './method-rules.js';

const NOBODY: Caller = Object.freeze({
  keyId: 'unchecked',
  name: 'unchecked',
  roles: [],
  project: null,
  clearance: null,
});

/** Lets in who may call a method, by the key in the metadata of the call. */
@Injectable()
export class CallAccess {
  constructor(
    private readonly gatekeeper: Gatekeeper,
    private readonly config: InferenceConfig,
  ) {}

  /** @throws ServiceError 401, 403 */
  letIn(metadata: Metadata, method: GuardedName): Caller {
    if (this.config.accessCheck === 'off') return NOBODY;
    const headers = { authorization: textOf(metadata, 'authorization'), 'x-api-key': textOf(metadata, 'x-api-key') };
    return this.gatekeeper.letIn(headers, methodRules[method]);
  }
}

/** The first value of metadata; undefined without any. */
export function textOf(metadata: Metadata, name: string): string | undefined {
  return metadata.get(name)[0]?.toString();
}
