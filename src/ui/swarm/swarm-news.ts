/**
 * Follows the swarm for the shell: says what changed, gathered so that a dozen who come at once are one sentence, and
 * asks for the panel once per joining, so that whoever opened an invitation sees how far it has come.
 */
import type { SwarmInfo } from '../../protocol/peer.ts';
import type { Clock } from '../../shared/env.ts';
import { newsOf } from './swarm-words.ts';

/** Milliseconds from the first change to the sentence: long enough for an election, short enough to be news. */
const GATHER = 1500;

export interface SwarmNewsDeps {
  readonly clock: Clock;
  /** For people who listen instead of look. */
  say(text: string): void;
  /** Joining began, not by this page's panel or by it. */
  joining(): void;
}

export interface SwarmNews {
  /** Cheap when nothing changed. */
  see(swarm: SwarmInfo | null): void;
  close(): void;
}

export function createSwarmNews({ clock, say, joining }: SwarmNewsDeps): SwarmNews {
  let now: SwarmInfo | null = null;
  /** As of the last sentence. */
  let told: SwarmInfo | null = null;
  let cancel: (() => void) | null = null;

  function tell(): void {
    cancel = null;
    const news = newsOf(told, now);
    told = now;
    if (news !== '') say(news);
  }

  return {
    see(swarm) {
      if (swarm === now) return;
      if (now === null && swarm !== null && swarm.state !== 'in') joining();
      now = swarm;
      cancel ??= clock.after(GATHER, tell);
    },
    close() {
      cancel?.();
      cancel = null;
    },
  };
}
