/** The mark: a lambda that is a llama. Ears, muzzle, neck and hind leg are one stroke; the fore leg is the lambda's other one. */
import { svg, type TemplateResult } from 'lit';

export const logo = (): TemplateResult => svg`
  <svg viewBox="0 0 32 32" width="1em" height="1em" aria-hidden="true" focusable="false">
    <rect width="32" height="32" rx="8" fill="var(--llambo-logo-ground, #0b6b72)"/>
    <path d="M8.4 10.9h3.5c1.5 0 2.4.8 2.9 2.2l4 10.6c.5 1.3 1.4 2 2.7 2h1.6" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"/>
    <path d="m15.6 17.2-4.3 8.5" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round"/>
    <path d="M11.7 9.4 11 5.2M14.2 10.2l1-3.9" fill="none" stroke="#fff" stroke-width="2" stroke-linecap="round"/>
    <path d="M20.2 10h5.3M21.6 13.4h5.3M23 16.8h3.6" fill="none" stroke-width="1.7" stroke-linecap="round" stroke="#f3b53f"/>
  </svg>
`;
