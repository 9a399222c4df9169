import { invalidRequest, ServiceError } from '@baton/service';

/** 400 that names the field, in the message too: a body of the Open Inference Protocol has nothing else. */
export function invalidField(field: string, message: string): ServiceError {
  const { status, errors, code } = invalidRequest([{ field, message }]);
  return new ServiceError(code, `${field}: ${message}`, { status, errors });
}

/** 400 for a tensor whose values would stand behind the JSON of a body that is JSON alone. */
export function noBinaryPart(field: string): ServiceError {
  return invalidField(field, 'binary_data_size needs the header Inference-Header-Content-Length');
}

export function unsupportedEncoding(encoding: string): ServiceError {
  return new ServiceError(
    'unsupported-encoding',
    `content-encoding ${encoding} is not understood: send gzip, deflate, or it as it is`,
    {
      status: 415,
    },
  );
}
