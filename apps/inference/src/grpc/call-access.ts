import { Gatekeeper, type Caller } from '@baton/access';
import { Injectable } from '@nestjs/common';
import { InferenceConfig } from '../config.js';
import type { CallHeader } from './call-header.js';
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
  letIn(header: CallHeader, method: GuardedName): Caller {
    if (this.config.accessCheck === 'off') return NOBODY;
    const headers = { authorization: header('authorization'), 'x-api-key': header('x-api-key') };
    return this.gatekeeper.letIn(headers, methodRules[method]);
  }
}
