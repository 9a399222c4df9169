import { invalidRequest, ServiceError } from '@baton/service';

/** 400 that names the field, in the message too: a body of the Open Inference Protocol has nothing else. */
export function invalidField(field: string, message: string): ServiceError {
  const { status, errors, code } = invalidRequest([{ field, message }]);
  return new ServiceError(code, `${field}: ${message}`, { status, errors });
}

/** 400 for tensors whose values do not stand in the JSON. */
export function binaryRefused(field: string): ServiceError {
  return invalidField(field, 'binary tensor data is not understood: send the values in JSON, or use gRPC');
}

export function unsupportedEncoding(encoding: string): ServiceError {
  return new ServiceError('unsupported-encoding', `content-encoding ${encoding} is not understood: send it as it is`, {
    status: 415,
  });
}
