import { css } from 'lit';

export const sideBarStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    min-height: 0;
    height: 100%;
    background: var(--wa-color-surface-lowered);
  }
  .weave {
    flex: none;
    height: 5px;
    background: var(--llambo-weave);
  }
  .brand {
    display: flex;
    align-items: center;
    gap: 0.5rem;
    min-height: var(--llambo-header);
    padding: 0.25rem 0.5rem 0.25rem 0.875rem;
  }
  .name {
    flex: 1;
    font-size: 1.0625rem;
    font-weight: 680;
    letter-spacing: -0.015em;
  }
  .mark {
    display: inline-flex;
    font-size: 1.5rem;
  }
  .new {
    margin: 0 0.625rem 0.5rem;
  }
  nav {
    flex: 1;
    min-height: 0;
    overflow-y: auto;
    padding: 0 0.625rem 0.5rem;
  }
  h2 {
    margin: 0.5rem 0.5rem 0.25rem;
    font-size: var(--wa-font-size-xs);
    font-weight: var(--wa-font-weight-semibold);
    color: var(--wa-color-text-quiet);
  }
  ul {
    margin: 0;
    padding: 0;
    list-style: none;
  }
  .more {
    width: 100%;
    margin-top: 0.25rem;
  }
  .foot {
    display: grid;
    grid-template-columns: 1fr auto auto;
    gap: 0.125rem;
    padding: 0.375rem 0.625rem max(0.5rem, env(safe-area-inset-bottom));
    border-top: 1px solid var(--wa-color-surface-border);
  }
  .foot .wide::part(base) {
    justify-content: flex-start;
    padding-inline: 0.5rem;
  }
`;
