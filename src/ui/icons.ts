/**
 * All icons of the page, bundled. Web Awesome would fetch its own from a vendor's host: both of its libraries are
 * replaced by this one, so that a page without a network shows the same.
 */
import { registerIconLibrary } from '@awesome.me/webawesome/dist/components/icon/library.js';
import alert from 'heroicons/24/outline/exclamation-triangle.svg?raw';
import archive from 'heroicons/24/outline/arrow-up-tray.svg?raw';
import bars from 'heroicons/24/outline/bars-3.svg?raw';
import check from 'heroicons/24/outline/check.svg?raw';
import chevronDown from 'heroicons/24/outline/chevron-down.svg?raw';
import chevronLeft from 'heroicons/24/outline/chevron-left.svg?raw';
import chevronRight from 'heroicons/24/outline/chevron-right.svg?raw';
import chip from 'heroicons/24/outline/cpu-chip.svg?raw';
import copy from 'heroicons/24/outline/square-2-stack.svg?raw';
import document from 'heroicons/24/outline/document-text.svg?raw';
import down from 'heroicons/24/outline/arrow-down.svg?raw';
import download from 'heroicons/24/outline/arrow-down-tray.svg?raw';
import ellipsis from 'heroicons/24/outline/ellipsis-horizontal.svg?raw';
import forward from 'heroicons/24/outline/forward.svg?raw';
import info from 'heroicons/24/outline/information-circle.svg?raw';
import leave from 'heroicons/24/outline/arrow-right-start-on-rectangle.svg?raw';
import link from 'heroicons/24/outline/link.svg?raw';
import lock from 'heroicons/24/outline/lock-closed.svg?raw';
import minus from 'heroicons/24/outline/minus.svg?raw';
import pause from 'heroicons/24/outline/pause.svg?raw';
import pencil from 'heroicons/24/outline/pencil.svg?raw';
import pencilSquare from 'heroicons/24/outline/pencil-square.svg?raw';
import plus from 'heroicons/24/outline/plus.svg?raw';
import question from 'heroicons/24/outline/question-mark-circle.svg?raw';
import refresh from 'heroicons/24/outline/arrow-path.svg?raw';
import send from 'heroicons/24/outline/arrow-up.svg?raw';
import share from 'heroicons/24/outline/share.svg?raw';
import sliders from 'heroicons/24/outline/adjustments-horizontal.svg?raw';
import star from 'heroicons/24/solid/star.svg?raw';
import stop from 'heroicons/24/solid/stop.svg?raw';
import template from 'heroicons/24/outline/bookmark.svg?raw';
import trash from 'heroicons/24/outline/trash.svg?raw';
import user from 'heroicons/24/outline/user.svg?raw';
import userPlus from 'heroicons/24/outline/user-plus.svg?raw';
import users from 'heroicons/24/outline/user-group.svg?raw';
import xmark from 'heroicons/24/outline/x-mark.svg?raw';

const icons: Readonly<Record<string, string>> = {
  alert,
  bars,
  check,
  chip,
  copy,
  document,
  down,
  download,
  ellipsis,
  forward,
  info,
  leave,
  link,
  lock,
  minus,
  pause,
  pencil,
  plus,
  question,
  refresh,
  send,
  share,
  sliders,
  star,
  stop,
  template,
  trash,
  upload: archive,
  user,
  users,
  xmark,
  'chevron-down': chevronDown,
  'chevron-left': chevronLeft,
  'chevron-right': chevronRight,
  'new-chat': pencilSquare,
  'user-plus': userPlus,
  // What Web Awesome's own elements ask for.
  'circle-xmark': xmark,
  'circle-exclamation': alert,
};

const toUrl = (svg: string): string => `data:image/svg+xml,${encodeURIComponent(svg.replace('stroke-width="1.5"', 'stroke-width="1.75"'))}`;
const urls = new Map(Object.entries(icons).map(([name, svg]) => [name, toUrl(svg)]));
const missing = toUrl('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"></svg>');

export function registerIcons(): void {
  for (const library of ['default', 'system']) {
    registerIconLibrary(library, { resolver: (name) => urls.get(name) ?? missing });
  }
}
