import { css } from 'lit';

export const namespaceTreeStyles = css`
  :host {
    display: block;
  }
  summary {
    min-height: 2.25rem;
    padding: 0.25rem 0.5rem;
    margin-inline: -0.5rem;
    font-weight: var(--wa-font-weight-semibold);
  }
  summary wa-icon {
    margin-inline-start: auto;
    font-size: 0.875rem;
    color: var(--wa-color-text-quiet);
  }
  [open] > summary wa-icon {
    rotate: 180deg;
  }
  .inside {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 0.625rem;
    padding-top: 0.375rem;
  }
  .head {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 0.5rem;
  }
  .head p {
    min-width: 0;
    overflow-wrap: anywhere;
  }
  wa-tree {
    --indent-size: 0.875rem;
    max-height: 16rem;
    overflow: auto;
    font-size: var(--wa-font-size-s);
  }
  wa-tree-item::part(label) {
    overflow-wrap: anywhere;
  }
  pre {
    margin: 0;
    max-height: 16rem;
    overflow: auto;
    padding: 0.5rem 0.625rem;
    border: 1px solid var(--wa-color-surface-border);
    border-radius: var(--wa-border-radius-m);
    background: var(--wa-color-surface-lowered);
    color: var(--wa-color-text-normal);
    font-size: var(--wa-font-size-xs);
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
`;
