/** What is to be looked at again, by its time: a binary heap, so that nodes that rest cost nothing until they are well. */
export interface DueList<Item> {
  add(at: number, item: Item): void;
  /** Takes the earliest out if its time has come. */
  take(now: number): Item | null;
}

interface Entry<Item> {
  readonly at: number;
  readonly item: Item;
}

export function createDueList<Item>(): DueList<Item> {
  const heap: Entry<Item>[] = [];

  function sink(entry: Entry<Item>): void {
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1]!.at < heap[child]!.at) child += 1;
      if (heap[child]!.at >= entry.at) break;
      heap[place] = heap[child]!;
      place = child;
    }
    heap[place] = entry;
  }

  return {
    add(at, item) {
      const entry = { at, item };
      let place = heap.push(entry) - 1;
      while (place > 0) {
        const parent = (place - 1) >> 1;
        if (heap[parent]!.at <= at) break;
        heap[place] = heap[parent]!;
        place = parent;
      }
      heap[place] = entry;
    },
    take(now) {
      const [first] = heap;
      if (!first || first.at > now) return null;
      const last = heap.pop()!;
      if (heap.length > 0) sink(last);
      return first.item;
    },
  };
}
