import { css } from 'lit';

export const pictureStyles = css`
  :host {
    display: block;
  }
  svg {
    display: block;
    width: 100%;
    max-height: 24rem;
  }
  .link {
    stroke: var(--wa-color-neutral-border-loud);
    stroke-width: 1;
    opacity: 0.55;
  }
  .link.own {
    stroke: var(--llambo-petrol);
    stroke-width: 1.75;
    opacity: 0.9;
  }
  .crowded .link {
    opacity: 0.3;
  }
  .crowded .link.own {
    opacity: 0.8;
  }
  .link.suspect {
    stroke: var(--wa-color-warning-border-loud);
    stroke-dasharray: 5 5;
    opacity: 1;
  }
  .disc {
    fill: var(--wa-color-surface-raised);
    stroke: var(--wa-color-neutral-border-loud);
    stroke-width: 1.5;
  }
  .self .disc {
    stroke: var(--llambo-petrol);
    stroke-width: 3.5;
  }
  .suspect .disc {
    stroke: var(--wa-color-warning-border-loud);
    stroke-dasharray: 4 3;
  }
  .engine {
    fill: var(--llambo-petrol);
    stroke: none;
  }
  .engine.busy {
    fill: var(--llambo-marigold);
    stroke: oklch(55% 0.12 75);
    stroke-width: 0.75;
  }
  .engine.loading,
  .engine.stopped {
    fill: none;
    stroke: var(--wa-color-text-quiet);
    stroke-width: 1;
  }
  .engine.error {
    fill: var(--llambo-cochineal);
  }
  .star {
    fill: var(--llambo-marigold);
    stroke: var(--wa-color-surface-raised);
    stroke-width: 1.5;
    paint-order: stroke;
  }
  text {
    fill: var(--wa-color-text-normal);
    stroke: var(--wa-color-surface-raised);
    stroke-width: 4px;
    stroke-linejoin: round;
    paint-order: stroke;
    font-size: 13px;
    unicode-bidi: plaintext;
  }
  .roles {
    fill: var(--wa-color-text-quiet);
    font-size: 12px;
  }
  .peer {
    animation: arrive 400ms ease-out;
  }
  @keyframes arrive {
    from {
      opacity: 0;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    .peer {
      animation: none;
    }
  }
`;
