import { describe, expect, it, vi } from 'vitest';
import { createDropWatch } from './drop-watch.ts';

const times = (count: number, work: () => void): void => Array.from({ length: count }).forEach(work);

describe('the watch for dropped requests', () => {
  it('finds one that gets nothing while nobody gets anything', () => {
    const onDropped = vi.fn<() => void>();
    const run = createDropWatch().open(onDropped);
    times(999, () => run.nothing());
    expect(onDropped).not.toHaveBeenCalled();
    run.nothing();
    expect(onDropped).toHaveBeenCalledOnce();
  });

  it('starts to count anew when anybody gets something', () => {
    const watch = createDropWatch();
    const onDropped = vi.fn<() => void>();
    const run = watch.open(onDropped);
    const other = watch.open(onDropped);
    times(10, () => {
      times(999, () => run.nothing());
      other.stepped();
    });
    expect(onDropped).not.toHaveBeenCalled();
  });

  it('finds one that says nothing while others go on, once a later one has been answered', () => {
    const watch = createDropWatch();
    const onDropped = vi.fn<() => void>();
    watch.open(onDropped);
    const busy = watch.open(() => undefined);
    const later = watch.open(() => undefined);
    times(5000, () => busy.stepped());
    later.end(false);
    times(5000, () => busy.stepped());
    expect(onDropped).not.toHaveBeenCalled();
    watch.open(() => undefined).end(true);
    times(5000, () => busy.stepped());
    expect(onDropped).toHaveBeenCalledOnce();
  });

  it('leaves alone one that has spoken, and one that only an earlier one outran', () => {
    const watch = createDropWatch();
    const onDropped = vi.fn<() => void>();
    const first = watch.open(() => undefined);
    watch.open(onDropped).stepped();
    const busy = watch.open(() => undefined);
    watch.open(() => undefined).end(true);
    watch.open(onDropped);
    first.end(true);
    times(5000, () => busy.stepped());
    expect(onDropped).not.toHaveBeenCalled();
  });
});
