import '@awesome.me/webawesome/dist/components/icon/icon.js';
import { LitElement, html, nothing, type TemplateResult } from 'lit';
import { styleMap } from 'lit/directives/style-map.js';
import type { Candidate, Vote } from '../../protocol/fusion.ts';
import type { CandidateCheck } from '../../protocol/snapshot.ts';
import type { TurnId } from '../../shared/ids.ts';
import { formatCount, plural } from '../format.ts';
import type { ModelNames } from '../chat/replies.ts';
import { sharedStyles } from '../styles/shared.styles.ts';
import { summaryStyles } from '../styles/summary.styles.ts';
import { NO_PLACES, placeName, type Places } from '../swarm/places.ts';
import { safeText } from '../swarm/safe-text.ts';
import './candidate-card.ts';
import { fusedAnswerStyles } from './fused-answer.styles.ts';
import { CLASS_WORDS, POLICY_WORDS, confidenceWords, isSplit, summaryParts, voteWords, type FusedAnswer } from './fusion-words.ts';

/** Characters of an answer in the list of votes; the whole is with its candidate. */
const VOTE_CHARS = 160;
/** Who gave an answer: the rest is counted. */
const NAMED = 4;

/**
 * What several engines said, below the answer that came of it: one line, and on request the votes, every candidate's text
 * with what differs, and how to check it.
 *
 * @fires llambo-candidate-rerun
 */
export class FusedAnswerView extends LitElement {
  static override styles = [sharedStyles, summaryStyles, fusedAnswerStyles];
  static override properties = {
    turn: { attribute: false },
    answer: { attribute: false },
    text: { attribute: false },
    names: { attribute: false },
    places: { attribute: false },
    checks: { attribute: false },
    open: { state: true },
  };

  declare turn: TurnId;
  declare answer: FusedAnswer;
  /** The answer that is shown: candidates are compared with it. */
  declare text: string;
  declare names: ModelNames;
  declare places: Places;
  declare checks: readonly CandidateCheck[];
  protected declare open: boolean;

  constructor() {
    super();
    this.text = '';
    this.names = new Map();
    this.places = NO_PLACES;
    this.checks = [];
    this.open = false;
  }

  protected override render(): TemplateResult {
    const [outcome, ...rest] = summaryParts(this.answer);
    return html`
      <details @toggle=${this.#onToggle}>
        <summary class="figures" title="Show votes">
          <strong class=${isSplit(this.answer) ? 'split' : ''}><wa-icon class="turn" name="chevron-right"></wa-icon>${outcome}</strong>
          ${rest.map((part) => html` <span>${part}</span>`)}
        </summary>
        ${this.open ? this.#renderBody() : nothing}
      </details>
    `;
  }

  #renderBody(): TemplateResult {
    const { policy, promptClass, confidence, note, cost, votes, candidates, chosen } = this.answer;
    return html`
      <div class="body">
        <p>${POLICY_WORDS[policy].name}: ${POLICY_WORDS[policy].hint.toLowerCase()}. The question was taken to ask for ${CLASS_WORDS[promptClass]}. ${confidenceWords(confidence)}</p>
        ${note === undefined ? nothing : html`<p class="split">${safeText(note, 600, '')}</p>`}
        ${votes.length === 0 ? nothing : this.#renderVotes(votes)}
        <section>
          <h3>Every candidate</h3>
          <div class="cards">
            ${candidates.map((candidate, index) => html`
              <candidate-card
                .turn=${this.turn}
                .candidate=${candidate}
                .index=${index}
                .compared=${index === chosen ? null : this.text}
                .model=${this.names.get(candidate.model) ?? safeText(candidate.model, 60)}
                .where=${candidate.node === null ? 'no engine' : placeName(candidate.node, this.places)}
                .check=${this.checks.find((check) => check.candidate === index) ?? null}
              ></candidate-card>
            `)}
          </div>
        </section>
        <p class="figures">${plural(cost.calls, 'call')}, ${plural(cost.tokens, 'token')} read and written, ${formatCount(Math.round(cost.saved * 100))} % saved by stopping early.</p>
      </div>
    `;
  }

  #renderVotes(votes: readonly Vote[]): TemplateResult {
    const fields = [...new Set(votes.map(({ field }) => field))];
    return html`${fields.map((field) => {
      const these = votes.filter((vote) => vote.field === field);
      const total = these.reduce((sum, { count }) => sum + count, 0);
      return html`
        <section>
          <h3>${field === undefined ? 'Votes' : html`Votes on “<bdi>${safeText(field, 60)}</bdi>”`}</h3>
          <ol>
            ${these.map((vote, index) => html`
              <li class="vote ${index === 0 ? 'won' : ''}">
                <bdi class="truncate">${safeText(vote.text, VOTE_CHARS, 'no words')}</bdi>
                <span class="figures">${voteWords(vote, total)}</span>
                <div class="bar" aria-hidden="true"><i style=${styleMap({ width: `${Math.round(vote.weight * 100)}%` })}></i></div>
                <span class="who">${this.#who(vote)}</span>
              </li>
            `)}
          </ol>
        </section>
      `;
    })}`;
  }

  #who({ candidates }: Vote): string {
    const voices = candidates.flatMap((index) => this.answer.candidates[index] ?? []);
    const said = voices.slice(0, NAMED).map((candidate) => this.#voice(candidate));
    return voices.length > NAMED ? `${said.join(', ')} and ${voices.length - NAMED} more` : said.join(', ');
  }

  #voice({ model, node }: Candidate): string {
    return `${this.names.get(model) ?? safeText(model, 60)} on ${node === null ? 'no engine' : placeName(node, this.places)}`;
  }

  readonly #onToggle = (event: Event): void => void (this.open = (event.target as HTMLDetailsElement).open);
}
customElements.define('fused-answer', FusedAnswerView);

declare global {
  interface HTMLElementTagNameMap {
    'fused-answer': FusedAnswerView;
  }
}
