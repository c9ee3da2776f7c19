import { css } from 'lit';

export const assistantStyles = css`
  h2 {
    display: flex;
    align-items: center;
    gap: 0.5rem;
    margin: 0 0 0.375rem;
    font-size: var(--wa-font-size-xs);
    font-weight: var(--wa-font-weight-bold);
    color: var(--wa-color-text-quiet);
  }
  .mark {
    display: inline-flex;
    font-size: 1.25rem;
  }
  markdown-view {
    font-size: 0.9375rem;
  }
  .progress {
    display: grid;
    gap: 0.375rem;
    max-width: 20rem;
    margin: 0.25rem 0;
    font-size: var(--wa-font-size-s);
  }
  .moved {
    margin: 0.25rem 0;
    font-size: var(--wa-font-size-xs);
  }
  wa-progress-bar {
    --track-height: 0.3125rem;
    --indicator-color: var(--llambo-petrol);
  }
  wa-callout {
    margin-block: 0.5rem;
    font-size: var(--wa-font-size-s);
  }
  wa-callout p {
    margin: 0.25rem 0 0;
  }
  .actions {
    margin-inline-start: -0.375rem;
    margin-top: 0.25rem;
  }
  .actions > wa-button[appearance='filled'] {
    margin-inline: 0.375rem 0.25rem;
  }
  .switcher {
    display: inline-flex;
    align-items: center;
    font-size: var(--wa-font-size-xs);
  }
  reply-facts {
    margin-inline-start: 0.5rem;
  }
  reply-facts:has(details[open]) {
    flex-basis: 100%;
  }
`;
