/** What a simulated tab's jobs send ahead of their grants: by the real policy, or hastily, whatever is known of the node; and what comes of it. */
import { faultOf } from '../orchestrator/asker/blame.ts';
import { createHeadStarts } from '../orchestrator/head-starts.ts';
import type { ControlPort } from '../orchestrator/ports.ts';
import type { JobEvent, JobStart, NodeFacts } from '../orchestrator/types.ts';
import { Emitter } from '../shared/emitter.ts';
import type { JobId } from '../shared/ids.ts';
import { BrokenJobPromise, type JobChecks, type SimJob } from './job-sim-checks.ts';
import type { JobWorld, Life } from './job-sim-world.ts';

export interface SimAheads {
  of(job: SimJob): JobStart;
  over(job: JobId): void;
  /** The roster has changed. */
  reads(): void;
  /** A task has been sent ahead. @returns for each event that comes of it, when the job has heard it */
  follow(job: SimJob): (event: JobEvent) => void;
}

export interface SimAheadsDeps {
  readonly world: JobWorld;
  readonly life: Life;
  readonly checks: JobChecks;
  readonly control: Pick<ControlPort, 'self' | 'standing'>;
  roster(): readonly NodeFacts[];
}

export function createSimAheads({ world, life, checks, control, roster }: SimAheadsDeps): SimAheads {
  const news = new Emitter<void>();
  const headStarts = createHeadStarts({
    clock: { now: world.clock.now, after: life.after }, control,
    nodes: { all: roster, onChange: (listener) => news.on(listener) },
  });

  return {
    of({ start, hasty }) {
      const facts = hasty ? roster().find(({ address }) => address === start.shape.nodes?.[0]) : undefined;
      return facts?.model ? { ...start, ahead: { node: facts.address, model: facts.model.id, modelHash: facts.model.hash } } : headStarts.of(start);
    },
    over: headStarts.over,
    reads: () => news.emit(),
    follow(job) {
      let isDecided = false;
      checks.ahead('sent');
      return (event) => {
        if (isDecided) return;
        isDecided = true;
        checks.ahead(event.type === 'task' && event.event.type !== 'queued' ? 'taken' : 'not taken');
        if (event.type !== 'task failed' || faultOf(event.error.code) !== 'coy' || !job.outcome) return;
        throw new BrokenJobPromise(`${job.start.id} ended because what it sent ahead was not taken (${event.error.code}).`);
      };
    },
  };
}
