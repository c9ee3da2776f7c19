import { describe, expect, it } from 'vitest';
import type { PeerInfo } from '../../protocol/peer.ts';
import type { PeerId } from '../../shared/ids.ts';
import { WIDTH, labelAt, layoutOf, linksOf } from './picture-layout.ts';

const peer = (id: string, link: PeerInfo['link'], ...links: string[]): PeerInfo => ({
  id: id as PeerId, device: id as never, name: id, self: link === 'self', leader: false, deputy: false, link, path: null, rttMs: null,
  visible: true, nodes: [], sharing: { slots: 0, busy: 0 }, links: links as PeerId[], joinedAt: 0,
});

describe('layoutOf', () => {
  it.each([1, 2, 3, 6, 7, 12, 13, 32, 33, 64])('keeps %i peers inside and apart', (count) => {
    const { height, disc, spots } = layoutOf(count);
    expect(spots).toHaveLength(count);
    for (const [index, { x, y }] of spots.entries()) {
      expect(Math.min(x - disc, WIDTH - x - disc, y - disc, height - y - disc)).toBeGreaterThan(0);
      for (const other of spots.slice(index + 1)) expect(Math.hypot(other.x - x, other.y - y)).toBeGreaterThan(2 * disc + 2);
    }
  });

  it('writes names away from the middle where there is room, and towards it where not', () => {
    const roomy = layoutOf(4);
    const [top, right, bottom, left] = roomy.spots;
    expect(labelAt(top!, roomy, 1)).toMatchObject({ anchor: 'middle' });
    expect(labelAt(top!, roomy, 1).y).toBeLessThan(top!.y - roomy.disc);
    expect(labelAt(bottom!, roomy, 2).y).toBeGreaterThan(bottom!.y + roomy.disc);
    expect(labelAt(right!, roomy, 1).anchor).toBe('start');
    expect(labelAt(left!, roomy, 1).anchor).toBe('end');
    const crowded = layoutOf(64);
    expect(labelAt(crowded.spots[16]!, crowded, 1).anchor).toBe('end');
  });
});

describe('linksOf', () => {
  it('has each link once, and none with strangers or with oneself', () => {
    const links = linksOf([peer('a', 'self', 'b', 'c'), peer('b', 'direct', 'a', 'c', 'b'), peer('c', 'direct', 'a', 'gone')]);
    expect(links.map(({ from, to }) => [from, to])).toEqual([[0, 1], [0, 2], [1, 2]]);
  });

  it('believes this tab about its own links', () => {
    const links = linksOf([peer('a', 'self'), peer('b', 'suspect'), peer('c', 'none', 'a', 'b'), peer('d', 'direct')]);
    expect(links).toEqual([
      { from: 0, to: 1, own: true, suspect: true },
      { from: 1, to: 2, own: false, suspect: false },
      { from: 0, to: 3, own: true, suspect: false },
    ]);
  });
});
