import { css } from 'lit';

export const markdownStyles = css`
  :host {
    display: flow-root;
    overflow-wrap: anywhere;
    line-height: 1.65;
  }
  /* What is off screen is neither laid out nor painted: a long answer costs no more per frame than a short one. */
  .block,
  code-block {
    content-visibility: auto;
    contain-intrinsic-block-size: auto 3lh;
    margin-block: 0 0.75em;
  }
  .block > :first-child {
    margin-block-start: 0;
  }
  .block > :last-child {
    margin-block-end: 0;
  }
  h3 {
    margin: 0;
    padding-block-start: 0.4em;
    font-weight: var(--wa-font-weight-heading);
    line-height: 1.3;
  }
  .depth-1 {
    font-size: 1.3125em;
  }
  .depth-2 {
    font-size: 1.1875em;
  }
  .depth-3 {
    font-size: 1.0625em;
  }
  .depth-4,
  .depth-5,
  .depth-6 {
    font-size: 1em;
  }
  ul,
  ol {
    padding-inline-start: 1.5em;
  }
  li + li,
  li > ul,
  li > ol {
    margin-block-start: 0.25em;
  }
  li > p {
    margin: 0.25em 0;
  }
  li::marker {
    color: var(--wa-color-text-quiet);
  }
  a[href] {
    color: var(--wa-color-text-link);
    text-decoration: underline;
    text-underline-offset: 0.15em;
  }
  code {
    padding: 0.125em 0.3em;
    border-radius: var(--wa-border-radius-s);
    background: var(--wa-color-neutral-fill-quiet);
    font-family: var(--wa-font-family-code);
    font-size: 0.9em;
  }
  blockquote {
    margin-inline: 0;
    padding-inline-start: 1em;
    border-inline-start: 3px solid var(--wa-color-neutral-border-normal);
    color: var(--wa-color-text-quiet);
  }
  hr {
    border: 0;
    border-top: 1px solid var(--wa-color-surface-border);
    margin: 1.25em 0;
  }
  .table {
    overflow-x: auto;
    margin: 0.75em 0;
    border: 1px solid var(--wa-color-surface-border);
    border-radius: var(--wa-border-radius-l);
  }
  table {
    border-collapse: collapse;
    min-width: 100%;
    font-size: 0.9375em;
    font-variant-numeric: tabular-nums;
  }
  th,
  td {
    padding: 0.4rem 0.75rem;
    text-align: start;
    vertical-align: top;
  }
  [align='right'] {
    text-align: end;
  }
  [align='center'] {
    text-align: center;
  }
  th {
    background: var(--wa-color-surface-lowered);
    font-weight: var(--wa-font-weight-semibold);
  }
  tr + tr > td,
  thead + tbody > tr > td {
    border-top: 1px solid var(--wa-color-surface-border);
  }
  .plain {
    white-space: pre-wrap;
  }
  .cursor {
    display: inline-block;
    width: 1.75rem;
    height: 0.3125rem;
    margin-block: 0.25rem;
    border-radius: 1px;
    background: var(--llambo-weave);
    background-size: 56px 100%;
    animation: weave 1.6s linear infinite;
  }
  @keyframes weave {
    to {
      background-position-x: 56px;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    .cursor {
      animation: none;
    }
  }
`;
