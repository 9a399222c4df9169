import type { MultipartFile } from '@fastify/multipart';
import { invalidRequest, ServiceError } from '@baton/service';
import type { FastifyRequest } from 'fastify';
import { TooManyBytesError, type ArtifactStore, type ReceivedFile } from '../artifacts/artifact-store.js';
import { invalidPart } from './versions.errors.js';

/** The files of a push. */
export const partNames = ['model', 'reference', 'metrics', 'signature'] as const;
export type PartName = (typeof partNames)[number];

/** What a push brought, on disk. */
export interface Upload {
  readonly files: Readonly<Partial<Record<PartName, ReceivedFile>>>;
  readonly project?: string;
}

/**
 * Receives a multipart push part by part, straight to disk. Whatever was received is discarded when a part cannot be
 * taken or the caller goes away.
 * @param limits largest size of each part, in bytes
 * @throws ServiceError 400, 413, 415
 */
export async function receiveUpload(
  request: FastifyRequest,
  store: ArtifactStore,
  limits: Readonly<Record<PartName, number>>,
): Promise<Upload> {
  if (!request.isMultipart()) {
    throw new ServiceError('unsupported-media-type', 'a push is multipart/form-data with a part "model"', {
      status: 415,
    });
  }
  const files: Partial<Record<PartName, ReceivedFile>> = {};
  let project: string | undefined;
  try {
    for await (const part of request.parts()) {
      if (part.type === 'file') {
        const name = partName(part.fieldname, files);
        files[name] = await receivePart(name, part, store, limits[name]);
      } else if (part.fieldname === 'project' && typeof part.value === 'string') {
        project = part.value;
      } else {
        throw unknownPart(part.fieldname);
      }
    }
    if (!files.model)
      throw invalidRequest([{ field: 'model', message: 'the part "model" with an ONNX file is missing' }]);
    return { files, ...(project === undefined ? {} : { project }) };
  } catch (error) {
    await discardUpload({ files }, store);
    // What is still on its way is read and dropped, so that the caller gets to read the answer.
    request.raw.resume();
    throw error;
  }
}

/** Removes what was received and not kept. */
export async function discardUpload({ files }: Pick<Upload, 'files'>, store: ArtifactStore): Promise<void> {
  await Promise.all(Object.values(files).map(({ path }) => store.discard(path)));
}

async function receivePart(
  name: PartName,
  part: MultipartFile,
  store: ArtifactStore,
  limit: number,
): Promise<ReceivedFile> {
  try {
    return await store.receive(part.file, limit);
  } catch (error) {
    if (!(error instanceof TooManyBytesError)) throw error;
    throw invalidPart(name, `it is larger than the ${limit} bytes allowed`, 413);
  }
}

function partName(name: string, before: Partial<Record<PartName, ReceivedFile>>): PartName {
  const known = partNames.find((one) => one === name);
  if (!known) throw unknownPart(name);
  if (before[known]) throw invalidRequest([{ field: name, message: 'comes twice' }]);
  return known;
}

function unknownPart(name: string): ServiceError {
  const message = `is not known: the files are ${partNames.join(', ')}, the only field is project`;
  return invalidRequest([{ field: name.slice(0, 100), message }]);
}
