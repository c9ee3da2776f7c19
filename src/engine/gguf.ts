/**
 * Reads the header of a GGUF file: what model it is, and how many bytes the file must have. It looks at files of which
 * nothing is known, before any engine does, because llama.cpp in wasm takes garbage and half a file for a model
 * (it loads files with flipped bytes without a word). It doesn't know where the bytes come from, and judges nothing that the header doesn't say.
 * Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 */
import { throwIfAborted } from '../shared/abort.ts';
import { LlamboError } from '../shared/errors.ts';
import { Cursor, Malformed, NeedMore } from './gguf-cursor.ts';
import { readMetadata, type GgufMetadata } from './gguf-metadata.ts';
import { tensorBytes } from './gguf-types.ts';

export interface GgufTensor {
  readonly name: string;
  readonly type: number;
  readonly shape: readonly number[];
  /** Bytes from the start of the tensor data. */
  readonly offset: number;
  /** Null for a type that this reader doesn't know. */
  readonly bytes: number | null;
}

/** What is worth remembering of a header. */
export interface GgufSummary extends GgufMetadata {
  readonly tensorCount: number;
}

export interface GgufHeader extends GgufSummary {
  readonly version: number;
  readonly tensors: readonly GgufTensor[];
  /** Where the metadata ends and the list of tensors starts. */
  readonly metadataEnd: number;
  /** Where the tensor data start. */
  readonly dataOffset: number;
  /** Bytes that the file has at least: the end of its last tensor. */
  readonly requiredBytes: number;
}

/** `offset` and `length` in bytes. Gives fewer bytes only at the end of the file. */
export type ReadAt = (offset: number, length: number) => Promise<Uint8Array> | Uint8Array;

/** The largest vocabularies known need some 15 MB; a header that doesn't end here is none. */
const HEADER_BYTES = 64 * 1024 * 1024;
const FIRST_READ = 64 * 1024;
/** ggml's own maximum (`GGML_MAX_DIMS`). */
const DIMENSIONS = 4;
/** Bytes of a tensor's name that are kept; ggml allows 64. */
const NAME_BYTES = 256;
const MAGIC = 0x46554747; // "GGUF"

const NOT_A_MODEL = 'Choose a model in the GGUF format; its file name ends in .gguf.';

/** Enough bytes for {@link checkGgufStart} to tell a model from a web page. */
export const GGUF_START_BYTES = 512;

/**
 * Refuses what can't be a GGUF by its first bytes, so that nobody downloads the rest of it.
 * @param start the file's first bytes, {@link GGUF_START_BYTES} or the whole file if that is shorter
 * @param what names the file in the message: an address or a file name
 * @throws LlamboError `model-invalid`
 */
export function checkGgufStart(start: Uint8Array, what: string): void {
  const invalid = (problem: string, advice: string): never => {
    throw new LlamboError('model-invalid', `${what} ${problem}`, { advice });
  };
  if (start.length === 0) invalid('is empty.', 'Choose another file, or check the address.');
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  if (start.length < 8 || view.getUint32(0, true) !== MAGIC) {
    const text = new TextDecoder().decode(start.subarray(0, GGUF_START_BYTES)).trimStart().toLowerCase();
    if (/^(<!doctype html|<html|<head|<body|<script|<!--|<\?xml)/.test(text)) {
      invalid('is a web page, not a model.', 'Check the address: it must lead to the .gguf file itself, not to a page about it.');
    }
    if (text.startsWith('version https://git-lfs')) {
      invalid('is a pointer to a model, not the model itself.', 'Use the address of the file itself; at Hugging Face it contains /resolve/.');
    }
    invalid('is not a GGUF model.', NOT_A_MODEL);
  }
  const version = view.getUint32(4, true);
  // The version is a small number: if its low half is empty, the bytes are the other way round.
  if ((version & 0xffff) === 0) invalid('is made for big-endian machines.', 'Choose the little-endian file of this model.');
  if (version < 2 || version > 3) invalid(`is a GGUF of version ${version}, which no engine here reads.`, 'Choose a newer file of this model.');
}

/**
 * Reads and checks a header.
 * @param size bytes of the whole file
 * @param what names the file in messages: an address or a file name
 * @throws LlamboError `model-invalid`: not a GGUF, damaged, or shorter than its own header says; `aborted`
 */
export async function readGguf(read: ReadAt, size: number, what: string, { signal }: { signal?: AbortSignal } = {}): Promise<GgufHeader> {
  const most = Math.min(size, HEADER_BYTES);
  let want = Math.min(most, FIRST_READ);
  for (;;) {
    throwIfAborted(signal);
    const bytes = await read(0, want);
    throwIfAborted(signal);
    checkGgufStart(bytes, what);
    try {
      const header = parseHeader(bytes, size);
      checkLength(header, size, what);
      return header;
    } catch (error) {
      if (error instanceof NeedMore && bytes.length === want && error.bytes <= most) {
        // Twice as much each time: parsing anew from the start stays cheap in sum.
        want = Math.min(most, Math.max(error.bytes, 2 * want));
      } else if (error instanceof NeedMore || error instanceof Malformed) {
        throw damaged(what, error instanceof Malformed ? error.message : 'its header does not end', error);
      } else {
        throw error;
      }
    }
  }
}

/** Without the list of tensors, which is long and of no use once it was checked. */
export const summaryOf = ({ architecture, name, license, contextLength, hasChatTemplate, split, alignment, tensorCount }: GgufHeader): GgufSummary => ({
  architecture, name, license, contextLength, hasChatTemplate, split, alignment, tensorCount,
});

/** {@link readGguf} for a file that the page has in hand. */
export const readGgufBlob = (blob: Blob, what: string, options?: { signal?: AbortSignal }): Promise<GgufHeader> =>
  readGguf(async (offset, length) => new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer()), blob.size, what, options);

function damaged(what: string, problem: string, cause: unknown): LlamboError {
  return new LlamboError('model-invalid', `${what} is damaged: ${problem}.`, { advice: 'Get the file again from its source.', cause });
}

function checkLength(header: GgufHeader, size: number, what: string): void {
  if (size >= header.requiredBytes) return;
  throw new LlamboError('model-invalid', `${what} is cut off: it has ${size} bytes and needs ${header.requiredBytes}.`, {
    advice: 'Get the file again; its download ended too early.',
    details: { bytes: size, requiredBytes: header.requiredBytes },
  });
}

function parseHeader(bytes: Uint8Array, fileSize: number): GgufHeader {
  const cursor = new Cursor(bytes, fileSize);
  cursor.skip(4);
  const version = cursor.u32();
  const tensorCount = cursor.u64();
  const metadata = readMetadata(cursor, cursor.u64());
  const metadataEnd = cursor.offset;

  const tensors: GgufTensor[] = [];
  for (let index = 0; index < tensorCount; index++) tensors.push(readTensor(cursor));

  const dataOffset = Math.ceil(cursor.offset / metadata.alignment) * metadata.alignment;
  const ends = tensors.map((tensor) => dataOffset + tensor.offset + (tensor.bytes ?? 0));
  const requiredBytes = ends.reduce((most, end) => Math.max(most, end), cursor.offset);
  return { version, ...metadata, tensorCount, tensors, metadataEnd, dataOffset, requiredBytes };
}

function readTensor(cursor: Cursor): GgufTensor {
  const name = cursor.string(NAME_BYTES);
  const dimensions = cursor.u32();
  if (dimensions > DIMENSIONS) throw new Malformed(`a tensor has ${dimensions} dimensions`);
  const shape = Array.from({ length: dimensions }, () => cursor.u64());
  const type = cursor.u32();
  const offset = cursor.u64();
  const [rowLength = 1, ...others] = shape;
  try {
    return { name, type, shape, offset, bytes: tensorBytes(type, rowLength, others.reduce((product, length) => product * length, 1)) };
  } catch (error) {
    throw new Malformed(`of tensor ${JSON.stringify(name)}, ${(error as RangeError).message}`);
  }
}
