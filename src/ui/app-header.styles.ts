import { css } from 'lit';

export const appHeaderStyles = css`
  :host {
    display: flex;
    align-items: center;
    gap: 0.25rem;
    min-height: var(--llambo-header);
    padding: 0.25rem 0.5rem;
    border-bottom: 1px solid var(--wa-color-surface-border);
  }
  .model {
    min-width: 0;
    min-height: 2.25rem;
    padding: 0.25rem 0.5rem;
    border: 0;
    border-radius: var(--wa-border-radius-m);
    background: none;
    color: inherit;
    font: inherit;
    line-height: 1.3;
    text-align: start;
    cursor: pointer;
  }
  .model:hover {
    background: var(--wa-color-neutral-fill-quiet);
  }
  .chosen {
    display: flex;
    align-items: center;
    gap: 0.25rem;
  }
  .name {
    font-weight: var(--wa-font-weight-bold);
    font-size: 0.9375rem;
  }
  .model wa-icon {
    font-size: 0.75rem;
    color: var(--wa-color-text-quiet);
  }
  .note {
    display: block;
    font-size: var(--wa-font-size-xs);
    color: var(--wa-color-text-quiet);
  }
  .space {
    flex: 1;
  }
  .health {
    display: inline-flex;
    align-items: center;
    gap: 0.375rem;
    flex: none;
    padding: 0.25rem 0.5rem;
    font-size: var(--wa-font-size-xs);
    color: var(--wa-color-text-quiet);
    white-space: nowrap;
  }
  .dot {
    width: 0.5rem;
    height: 0.5rem;
    border-radius: 50%;
    background: var(--wa-color-neutral-fill-loud);
  }
  .idle .dot {
    background: var(--llambo-petrol);
  }
  .busy .dot {
    background: var(--llambo-marigold);
  }
  .loading .dot {
    background: none;
    border: 2px solid var(--wa-color-text-quiet);
  }
  .error {
    color: var(--wa-color-danger-on-quiet);
  }
  .error .dot {
    background: var(--llambo-cochineal);
    border-radius: 1px;
  }
  @media (max-width: 40rem) {
    /* Only an icon and a number are left of it: the model's name beside it gives way. */
    swarm-button {
      flex: none;
    }
    .words {
      position: absolute;
      clip-path: inset(50%);
      width: 1px;
      overflow: hidden;
    }
  }
`;
