import { css } from 'lit';

export const conversationItemStyles = css`
  :host {
    display: block;
    content-visibility: auto;
    contain-intrinsic-size: auto 2.125rem;
  }
  .row {
    display: flex;
    align-items: center;
    border-radius: var(--wa-border-radius-m);
  }
  .row:hover,
  .row:focus-within {
    background: var(--wa-color-neutral-fill-quiet);
  }
  :host([current]) .row {
    background: var(--wa-color-brand-fill-quiet);
    color: var(--wa-color-brand-on-normal);
    font-weight: var(--wa-font-weight-semibold);
  }
  button:focus-visible {
    outline-offset: -2px;
  }
  .open {
    flex: 1;
    min-height: 2.125rem;
    padding: 0 0.5rem;
    text-align: start;
  }
  .dots {
    flex: none;
    display: grid;
    place-items: center;
    width: 2rem;
    height: 2rem;
    color: var(--wa-color-text-quiet);
  }
  @media (hover: hover) {
    .row:not(:hover):not(:focus-within) .dots {
      opacity: 0;
    }
    :host([current]) .row .dots {
      opacity: 1;
    }
  }
  @media (pointer: coarse) {
    .open,
    .dots {
      min-height: 2.5rem;
    }
  }
  wa-input::part(form-control-label) {
    position: absolute;
    clip-path: inset(50%);
  }
`;
