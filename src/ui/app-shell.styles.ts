import { css } from 'lit';

export const appShellStyles = css`
  :host {
    display: grid;
    grid-template-columns: var(--llambo-sidebar) minmax(0, 1fr);
    grid-template-rows: minmax(0, 1fr);
    height: 100dvh;
    color: var(--wa-color-text-normal);
    background: var(--wa-color-surface-default);
  }
  :host([narrow]) {
    grid-template-columns: minmax(0, 1fr);
  }
  .side {
    min-height: 0;
    border-inline-end: 1px solid var(--wa-color-surface-border);
  }
  .skip {
    position: absolute;
    inset: -4rem auto auto 0.5rem;
    z-index: 10;
    padding: 0.5rem 0.875rem;
    border: 0;
    font: inherit;
    border-radius: var(--wa-border-radius-m);
    background: var(--wa-color-brand-fill-loud);
    color: var(--wa-color-brand-on-loud);
  }
  .skip:focus {
    inset-block-start: 0.5rem;
  }
  .main {
    position: relative;
    display: grid;
    grid-template: auto auto minmax(0, 1fr) auto / minmax(0, 1fr);
    min-height: 0;
    min-width: 0;
  }
  .banner {
    display: block;
    padding: 0.375rem 0.875rem;
    background: var(--llambo-marigold);
    color: oklch(20% 0.03 80);
    font-size: var(--wa-font-size-xs);
    font-weight: var(--wa-font-weight-semibold);
    text-align: center;
  }
  .startup {
    display: flex;
    align-items: center;
    gap: 0.5rem;
    max-width: var(--llambo-column);
    margin: 0 auto;
    padding: 0 1rem 0.5rem;
    font-size: var(--wa-font-size-xs);
    color: var(--wa-color-text-quiet);
  }
  .foot {
    min-width: 0;
  }
  wa-drawer {
    --size: min(19rem, 88vw);
    --spacing: 0;
  }
  wa-drawer::part(body) {
    padding: 0;
    overflow: hidden;
  }
  live-announcer {
    position: absolute;
  }
  .drop {
    position: absolute;
    inset: 0.75rem;
    z-index: 9;
    display: grid;
    place-content: center;
    gap: 0.25rem;
    border: 2px dashed var(--wa-color-brand-border-loud);
    border-radius: 0.875rem;
    background: color-mix(in oklab, var(--wa-color-surface-raised) 94%, transparent);
    text-align: center;
    pointer-events: none;
  }
  .drop strong {
    font-size: 1.125rem;
  }
`;
