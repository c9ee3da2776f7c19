/**
 * The numbers of the GGUF format: value types of its metadata, and how many bytes a tensor of each type takes.
 * From ggml's `ggml.h` and gguf-py's `constants.py`; a type that is missing here only makes the size check weaker.
 */

export const GGUF_STRING = 8;
export const GGUF_ARRAY = 9;

/** Bytes of one metadata value, by type; strings and arrays carry their own lengths. */
export const VALUE_BYTES: ReadonlyMap<number, number> = new Map([
  [0, 1], // uint8
  [1, 1], // int8
  [2, 2], // uint16
  [3, 2], // int16
  [4, 4], // uint32
  [5, 4], // int32
  [6, 4], // float32
  [7, 1], // bool
  [10, 8], // uint64
  [11, 8], // int64
  [12, 8], // float64
]);

interface TensorType {
  readonly name: string;
  /** Elements that are packed together. */
  readonly block: number;
  /** Bytes of one block. */
  readonly bytes: number;
}

const type = (name: string, block: number, bytes: number): TensorType => ({ name, block, bytes });

const TENSOR_TYPES: ReadonlyMap<number, TensorType> = new Map([
  [0, type('F32', 1, 4)],
  [1, type('F16', 1, 2)],
  [2, type('Q4_0', 32, 18)],
  [3, type('Q4_1', 32, 20)],
  [6, type('Q5_0', 32, 22)],
  [7, type('Q5_1', 32, 24)],
  [8, type('Q8_0', 32, 34)],
  [9, type('Q8_1', 32, 36)],
  [10, type('Q2_K', 256, 84)],
  [11, type('Q3_K', 256, 110)],
  [12, type('Q4_K', 256, 144)],
  [13, type('Q5_K', 256, 176)],
  [14, type('Q6_K', 256, 210)],
  [15, type('Q8_K', 256, 292)],
  [16, type('IQ2_XXS', 256, 66)],
  [17, type('IQ2_XS', 256, 74)],
  [18, type('IQ3_XXS', 256, 98)],
  [19, type('IQ1_S', 256, 50)],
  [20, type('IQ4_NL', 32, 18)],
  [21, type('IQ3_S', 256, 110)],
  [22, type('IQ2_S', 256, 82)],
  [23, type('IQ4_XS', 256, 136)],
  [24, type('I8', 1, 1)],
  [25, type('I16', 1, 2)],
  [26, type('I32', 1, 4)],
  [27, type('I64', 1, 8)],
  [28, type('F64', 1, 8)],
  [29, type('IQ1_M', 256, 56)],
  [30, type('BF16', 1, 2)],
  [34, type('TQ1_0', 256, 54)],
  [35, type('TQ2_0', 256, 66)],
  [39, type('MXFP4', 32, 17)],
  [40, type('NVFP4', 64, 36)],
  [41, type('Q1_0', 128, 18)],
]);

/**
 * @param id ggml's number of the type
 * @param rowLength elements of the first dimension; blocks never cross rows
 * @param rows product of the other dimensions
 * @returns bytes, or null for a type we don't know
 * @throws RangeError if a row is no whole number of blocks, or the size leaves the exact integers
 */
export function tensorBytes(id: number, rowLength: number, rows: number): number | null {
  const type = TENSOR_TYPES.get(id);
  if (!type) return null;
  if (rowLength % type.block !== 0) throw new RangeError(`a row of ${rowLength} is no multiple of the ${type.name} block`);
  const bytes = (rowLength / type.block) * type.bytes * rows;
  if (!Number.isSafeInteger(bytes)) throw new RangeError('it would be larger than any file');
  return bytes;
}
