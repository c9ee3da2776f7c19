/**
 * Which lanes are known to find no node, so that no event asks for nodes that are not there. A lane stays full until something
 * is freed; then all are tried again, in a *pass*. If as many slots were freed as grants came of them, the others are as full
 * as before and are not tried: with everything busy, one slot that is freed costs one choice, however many lanes there are.
 * A pass may be cut short; the next event goes on with it, so that each lane has its turn.
 */
export interface FullLanes {
  readonly blocked: ReadonlySet<string>;
  /** It knows of no lane that is full, or was before this pass. */
  readonly isClear: boolean;
  /** So many more tasks find room than before; Infinity: it can't be told. */
  freed(slots: number): void;
  /** No node for this one. */
  failed(lane: string): void;
  /** One of this lane got a node. */
  granted(lane: string): void;
  /** A pass begins if something was freed, or the last goes on. @returns whether a new one began */
  begin(): boolean;
  /** All lanes that wait have been tried. */
  end(): void;
}

/** To clear a set makes a new table, even of an empty one; and mostly these are. */
function empty(set: Set<string>): void {
  if (set.size > 0) set.clear();
}

export function createFullLanes(): FullLanes {
  let full = new Set<string>();
  /** Full when this pass began: only what was freed can serve them. */
  let before = new Set<string>();
  let isOn = false;
  let freedSlots = 0;
  let credit = 0;

  return {
    get blocked() {
      return full;
    },
    get isClear() {
      return full.size === 0 && before.size === 0;
    },
    freed(slots) {
      freedSlots += slots;
    },
    failed(lane) {
      full.add(lane);
    },
    granted(lane) {
      if (!before.has(lane)) return;
      credit -= 1;
      if (credit > 0) return;
      for (const each of before) full.add(each);
      empty(before);
    },
    begin() {
      if (isOn || freedSlots === 0) return false;
      [full, before] = [before, full];
      empty(full);
      credit = freedSlots;
      freedSlots = 0;
      isOn = true;
      return true;
    },
    end() {
      isOn = false;
      empty(before);
    },
  };
}
