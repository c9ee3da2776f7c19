/** Rules that every element with its own shadow root needs. */
import { css } from 'lit';

export const sharedStyles = css`
  :host {
    box-sizing: border-box;
  }
  *,
  *::before,
  *::after {
    box-sizing: inherit;
  }
  [hidden] {
    display: none !important;
  }
  .visually-hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    margin: -1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .quiet {
    color: var(--wa-color-text-quiet);
  }
  .figures {
    font-variant-numeric: tabular-nums;
  }
  .truncate {
    min-width: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  :focus-visible {
    outline: var(--wa-focus-ring);
    outline-offset: var(--wa-focus-ring-offset);
  }
  wa-button.icon::part(base) {
    width: 2rem;
    height: 2rem;
    padding: 0;
  }
  @media (pointer: coarse) {
    wa-button.icon::part(base) {
      width: 2.5rem;
      height: 2.5rem;
    }
  }
`;
