import { css } from 'lit';

/** Lists of things with acts, in dialogs. */
export const rowStyles = css`
  .rows {
    margin: 0 0 1rem;
    padding: 0;
    list-style: none;
  }
  .rows:empty {
    display: none;
  }
  .rows > li {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.375rem;
    padding: 0.75rem 0;
    border-bottom: 1px solid var(--wa-color-surface-border);
  }
  .rows .grow {
    flex: 1 1 14rem;
    min-width: 0;
  }
`;
