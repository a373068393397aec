/** Ports that are read once one of them is asked: no start waits for what most calls never need. */

import { once } from './once.ts'
import type { rareStores } from './rare-stores.ts'

/** The stores that most answers do not need, read once one of them is asked. */
export const lazyStores: typeof rareStores = (...of) =>
  lazy(async () => (await import('./rare-stores.ts')).rareStores(...of))

/** Ports, by name. Whatever they answer is waited for. */
type Ports<Own> = {
  readonly [Name in keyof Own]: {
    readonly [Call in keyof Own[Name]]: (...given: never[]) => Promise<unknown>
  }
}

/** The ports that `load` makes. It is called once, before the first of them answers. */
export function lazy<Own extends Ports<Own>>(load: () => Promise<Own>): Own {
  const loaded = once(load)
  const port = (name: keyof Own) =>
    new Proxy(
      {},
      {
        get:
          (_, call) =>
          async (...given: never[]) => {
            const own = (await loaded())[name]
            // A cast: what is asked of this port is asked of its adapter.
            return own[call as keyof typeof own](...given)
          },
      },
    )
  // Casts: every name is one of its ports, and a port has every call.
  return new Proxy({} as Own, { get: (_, name) => port(name as keyof Own) })
}
