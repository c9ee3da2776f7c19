import { css } from 'lit';

/** What the person's and the model's messages share. */
export const messageStyles = css`
  :host {
    display: block;
    content-visibility: auto;
    contain-intrinsic-size: auto 8rem;
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.125rem;
    min-height: 2rem;
    color: var(--wa-color-text-quiet);
  }
  .actions wa-button {
    font-size: var(--wa-font-size-s);
  }
  .actions wa-button.icon::part(base) {
    width: 1.875rem;
    height: 1.875rem;
  }
`;
