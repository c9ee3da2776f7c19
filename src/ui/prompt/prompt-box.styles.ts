import { css } from 'lit';

export const promptBoxStyles = css`
  :host {
    display: block;
    width: 100%;
    max-width: calc(var(--llambo-column) + 1rem);
    margin: 0 auto;
    padding: 0 0.5rem max(0.5rem, env(safe-area-inset-bottom));
  }
  .card {
    border: 1px solid var(--wa-color-neutral-border-normal);
    border-radius: 0.875rem;
    background: var(--wa-color-surface-raised);
    box-shadow: var(--wa-shadow-s);
    transition: border-color var(--wa-transition-fast);
  }
  .card:focus-within {
    border-color: var(--wa-color-brand-border-loud);
  }
  wa-textarea::part(form-control-label) {
    position: absolute;
    clip-path: inset(50%);
  }
  wa-textarea::part(base),
  wa-textarea::part(textarea) {
    border: 0;
    background: none;
    outline: none;
    box-shadow: none;
  }
  wa-textarea::part(textarea) {
    max-height: 40vh;
    min-height: 2.75rem;
    overflow-y: auto;
    padding: 0.75rem 0.875rem 0.25rem;
    font-size: 0.9375rem;
    line-height: 1.5;
  }
  .attached {
    display: flex;
    align-items: center;
    gap: 0.5rem;
    width: fit-content;
    max-width: calc(100% - 1.5rem);
    margin: 0.625rem 0.75rem 0;
    padding: 0.25rem 0.25rem 0.25rem 0.625rem;
    border: 1px solid var(--wa-color-surface-border);
    border-radius: var(--wa-border-radius-m);
    font-size: var(--wa-font-size-xs);
  }
  .asked {
    background: var(--wa-color-brand-fill-quiet);
    border-color: transparent;
  }
  .asked.gone {
    background: var(--wa-color-warning-fill-quiet);
    color: var(--wa-color-warning-on-quiet);
  }
  .bar {
    display: flex;
    align-items: center;
    gap: 0.25rem;
    padding: 0 0.375rem 0.375rem;
  }
  .bar .hint {
    flex: 1;
    padding-inline: 0.25rem;
    font-size: var(--wa-font-size-xs);
    color: var(--wa-color-text-quiet);
    text-align: end;
  }
  .send::part(base) {
    width: 2.25rem;
    height: 2.25rem;
    padding: 0;
    border-radius: 0.625rem;
  }
  @media (max-width: 40rem) {
    .keys {
      display: none;
    }
    /* Below 16 px iOS zooms into the field. */
    wa-textarea::part(textarea) {
      font-size: 1rem;
    }
  }
`;
