import { css } from 'lit';

export const peerStyles = css`
  :host {
    border-bottom: 1px solid var(--wa-color-surface-border);
    /* Sixty of them: those out of sight need no layout. */
    content-visibility: auto;
    contain-intrinsic-size: auto 3.25rem;
  }
  summary {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr);
    gap: 0 0.375rem;
    align-items: center;
    padding: 0.5rem 0.25rem;
    border-radius: var(--wa-border-radius-m);
    list-style: none;
    cursor: pointer;
  }
  summary::-webkit-details-marker {
    display: none;
  }
  summary:hover {
    background: var(--wa-color-neutral-fill-quiet);
  }
  summary:focus-visible {
    outline-offset: -2px;
  }
  .turn {
    font-size: 0.75rem;
    color: var(--wa-color-text-quiet);
  }
  details[open] .turn {
    rotate: 90deg;
  }
  .who {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.125rem 0.375rem;
    min-width: 0;
  }
  .name {
    font-weight: var(--wa-font-weight-semibold);
    overflow-wrap: anywhere;
  }
  .badge wa-icon {
    font-size: 0.625rem;
  }
  .facts {
    grid-column: 2;
    display: flex;
    flex-wrap: wrap;
    gap: 0 0.75rem;
    font-size: var(--wa-font-size-xs);
    color: var(--wa-color-text-quiet);
  }
  .late {
    color: var(--wa-color-warning-on-quiet);
  }
  ul {
    display: grid;
    gap: 0.5rem;
    margin: 0;
    padding: 0.125rem 0.25rem 0.75rem 1.375rem;
    list-style: none;
  }
  .node {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.25rem 0.5rem;
  }
  .node > div {
    flex: 1 1 12rem;
    min-width: 0;
    overflow-wrap: anywhere;
  }
  .failed {
    color: var(--wa-color-danger-on-quiet);
  }
  .empty {
    padding: 0 0.25rem 0.75rem 1.375rem;
  }
  /* A plain button: up to a thousand of them are drawn at once. */
  .ask {
    display: inline-flex;
    align-items: center;
    gap: 0.25rem;
    min-height: var(--llambo-target);
    padding: 0.125rem 0.625rem;
    border: 1px solid var(--wa-color-neutral-border-normal);
    border-radius: var(--wa-border-radius-m);
    background: none;
    color: inherit;
    font: inherit;
    font-size: var(--wa-font-size-xs);
    cursor: pointer;
  }
  .ask:hover {
    background: var(--wa-color-neutral-fill-quiet);
  }
  .ask[aria-pressed='true'] {
    border-color: transparent;
    background: var(--wa-color-brand-fill-loud);
    color: var(--wa-color-brand-on-loud);
  }
  @media (pointer: coarse) {
    .ask {
      min-height: 2.25rem;
    }
  }
  .powers {
    padding: 0 0.25rem 0.625rem 1.375rem;
  }
`;
