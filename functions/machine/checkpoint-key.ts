/** The keys of machines of one's own: the same on each, in files or in a hardware module, and never made a second time. */

import { existsSync } from 'node:fs'
import { fileCheckpointKey, fileWrapper } from '../adapters/key-files.ts'
import { isPkcs11, pkcs11CheckpointKey, pkcs11Wrapper } from '../adapters/pkcs11.ts'
import type { Wrapper } from '../adapters/secrets.ts'
import { ComityError } from '../failure.ts'
import type { Memory } from '../log-ports.ts'
import type { SigningKey } from '../ports.ts'

/** The names under which the signer's memory keeps the key, and whose store it is. No log has such an origin. */
export const beginning = 'beginning'
const named = 'gateway'

/** What wraps the secrets, in a file or in a module. */
export const wrapperIn = (place: string): Wrapper =>
  isPkcs11(place) ? pkcs11Wrapper(place) : fileWrapper(place)

/** The key of the checkpoints, in a file, which is made if it is not there, or in a module. */
export const checkpointKeyIn = (place: string): SigningKey =>
  isPkcs11(place) ? pkcs11CheckpointKey(place) : fileCheckpointKey(place)

/**
 * The key of the checkpoints, whose public half the memory keeps from then on, and the gateway's name. Throws if there is
 * no key, or it is another than the one that signed so far, or the store is another gateway's: a second key or name would
 * begin a second history.
 */
export async function checkpointKeyOf(
  place: string,
  memory: Memory,
  gateway: string,
  logs: Logs,
): Promise<SigningKey> {
  const known = await memory.last(beginning)
  if (!isPkcs11(place) && !existsSync(place))
    throw new ComityError(
      known === undefined
        ? `couldn’t start: there is no key of the checkpoints, \`${place}\`; run \`comity init\` once`
        : `couldn’t start: \`${place}\` is not there; copy it from a machine that has it`,
    )
  const key = checkpointKeyIn(place)
  const root = known?.root ?? key.publicKey
  if (known === undefined) {
    // No checkpoint has this text: it shows whether the key signs, before its public half is the store's for ever.
    await key.sign(Buffer.from('comity: the first use of a key'))
    if (!(await memory.advance(beginning, 0, { size: 1, root })))
      return checkpointKeyOf(place, memory, gateway, logs)
  }
  if (Buffer.compare(root, key.publicKey) === 0) {
    await expectGateway(gateway, memory, logs)
    return key
  }
  throw new ComityError(
    isPkcs11(place)
      ? 'couldn’t start: the key in the module is not the one that signs the checkpoints of this store; name that one in COMITY_CHECKPOINT_KEY'
      : `couldn’t start: \`${place}\` is not the key that signs the checkpoints of this store; copy it from a machine that has it`,
  )
}

/** What the signer remembers: the names of logs, which begin with their gateway's, and few others. */
type Logs = () => Promise<readonly string[]>

/** Refuses a store that another gateway began: all its logs have that one's name, which the memory keeps from then on. */
export async function expectGateway(gateway: string, memory: Memory, logs: Logs): Promise<void> {
  const root = Buffer.from(gateway)
  const known = await memory.last(named)
  // A store from before the name was kept has it in those of its logs.
  const ofLogs = async () =>
    (await logs()).filter((each) => each.includes('/')).map((each) => each.split('/')[0])
  const names = known === undefined ? await ofLogs() : [Buffer.from(known.root).toString()]
  const begun = names.find((each) => each !== gateway) ?? gateway
  if (begun === gateway) {
    if (known === undefined && !(await memory.advance(named, 0, { size: 1, root })))
      await expectGateway(gateway, memory, logs)
    return
  }
  throw new ComityError(
    `couldn’t start: this is the store of \`${begun}\`, and COMITY_GATEWAY says \`${gateway}\`; give it the name that the logs have, or another store`,
  )
}
