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

  /**
   * @param connection what remembers the last key, where the next call has mostly the same
   * @throws ServiceError 401, 403
   */
  letIn(header: CallHeader, method: GuardedName, connection?: object): Caller {
    if (this.config.accessCheck === 'off') return NOBODY;
    const [authorization, apiKey] = [header('authorization'), header('x-api-key')];
    const permission = methodRules[method];
    if (connection && apiKey === undefined) return this.gatekeeper.letInOn(connection, authorization, permission);
    return this.gatekeeper.letIn({ authorization, 'x-api-key': apiKey }, permission);
  }
}
