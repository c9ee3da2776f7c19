/** Ticks for a page whose own timers are slowed down while it is hidden; a worker's are not. */
import { systemEnv } from '../../shared/system-env.ts';

const { clock } = systemEnv;

addEventListener('message', ({ data }: MessageEvent<number>) => {
  const tick = (): void => {
    postMessage(null);
    clock.after(data, tick);
  };
  tick();
}, { once: true });
