/**
 * The best that anybody could choose who knows everything: the true speeds, the true lengths, who will fail to answer, what is in
 * the caches; and looks at all nodes each time. Everything else is the real table's. For comparison only.
 */
import type { Address, JobId, TaskId } from '../shared/ids.ts';
import type { NodeTable, Wish } from '../orchestrator/leader/parts.ts';
import { CACHED_SHARE, type Machine } from './load-machines.ts';
import type { Question } from './load-work.ts';

export type OracleAim = 'completion' | 'first word';

export function createOracle(table: NodeTable, machines: ReadonlyMap<Address, Machine>, question: (job: JobId) => Question | undefined, aim: OracleAim): NodeTable {
  const given = new Map<Address, number>();
  const where = new Map<TaskId, Address>();

  function forget(task: TaskId): void {
    const address = where.get(task);
    if (address === undefined) return;
    where.delete(task);
    given.set(address, Math.max(0, (given.get(address) ?? 0) - 1));
  }

  function cost(machine: Machine, { promptTokens, answerTokens, affinity }: Question, streams: number): number {
    const fresh = promptTokens * (machine.remembers(affinity) ? 1 - CACHED_SHARE : 1);
    const first = machine.rttMs + (fresh * machine.prefillMs + machine.tokenMs) * machine.factor(streams);
    return aim === 'first word' ? first : first + answerTokens * machine.tokenMs * machine.factor(streams);
  }

  function pick({ job, avoid }: Wish): Address | null {
    const asked = question(job);
    if (!asked) return null;
    let best: Machine | null = null;
    let least = Infinity;
    for (const machine of machines.values()) {
      const streams = Math.max(given.get(machine.address) ?? 0, machine.streams);
      if (!machine.alive || streams >= machine.slots || avoid.includes(machine.address)) continue;
      const value = cost(machine, asked, streams + 1);
      if (value < least) [best, least] = [machine, value];
    }
    return best?.address ?? null;
  }

  return {
    ...table,
    get slots() {
      return table.slots;
    },
    get assigned() {
      return table.assigned;
    },
    pick,
    assign(assignment, now, runs) {
      forget(assignment.task);
      where.set(assignment.task, assignment.node);
      given.set(assignment.node, (given.get(assignment.node) ?? 0) + 1);
      table.assign(assignment, now, runs);
    },
    report(report, now) {
      if (report.state === 'ended') forget(report.task);
      return table.report(report, now);
    },
    release(task) {
      forget(task);
      return table.release(task);
    },
    remove(address) {
      const lost = table.remove(address);
      for (const { task } of lost) forget(task);
      given.delete(address);
      return lost;
    },
  };
}
