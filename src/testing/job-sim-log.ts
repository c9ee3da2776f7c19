/** What a job's mind wants, as a line of a history's log. */
import type { JobEffect } from '../orchestrator/types.ts';

export function describeEffect(effect: JobEffect): string {
  switch (effect.type) {
    case 'request': {
      const { turn, why, wants, avoid, running } = effect.request;
      return `asks: turn ${turn} ${why}${wants ? '' : ', wants nothing'}, avoids ${avoid.join(' ') || 'none'}, runs ${running.map(({ task }) => task).join(' ') || 'none'}`;
    }
    case 'report':
      return `reports ${effect.report.task} ${effect.report.state} ${effect.report.error ?? ''}`;
    case 'run':
      return `runs ${effect.grant.task} on ${effect.grant.node}`;
    case 'stop':
      return `stops ${effect.task}`;
    case 'emit':
      return JSON.stringify(effect.event);
    case 'settle':
      return `ends: ${effect.outcome.ok ? effect.outcome.answer.finishReason : `${effect.outcome.error.code} (${effect.outcome.error.message})`}`;
    case 'withdraw':
      return 'withdraws';
  }
}
