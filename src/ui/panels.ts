/** Dialogs and drawers: their code is loaded when one is opened first. */
import { html, type TemplateResult } from 'lit';
import type { Panel } from './events.ts';

const load: Readonly<Record<Panel, () => Promise<unknown>>> = {
  models: () => import('./dialogs/model-dialog.ts'),
  settings: () => import('./dialogs/settings-drawer.ts'),
  templates: () => import('./dialogs/templates-dialog.ts'),
  shortcuts: () => import('./dialogs/shortcuts-dialog.ts'),
  swarm: () => import('./swarm/swarm-panel.ts'),
};

/** The elements open themselves once they are defined. */
export function renderPanel(panel: Panel): TemplateResult {
  void load[panel]();
  switch (panel) {
    case 'models':
      return html`<model-dialog></model-dialog>`;
    case 'settings':
      return html`<settings-drawer></settings-drawer>`;
    case 'templates':
      return html`<templates-dialog></templates-dialog>`;
    case 'shortcuts':
      return html`<shortcuts-dialog></shortcuts-dialog>`;
    case 'swarm':
      return html`<swarm-panel></swarm-panel>`;
  }
}
