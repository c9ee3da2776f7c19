/**
 * A binary heap whose entries know where they are, so that one whose key has changed is moved, or taken out, in O(log n)
 * (Williams 1964). An entry is in one heap at a time.
 */
export interface HeapEntry {
  /** Where it is in its heap; −1: in none. Written by the heap only. */
  heapIndex: number;
}

export interface IndexedHeap<Entry extends HeapEntry> {
  /** The least; null if there is none. */
  first(): Entry | null;
  add(entry: Entry): void;
  /** Its key has changed. */
  moved(entry: Entry): void;
  remove(entry: Entry): void;
  /** All keys may have changed. */
  rebuild(): void;
  readonly size: number;
}

export function createIndexedHeap<Entry extends HeapEntry>(isBefore: (one: Entry, other: Entry) => boolean): IndexedHeap<Entry> {
  const entries: Entry[] = [];

  function put(entry: Entry, index: number): void {
    entries[index] = entry;
    entry.heapIndex = index;
  }

  function up(entry: Entry, from: number): number {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = entries[parent]!;
      if (!isBefore(entry, above)) break;
      put(above, index);
      index = parent;
    }
    put(entry, index);
    return index;
  }

  function down(entry: Entry, from: number): void {
    let index = from;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= entries.length) break;
      if (child + 1 < entries.length && isBefore(entries[child + 1]!, entries[child]!)) child += 1;
      const below = entries[child]!;
      if (!isBefore(below, entry)) break;
      put(below, index);
      index = child;
    }
    put(entry, index);
  }

  return {
    first: () => entries[0] ?? null,
    add: (entry) => void up(entry, entries.length),
    moved: (entry) => down(entry, up(entry, entry.heapIndex)),
    remove(entry) {
      const index = entry.heapIndex;
      const last = entries.pop()!;
      entry.heapIndex = -1;
      if (last !== entry) down(last, up(last, index));
    },
    rebuild() {
      for (let index = (entries.length >> 1) - 1; index >= 0; index -= 1) down(entries[index]!, index);
    },
    get size() {
      return entries.length;
    },
  };
}
