/** Reading between whole tabs, on a simulated network. */
import { describe, expect, it, vi } from 'vitest';
import { createMeshStage, type MeshStage } from '../../testing/mesh-stage.ts';

vi.setConfig({ testTimeout: 30_000 });

/** Lets virtual time pass while a promise is on its way. */
async function outcome<T>({ until }: MeshStage, promise: Promise<T>): Promise<unknown> {
  let result: { value: unknown } | null = null;
  promise.then((value) => (result = { value }), (error: unknown) => (result = { value: error }));
  await until(() => result !== null);
  return (result as { value: unknown } | null)!.value;
}

describe('tabs in a swarm', () => {
  it('read each other, and no more once one has left', async () => {
    const stage = createMeshStage();
    const [first, second] = [await stage.join('first', true), await stage.join('second')];
    expect(await outcome(stage, first.mesh.read(second.id, '/n/llambo/x/1/log'))).toEqual({ kind: 'file', text: 'second at /n/llambo/x/1/log\n' });
    expect(await outcome(stage, second.mesh.read(first.id, '/'))).toEqual({ kind: 'file', text: 'first at /\n' });
    const reading = outcome(stage, first.mesh.read(second.id, '/'));
    first.mesh.leave();
    expect(await reading).toMatchObject({ code: 'peer-lost' });
  });

  it('read over another where no direct way leads', async () => {
    const stage = createMeshStage();
    stage.apart.add('left right');
    const [, left, right] = [await stage.join('middle', true), await stage.join('left'), await stage.join('right')];
    await stage.until(() => left.mesh.info().peers.length === 3);
    expect(await outcome(stage, left.mesh.read(right.id, '/'))).toEqual({ kind: 'file', text: 'right at /\n' });
    expect(left.pathTo(right.id)).toBe('relayed');
  });
});
