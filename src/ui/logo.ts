/** The mark: a lambda that is a llama, with its woven blanket. `public/favicon.svg` is the same drawing. */
import { html, type TemplateResult } from 'lit';

export const logo = (): TemplateResult => html`
  <svg viewBox="0 0 32 32" width="1em" height="1em" aria-hidden="true" focusable="false">
  <rect width="32" height="32" rx="8" fill="#0b6b72"/>
    <path d="M12.6 9.4 21.3 26" fill="none" stroke="#fff" stroke-width="3.4" stroke-linecap="round"/>
    <path d="m17 18.6-4.4 7.4" fill="none" stroke="#fff" stroke-width="3.4" stroke-linecap="round"/>
    <path d="M7.7 10.6h4.6" fill="none" stroke="#fff" stroke-width="4.2" stroke-linecap="round"/>
    <path d="M10.9 8.2V4.9M14 8.4l.9-3.3" fill="none" stroke="#fff" stroke-width="2" stroke-linecap="round"/>
    <path d="m16 21 4.9-2.7" fill="none" stroke="#f3b53f" stroke-width="2.2"/>
    <path d="m14.6 18.9 4.9-2.7" fill="none" stroke="#d33a55" stroke-width="2.2"/>
    <circle cx="10.9" cy="10" r=".95" fill="#0b6b72"/>
  </svg>
`;
