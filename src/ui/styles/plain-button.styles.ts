import { css } from 'lit';

/** For buttons that come by the hundred: a plain one each, where Web Awesome's would bring a shadow tree. */
export const plainButtonStyles = css`
  button {
    border: 0;
    border-radius: var(--wa-border-radius-m);
    background: none;
    color: inherit;
    font: inherit;
    cursor: pointer;
  }
`;
