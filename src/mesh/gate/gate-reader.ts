/** From documents that came over a link, or from storage, to what is known: nothing counts here that was not verified. */
import type { MessageOf } from '../../protocol/messages.ts';
import type { Rules } from '../../protocol/rules-schema.ts';
import type { DeviceId, RoomId } from '../../shared/ids.ts';
import { isSignedPass, verifyRules } from './gate-documents.ts';
import { isNewerRules, learn, mayDecide, outweighs, type Gate, type KnownPass, type KnownRules } from './gate.ts';
import type { MeshCrypto } from '../identity.ts';

export interface GateReaderDeps {
  readonly crypto: MeshCrypto;
  readonly room: RoomId;
  /** No rules are known yet: may this device be the founder? */
  believes(founder: DeviceId): boolean;
}

/** @returns what is known then, the same object if nothing is new; `forged` if a signature that would count is none */
export type GateReader = (gate: Gate, message: MessageOf<'rules'>) => Promise<Gate | 'forged'>;

export function createGateReader({ crypto, room, believes }: GateReaderDeps): GateReader {
  /** The rules that count after these came; null if they are somebody else's. */
  async function rulesAfter(known: KnownRules | null, rules: Rules): Promise<KnownRules | 'forged' | null> {
    if (known && rules.founder !== known.document.founder) return null;
    if (known && !isNewerRules(rules, known.document)) return known;
    const verified = await verifyRules(crypto, room, rules);
    if (!verified) return 'forged';
    return known || believes(verified.founder) ? verified : null;
  }

  return async (gate, { rules, passes }) => {
    const current = await rulesAfter(gate.rules, rules);
    if (current === 'forged') return current;
    if (current === null) return gate;
    const learnt: KnownPass[] = [];
    for (const document of passes) {
      const known = gate.passes.get(document.device);
      if (known?.document.signature === document.signature) continue;
      const pass: KnownPass = { document, judge: (await crypto.idOf(document.by)) as DeviceId };
      // What would not count is not worth a signature's time; nor is it a crime: who sent it may know older rules.
      if (!mayDecide(current, pass.judge, document.device) || (known && !outweighs(current, pass, known))) continue;
      if (!(await isSignedPass(crypto, room, document))) return 'forged';
      learnt.push(pass);
    }
    return learn(gate, current, learnt);
  };
}
