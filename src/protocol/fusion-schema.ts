/** The door for what a script, a form or a stored setting says about fusion. */
import * as v from 'valibot';
import { ANSWER_FORMATS } from '../shared/normalise-answer.ts';
import { AVERAGES, DIVERSITIES, FUSION_POLICIES, SCORES } from './fusion.ts';
import { LIMITS } from './limits.ts';

const whole = (most: number) => v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(most));

export const fusionSchema = v.strictObject({
  policy: v.picklist(FUSION_POLICIES),
  n: v.exactOptional(whole(LIMITS.fusionCandidates)),
  diversity: v.exactOptional(v.picklist(DIVERSITIES)),
  // Below a half it would be enough to be likelier wrong than right.
  confidence: v.exactOptional(v.pipe(v.number(), v.minValue(0.5), v.maxValue(1))),
  budget: v.exactOptional(
    v.strictObject({
      tokens: v.exactOptional(whole(LIMITS.fusionTokens)),
      // Less than a tenth no engine can do anything in.
      seconds: v.exactOptional(v.pipe(v.number(), v.finite(), v.minValue(0.1), v.maxValue(LIMITS.fusionSeconds))),
      nodes: v.exactOptional(whole(LIMITS.jobNodes)),
    }),
  ),
  format: v.exactOptional(v.picklist(ANSWER_FORMATS)),
  score: v.exactOptional(v.picklist(SCORES)),
  average: v.exactOptional(v.picklist(AVERAGES)),
});
