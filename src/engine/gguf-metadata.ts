/** The key-value part of a GGUF header: of a few dozen keys it keeps the ones that Llambo asks for and skips the rest. */
import { Malformed, type Cursor } from './gguf-cursor.ts';
import { GGUF_ARRAY, GGUF_STRING, VALUE_BYTES } from './gguf-types.ts';

export interface GgufMetadata {
  /** "llama", "qwen3", …; null in the later parts of a split model. */
  readonly architecture: string | null;
  readonly name: string | null;
  readonly license: string | null;
  /** Tokens that the model was trained to hold. */
  readonly contextLength: number | null;
  readonly hasChatTemplate: boolean;
  /** Of a split model: which part this is, from 0, and how many there are. */
  readonly split: { readonly part: number; readonly count: number } | null;
  /** Bytes; tensor data start at a multiple of it. */
  readonly alignment: number;
}

const DEFAULT_ALIGNMENT = 32;
/** Larger ones are no alignment but a damaged file. */
const MAX_ALIGNMENT = 1 << 20;
/** Bytes of a key and of a text that are kept. */
const TEXT_BYTES = 1024;
/** Integer types, by the number of bytes to read; larger ones are skipped like any value. */
const UINT16 = 2;
const UINT32 = 4;
const INT32 = 5;
const UINT64 = 10;

type Value = string | number | null;

/**
 * @param count pairs to read
 * @throws NeedMore, Malformed
 */
export function readMetadata(cursor: Cursor, count: number): GgufMetadata {
  const values = new Map<string, Value>();
  for (let index = 0; index < count; index++) {
    const key = cursor.string(TEXT_BYTES);
    const value = readValue(cursor, cursor.u32());
    if (isWanted(key)) values.set(key, value);
  }
  const text = (key: string): string | null => {
    const value = values.get(key);
    return typeof value === 'string' ? value : null;
  };
  const integer = (key: string): number | null => {
    const value = values.get(key);
    return typeof value === 'number' ? value : null;
  };
  const architecture = text('general.architecture');
  const parts = integer('split.count') ?? 0;
  return {
    architecture,
    name: text('general.name'),
    license: text('general.license'),
    contextLength: architecture === null ? null : integer(`${architecture}.context_length`),
    hasChatTemplate: values.has('tokenizer.chat_template'),
    split: parts > 1 ? { part: integer('split.no') ?? 0, count: parts } : null,
    alignment: checkAlignment(integer('general.alignment') ?? DEFAULT_ALIGNMENT),
  };
}

const WANTED = new Set([
  'general.architecture',
  'general.name',
  'general.license',
  'general.alignment',
  'tokenizer.chat_template',
  'split.no',
  'split.count',
]);
const isWanted = (key: string): boolean => WANTED.has(key) || key.endsWith('.context_length');

function checkAlignment(alignment: number): number {
  if (alignment < 8 || alignment % 8 !== 0 || alignment > MAX_ALIGNMENT) throw new Malformed(`its alignment is ${alignment}`);
  return alignment;
}

/** The value if it is a text or an unsigned integer, else null; the cursor stands behind it either way. */
function readValue(cursor: Cursor, type: number): Value {
  if (type === GGUF_STRING) return cursor.string(TEXT_BYTES);
  if (type === GGUF_ARRAY) return skipArray(cursor);
  if (type === UINT32 || type === INT32) return cursor.u32();
  if (type === UINT64) return cursor.u64();
  if (type === UINT16) return cursor.u16();
  const bytes = VALUE_BYTES.get(type);
  if (bytes === undefined) throw new Malformed(`it has a value of the unknown type ${type}`);
  cursor.skip(bytes);
  return null;
}

function skipArray(cursor: Cursor): null {
  const type = cursor.u32();
  const length = cursor.u64();
  const bytes = VALUE_BYTES.get(type);
  if (bytes !== undefined) {
    cursor.skip(length * bytes);
  } else if (type === GGUF_STRING) {
    // Each takes at least eight bytes, so a huge length ends at the end of the bytes, not of patience.
    for (let index = 0; index < length; index++) cursor.skipString();
  } else {
    // llama.cpp reads no arrays of arrays either.
    throw new Malformed(`it has an array of the unknown type ${type}`);
  }
  return null;
}
