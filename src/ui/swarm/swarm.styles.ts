/** What the parts of the swarm panel have in common. */
import { css } from 'lit';

export const swarmStyles = css`
  :host {
    display: block;
  }
  h3 {
    margin: 0;
    font-size: 1rem;
  }
  p {
    margin: 0;
  }
  .small {
    font-size: var(--wa-font-size-xs);
  }
  .wrong {
    color: var(--wa-color-danger-on-quiet);
    font-size: var(--wa-font-size-xs);
  }
  .row {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.5rem;
  }
  .badge {
    display: inline-flex;
    align-items: center;
    gap: 0.2rem;
    padding: 0.0625rem 0.4rem;
    border-radius: 1rem;
    background: var(--wa-color-neutral-fill-normal);
    color: var(--wa-color-neutral-on-normal);
    font-size: 0.6875rem;
    font-weight: var(--wa-font-weight-semibold);
    white-space: nowrap;
  }
  .badge.brand {
    background: var(--wa-color-brand-fill-normal);
    color: var(--wa-color-brand-on-normal);
  }
  .badge.warning {
    background: var(--wa-color-warning-fill-normal);
    color: var(--wa-color-warning-on-normal);
  }
  wa-callout {
    font-size: var(--wa-font-size-s);
    overflow-wrap: anywhere;
  }
  wa-callout p {
    margin-top: 0.125rem;
  }
  wa-input::part(hint) {
    font-size: var(--wa-font-size-xs);
    line-height: 1.4;
  }
`;
