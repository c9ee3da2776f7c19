/**
 * What a job looks for in a node while it goes on: the model that it has begun with, and room for what is written already.
 * Pure; knows no node but by the grant.
 */
import type { Profile } from '../../protocol/chat.ts';
import type { JobShape } from '../../protocol/job.ts';
import type { Grant } from '../types.ts';

export interface AimDeps {
  /** As it was asked. */
  readonly asked: JobShape;
  /** How it goes on after a loss: `chat` is continued, `exact` repeated. */
  readonly course: Profile;
  /** Tokens that the reader has. */
  written(): number;
}

export interface Aim {
  /** For the leader, now. */
  shape(): JobShape;
  /** The model that it has begun with; null: any that was asked for will do. */
  readonly model: string | null;
  /** A leader that knows its trade would not give others. */
  fits(grant: Grant): boolean;
  /** What has begun with one model goes on with it; what repeats, with the same file. */
  begin(grant: Grant): void;
  /** With what is written it is too long for all: lengths are guesses, so it is asked once without. @returns false if it was */
  squeeze(): boolean;
  /** Any model that was asked for will do again. */
  widen(): void;
}

export function createAim({ asked, course, written }: AimDeps): Aim {
  let shape = asked;
  let isSqueezed = false;
  /** Whoever continues the answer reads it first. */
  const readAgain = (): number => (course === 'chat' && !isSqueezed ? written() : 0);

  return {
    shape() {
      const tokens = readAgain();
      if (tokens === 0) return shape;
      return { ...shape, promptTokens: shape.promptTokens + tokens, maxTokens: Math.max(1, shape.maxTokens - tokens) };
    },
    get model() {
      return shape === asked ? null : shape.model!;
    },
    fits({ node, modelHash }) {
      const isOtherFile = shape.modelHash !== undefined && modelHash !== null && modelHash !== shape.modelHash;
      return !isOtherFile && (shape.nodes?.includes(node) ?? true);
    },
    begin({ model, modelHash }) {
      if (model === '' || (shape !== asked && shape.model === model)) return;
      shape = { ...asked, model, ...(course === 'exact' && modelHash ? { modelHash } : {}) };
    },
    squeeze() {
      if (readAgain() === 0) return false;
      isSqueezed = true;
      return true;
    },
    widen: () => void (shape = asked),
  };
}
