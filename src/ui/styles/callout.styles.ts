import { css } from 'lit';

/** What a callout holds: words, an advice below them, and a button that closes it. */
export const calloutStyles = css`
  .row {
    display: flex;
    align-items: flex-start;
    gap: 0.5rem;
  }
  .text {
    flex: 1;
    min-width: 0;
    overflow-wrap: anywhere;
  }
  p {
    margin: 0.125rem 0 0;
  }
`;
