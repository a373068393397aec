/**
 * A witness on this machine, with its own key and memory, which speaks HTTP like any other witness. It shows
 * that the protocol works, but only a witness that somebody else runs keeps us honest.
 */

import { existsSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { fileCheckpointKey } from '../adapters/key-files.ts'
import { ComityError } from '../failure.ts'
import { type WitnessEvent, witnessApi } from '../http/witness-api.ts'
import { emptyRoot } from '../ledger/merkle.ts'
import { verifierKey, writeVkey } from '../ledger/note.ts'
import type { Memory } from '../log-ports.ts'
import type { WitnessWorld } from '../sealing/witness.ts'

/** A running witness. */
export type LocalWitness = {
  readonly vkey: string
  /** Its submission prefix, on a free port of 127.0.0.1. */
  readonly url: string
  close(): Promise<void>
}

/** What a witness needs to start. */
export type WitnessOptions = Pick<WitnessWorld, 'memory' | 'logKey'> & {
  readonly name: string
  /** Its private key (PKCS #8, PEM), made at the first start. */
  readonly keyFile: string
  readonly now: () => Date
  readonly log: (event: WitnessEvent) => void
}

/** Starts a witness. Rejects if it signed before and lost its memory: see `remember`. */
export async function startWitness(options: WitnessOptions): Promise<LocalWitness> {
  const { name, keyFile, memory, logKey, now, log } = options
  await remember(name, keyFile, memory)
  const signing = fileCheckpointKey(keyFile)
  const key = verifierKey(name, 4, signing.publicKey)
  const { fetch } = witnessApi({ key, signing, memory, logKey }, now, log)
  return new Promise((resolve, reject) => {
    const server = serve({ fetch, hostname: '127.0.0.1', port: 0 }, ({ port }: AddressInfo) =>
      resolve({
        vkey: writeVkey(key),
        url: `http://127.0.0.1:${port}`,
        close: () => new Promise((closed) => server.close(() => closed())),
      }),
    )
    server.on('error', reject)
  })
}

/** The name under which the memory notes that it exists. No log has such an origin. */
const beginning = 'beginning'

/**
 * A witness that lost its memory would begin every log anew, and could cosign a second history. So its memory
 * notes that it exists before the key is made. A key without a memory then means that the memory was lost, and
 * such a key must never sign again.
 */
async function remember(name: string, keyFile: string, memory: Memory): Promise<void> {
  if ((await memory.last(beginning)) !== undefined) return
  if (existsSync(keyFile))
    throw new ComityError(
      `couldn’t start the witness ${name}: it has a key, \`${keyFile}\`, but no memory of what it` +
        ' signed; restore its memory, or remove the key and give its new one to all who trust it',
    )
  await memory.advance(beginning, 0, { size: 1, root: emptyRoot })
}
