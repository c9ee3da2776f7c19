/** What form and text of the configuration have in common. Plain controls: there are some fifty, and each tells by itself what is wrong with it. */
import { css } from 'lit';

export const configStyles = css`
  :host {
    display: grid;
    gap: 0.75rem;
    min-width: 0;
  }
  h4,
  p,
  ul {
    margin: 0;
  }
  .small,
  .hint {
    font-size: var(--wa-font-size-xs);
    line-height: 1.4;
  }
  .wrong {
    color: var(--wa-color-danger-on-quiet);
    font-size: var(--wa-font-size-xs);
    line-height: 1.4;
    overflow-wrap: anywhere;
  }
  .row {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.5rem;
  }
  input,
  select,
  textarea {
    box-sizing: border-box;
    width: 100%;
    min-width: 0;
    padding: 0.375rem 0.5rem;
    border: 1px solid var(--wa-form-control-border-color);
    border-radius: var(--wa-form-control-border-radius);
    background: var(--wa-form-control-background-color);
    color: var(--wa-form-control-value-color);
    font: inherit;
    font-size: var(--wa-font-size-s);
  }
  ::placeholder {
    color: var(--wa-color-text-quiet);
    opacity: 1;
  }
  [aria-invalid='true'] {
    border-color: var(--wa-color-danger-border-loud);
  }
  :disabled,
  [readonly] {
    background: var(--wa-color-surface-lowered);
    color: var(--wa-color-text-quiet);
  }
`;
