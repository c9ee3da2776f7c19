/** Which models and slots are at hand for the candidates of a fused answer. Pure; looks at the nodes as the orchestrator sees them. */
import type { Member } from '../orchestrator/fusion/diversity.ts';
import type { NodeFacts } from '../orchestrator/types.ts';
import type { Tier } from '../protocol/chat.ts';
import { TIERS } from '../protocol/job.ts';
import type { Address, ModelHash, PeerId } from '../shared/ids.ts';

export interface Wish {
  /** Catalogue id: of this model only. */
  readonly model?: string;
  /** At least. */
  readonly tier?: Tier;
  /** On these nodes only. */
  readonly nodes?: readonly Address[];
  /** The most nodes that may work on it. */
  readonly mostNodes?: number;
  /** Whose own nodes need not be shared. */
  readonly asker: PeerId;
  /** The model that answers whoever names none; null: the best that has room. */
  readonly chosen: string | null;
}

export interface MemberAtHand extends Member {
  /** Of the nodes that have it, the one with most room. */
  readonly node: Address;
}

export interface AtHand {
  /** Models of one tier, the chosen one first, then by name: the same ones give the same candidates. None: nothing suits now. */
  readonly members: readonly MemberAtHand[];
  /** The nodes that may work on it; null: whichever the wish allows. */
  readonly nodes: readonly Address[] | null;
  /** The highest tier above that of the members; null: there is none. */
  readonly above: Tier | null;
  /** Of the members' nodes. */
  readonly freeSlots: number;
}

export function findAtHand(all: readonly NodeFacts[], wish: Wish): AtHand {
  const usable = all.filter((node) => isUsable(node, wish));
  const tier = tierOf(usable, wish);
  const suiting = usable.filter(({ model }) => model !== null && (wish.model === undefined ? model.tier === tier : model.id === wish.model));
  const taken = wish.mostNodes === undefined ? suiting : fewest(suiting, wish);
  return {
    members: inOrder(taken, wish).map((model) => ({ model, hash: hashOf(taken, model), node: roomiest(taken, model) })),
    nodes: wish.mostNodes === undefined ? null : taken.map(({ address }) => address),
    above: usable.map(({ model }) => model!.tier).filter((each) => tier !== null && isAbove(each, tier)).toSorted(byTier).at(-1) ?? null,
    freeSlots: freeSlots(taken, wish.asker),
  };
}

/** The weights of a model, if all nodes that have it say the same. */
export function hashOf(nodes: readonly NodeFacts[], id: string): ModelHash | null {
  const hashes = new Set(nodes.flatMap(({ model }) => (model?.id === id ? [model.hash] : [])));
  return hashes.size === 1 ? [...hashes][0]! : null;
}

const byTier = (one: Tier, other: Tier): number => TIERS.indexOf(one) - TIERS.indexOf(other);
const isAbove = (one: Tier, other: Tier): boolean => byTier(one, other) > 0;

function isUsable({ address, peer, shared, state, model, guestSlots, suspect }: NodeFacts, { asker, nodes }: Wish): boolean {
  if (!model || suspect || (state !== 'idle' && state !== 'busy')) return false;
  const isGiven = peer === asker || (shared && guestSlots !== 0);
  return isGiven && (nodes?.includes(address) ?? true);
}

/** Voters are of one tier: many small ones would outvote the one that knows. */
function tierOf(usable: readonly NodeFacts[], { model, tier: least, chosen }: Wish): Tier | null {
  const tiers = usable.map((node) => node.model!.tier).filter((tier) => least === undefined || !isAbove(least, tier));
  const wanted = model ?? (least === undefined ? chosen : null);
  const known = usable.find((node) => node.model!.id === wanted)?.model?.tier;
  return known ?? tiers.toSorted(byTier).at(-1) ?? null;
}

function inOrder(nodes: readonly NodeFacts[], { chosen }: Wish): string[] {
  const ids = [...new Set(nodes.map(({ model }) => model!.id))];
  return ids.toSorted((one, other) => Number(other === chosen) - Number(one === chosen) || (one < other ? -1 : 1));
}

const byRoom = (nodes: readonly NodeFacts[]): NodeFacts[] =>
  nodes.toSorted((one, other) => free(other) - free(one) || (one.address < other.address ? -1 : 1));

const roomiest = (nodes: readonly NodeFacts[], id: string): Address => byRoom(nodes.filter(({ model }) => model?.id === id))[0]!.address;

/** One of each model first, then whoever has most room. */
function fewest(nodes: readonly NodeFacts[], wish: Wish): NodeFacts[] {
  const roomy = byRoom(nodes);
  const firsts = inOrder(nodes, wish).map((id) => roomy.find(({ model }) => model!.id === id)!);
  return [...new Set([...firsts, ...roomy])].slice(0, wish.mostNodes);
}

const free = ({ slots, busy, waiting }: NodeFacts): number => Math.max(0, slots - busy - waiting);

/** A tab may give fewer slots to others than its nodes have. */
function freeSlots(nodes: readonly NodeFacts[], asker: PeerId): number {
  const peers = new Set(nodes.map(({ peer }) => peer));
  return [...peers].reduce((sum, peer) => {
    const theirs = nodes.filter((node) => node.peer === peer);
    const slots = theirs.reduce((total, node) => total + free(node), 0);
    const { guestSlots, guestBusy = 0 } = theirs[0]!;
    return sum + (peer === asker || guestSlots === undefined ? slots : Math.max(0, Math.min(slots, guestSlots - guestBusy)));
  }, 0);
}
