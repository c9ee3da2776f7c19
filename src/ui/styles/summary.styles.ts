import { css } from 'lit';

/** A line that opens what is below it: the whole of it can be clicked, and it has no marker of the browser's. */
export const summaryStyles = css`
  summary {
    display: flex;
    align-items: center;
    gap: 0.5rem;
    border-radius: var(--wa-border-radius-m);
    cursor: pointer;
    list-style: none;
  }
  summary::-webkit-details-marker {
    display: none;
  }
  summary:hover {
    background: var(--wa-color-neutral-fill-quiet);
  }
`;
