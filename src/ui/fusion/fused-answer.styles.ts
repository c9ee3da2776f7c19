import { css } from 'lit';

export const fusedAnswerStyles = css`
  :host {
    display: block;
    min-width: 0;
    font-size: var(--wa-font-size-xs);
    color: var(--wa-color-text-quiet);
  }
  summary {
    display: inline-flex;
    flex-wrap: wrap;
    gap: 0 0.75rem;
    min-height: var(--llambo-target);
    padding: 0 0.5rem;
    margin-inline-start: -0.5rem;
  }
  summary strong {
    display: inline-flex;
    align-items: center;
    gap: 0.375rem;
    font-weight: var(--wa-font-weight-semibold);
    color: var(--wa-color-text-normal);
  }
  summary wa-icon {
    font-size: 0.875rem;
    transition: rotate 120ms;
  }
  details[open] summary .turn {
    rotate: 90deg;
  }
  .split {
    color: var(--wa-color-warning-on-quiet);
  }
  .body {
    display: grid;
    gap: 0.875rem;
    margin: 0.375rem 0 0.75rem;
    padding: 0.875rem;
    border: 1px solid var(--wa-color-surface-border);
    border-radius: var(--wa-border-radius-l);
  }
  p,
  ol {
    margin: 0;
  }
  h3 {
    margin: 0 0 0.375rem;
    font-size: var(--wa-font-size-xs);
    font-weight: var(--wa-font-weight-bold);
    color: var(--wa-color-text-normal);
  }
  ol {
    display: grid;
    gap: 0.5rem;
    padding: 0;
    list-style: none;
  }
  .vote {
    display: grid;
    grid-template-columns: minmax(0, 1fr) max-content;
    gap: 0.125rem 0.75rem;
    color: var(--wa-color-text-normal);
  }
  .vote .who {
    grid-column: 1 / -1;
    color: var(--wa-color-text-quiet);
  }
  .bar {
    grid-column: 1 / -1;
    height: 0.375rem;
    border-radius: 1rem;
    background: var(--wa-color-neutral-fill-quiet);
    overflow: hidden;
  }
  .bar i {
    display: block;
    height: 100%;
    border-radius: inherit;
    background: var(--wa-color-neutral-60);
  }
  .won .bar i {
    background: var(--llambo-petrol);
  }
  .cards {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(min(100%, 15rem), 1fr));
    gap: 0.5rem;
  }
  @media (prefers-reduced-motion: reduce) {
    summary wa-icon {
      transition: none;
    }
  }
`;
