/**
 * Gives an element one slice of the snapshot and redraws it when that slice changed. Changes are gathered per animation
 * frame: 200 token batches a second cost at most 60 renders, and a hidden tab renders nothing until it is seen again.
 */
import { ContextConsumer } from '@lit/context';
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { AppStore } from '../protocol/app-store.ts';
import type { Snapshot } from '../protocol/snapshot.ts';
import { storeContext } from './context.ts';

export class StoreController<T extends object> implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #select: (snapshot: Snapshot) => T;
  readonly #ownStore: (() => AppStore) | undefined;
  #store: AppStore | undefined;
  #value: T | undefined;
  #unsubscribe: (() => void) | undefined;
  #frame = 0;

  /**
   * @param select must be pure; its result is compared field by field.
   * @param ownStore for the element that provides the store itself. Others take it from the context.
   */
  constructor(host: ReactiveControllerHost & HTMLElement, select: (snapshot: Snapshot) => T, ownStore?: () => AppStore) {
    this.#host = host;
    this.#select = select;
    this.#ownStore = ownStore;
    if (!ownStore) new ContextConsumer(host, { context: storeContext, callback: (store) => this.#attach(store) });
    host.addController(this);
  }

  /** The slice as of the last frame. Only to be read while connected. */
  get value(): T {
    if (this.#value === undefined) throw new Error('StoreController: no store above this element.');
    return this.#value;
  }

  hostConnected(): void {
    const store = this.#ownStore?.() ?? this.#store;
    if (store) this.#attach(store);
  }

  hostDisconnected(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
  }

  #attach(store: AppStore): void {
    this.#unsubscribe?.();
    this.#store = store;
    this.#unsubscribe = store.subscribe(() => {
      if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#read(store));
    });
    this.#read(store);
  }

  #read(store: AppStore): void {
    this.#frame = 0;
    const next = this.#select(store.snapshot());
    if (this.#value !== undefined && sameFields(this.#value, next)) return;
    this.#value = next;
    this.#host.requestUpdate();
  }
}

function sameFields(a: object, b: object): boolean {
  if (a === b) return true;
  const left = Object.entries(a);
  const right = b as Record<string, unknown>;
  return left.length === Object.keys(b).length && left.every(([key, value]) => Object.is(value, right[key]));
}
