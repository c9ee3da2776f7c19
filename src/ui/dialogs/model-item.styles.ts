import { css } from 'lit';

export const modelItemStyles = css`
  :host {
    display: block;
    padding: 0.875rem 0;
    border-bottom: 1px solid var(--wa-color-surface-border);
  }
  .top {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.25rem 0.5rem;
  }
  h3 {
    margin: 0;
    font-size: 0.9375rem;
    font-weight: var(--wa-font-weight-bold);
    overflow-wrap: anywhere;
  }
  .badge {
    padding: 0.0625rem 0.4rem;
    border-radius: 1rem;
    background: var(--wa-color-brand-fill-normal);
    color: var(--wa-color-brand-on-normal);
    font-size: 0.6875rem;
    font-weight: var(--wa-font-weight-semibold);
  }
  .badge.plain {
    background: var(--wa-color-neutral-fill-normal);
    color: var(--wa-color-neutral-on-normal);
  }
  p {
    margin: 0.125rem 0;
  }
  .facts {
    display: flex;
    flex-wrap: wrap;
    gap: 0 0.75rem;
    font-size: var(--wa-font-size-xs);
    color: var(--wa-color-text-quiet);
  }
  .acts {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.375rem;
    margin-top: 0.5rem;
  }
  .progress {
    display: grid;
    gap: 0.25rem;
    margin-top: 0.5rem;
    font-size: var(--wa-font-size-xs);
  }
  wa-progress-bar {
    --track-height: 0.375rem;
  }
  details {
    margin-inline-start: auto;
    font-size: var(--wa-font-size-xs);
  }
  details[open] {
    flex-basis: 100%;
  }
  summary {
    display: inline-block;
    min-height: 1.75rem;
    padding: 0.25rem 0.375rem;
    color: var(--wa-color-text-quiet);
    cursor: pointer;
    border-radius: var(--wa-border-radius-m);
  }
  dl {
    display: grid;
    grid-template-columns: max-content minmax(0, 1fr);
    gap: 0.25rem 0.875rem;
    margin: 0.25rem 0 0;
  }
  dd {
    margin: 0;
    overflow-wrap: anywhere;
  }
  dt {
    color: var(--wa-color-text-quiet);
  }
`;
