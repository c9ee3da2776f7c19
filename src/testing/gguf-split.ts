/**
 * Cuts a GGUF into two parts as llama.cpp's gguf-split does: the first part has all metadata, each has its own tensors,
 * and three keys tell which part it is.
 */
import { readGguf, type GgufHeader, type GgufTensor } from '../engine/gguf.ts';

const UINT16 = 2;
const INT32 = 5;

class Writer {
  readonly #chunks: Uint8Array[] = [];
  length = 0;

  bytes(bytes: Uint8Array): this {
    this.#chunks.push(bytes);
    this.length += bytes.length;
    return this;
  }
  number(size: 2 | 4 | 8, value: number): this {
    const view = new DataView(new ArrayBuffer(8));
    view.setBigUint64(0, BigInt(value), true);
    return this.bytes(new Uint8Array(view.buffer, 0, size));
  }
  string(text: string): this {
    const bytes = new TextEncoder().encode(text);
    return this.number(8, bytes.length).bytes(bytes);
  }
  padTo(alignment: number): this {
    return this.bytes(new Uint8Array((alignment - (this.length % alignment)) % alignment));
  }
  done(): Uint8Array<ArrayBuffer> {
    const result = new Uint8Array(this.length);
    let offset = 0;
    for (const chunk of this.#chunks) {
      result.set(chunk, offset);
      offset += chunk.length;
    }
    return result;
  }
}

/** @returns both parts, in order */
export async function splitGguf(file: Uint8Array): Promise<[Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>]> {
  const header = await readGguf((offset, length) => file.subarray(offset, offset + length), file.length, 'the file');
  const half = Math.ceil(header.tensors.length / 2);
  return [part(file, header, 0, header.tensors.slice(0, half)), part(file, header, 1, header.tensors.slice(half))];
}

function part(file: Uint8Array, header: GgufHeader, index: number, tensors: readonly GgufTensor[]): Uint8Array<ArrayBuffer> {
  const view = new DataView(file.buffer, file.byteOffset);
  const metadata = file.subarray(24, header.metadataEnd);
  const pairs = index === 0 ? Number(view.getBigUint64(16, true)) : 0;
  const writer = new Writer().bytes(file.subarray(0, 8)).number(8, tensors.length).number(8, pairs + 3);
  if (index === 0) writer.bytes(metadata);
  writer.string('split.no').number(4, UINT16).number(2, index);
  writer.string('split.count').number(4, UINT16).number(2, 2);
  writer.string('split.tensors.count').number(4, INT32).number(4, header.tensors.length);

  let offset = 0;
  for (const { name, shape, type, bytes } of tensors) {
    writer.string(name).number(4, shape.length);
    for (const length of shape) writer.number(8, length);
    writer.number(4, type).number(8, offset);
    offset += Math.ceil(bytes! / header.alignment) * header.alignment;
  }
  writer.padTo(header.alignment);
  for (const tensor of tensors) {
    const start = header.dataOffset + tensor.offset;
    writer.bytes(file.subarray(start, start + tensor.bytes!)).padTo(header.alignment);
  }
  return writer.done();
}
