/** Counts what `node:crypto` is asked, by those too who import its functions by name. */

import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import { onTestFinished, vi } from 'vitest'

/** The calls of a function until the test ends. */
export function callsOf(name: 'createPublicKey' | 'verify') {
  const spy = vi.spyOn(crypto, name)
  syncBuiltinESMExports()
  onTestFinished(() => {
    spy.mockRestore()
    syncBuiltinESMExports()
  })
  return spy
}
