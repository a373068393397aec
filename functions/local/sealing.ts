/**
 * Sealing on one machine: the archive in a folder, the signer in this process, and timers that seal and
 * stamp.
 */

import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { fileArchive } from '../adapters/archive-files.ts'
import { fileCheckpointKey } from '../adapters/key-files.ts'
import { dynamodbLookups } from '../adapters/lookups-dynamodb.ts'
import { dynamodbMemory } from '../adapters/memory-dynamodb.ts'
import { dynamodbSealing, dynamodbSweep } from '../adapters/sealing-dynamodb.ts'
import { localTableNames } from '../adapters/tables.ts'
import { whyOf } from '../failure.ts'
import { verifierKey, writeVkey } from '../ledger/note.ts'
import type { Sealing, SealWorld, Witness } from '../log-ports.ts'
import type { World } from '../ports.ts'
import { sign } from '../sealing/sign.ts'
import { type StampWorld, stampAll } from '../sealing/stamp.ts'
import { type Swept, sealAll } from '../sealing/sweep.ts'

/**
 * Time between rounds of sealing, and of stamping, ms. A log already stamped today costs one look at a file.
 */
const [sealMs, stampMs] = [1000, 60_000]
/** After this long a round begins no further manifest, ms, so that stopping is quick. */
const roundMs = 10_000
/**
 * How far back before the last good round most rounds look, ms: longer than a call takes. Every
 * `roundsBetween` rounds, one looks at everything.
 */
const backMs = 60_000
const roundsBetween = 300
/** Most places to remember. */
const placesMax = 100_000

/** The archive and the signer of this machine, in its data folder. */
export function localLog(client: DynamoDBClient, data: string) {
  const memory = dynamodbMemory(client, localTableNames().signatures, 'signer')
  const key = fileCheckpointKey(join(data, 'checkpoint.pem'))
  return {
    archive: fileArchive(join(data, 'log'), randomUUID),
    signer: { sign: (extension) => sign(extension, { memory, key }) },
    vkey: (log) => writeVkey(verifierKey(log, 1, key.publicKey)),
  } satisfies Partial<SealWorld>
}

/** The world of this machine's sealer. */
export function localSealWorld(
  world: World,
  client: DynamoDBClient,
  log: ReturnType<typeof localLog>,
  witnesses: readonly Witness[],
  quorum: number,
): SealWorld {
  const names = localTableNames()
  return {
    ...world,
    ...log,
    sealing: remembering(dynamodbSealing(client, names.sealing)),
    sweep: dynamodbSweep(client, names.decisions),
    lookups: dynamodbLookups(client, names.lookups),
    witnesses,
    quorum,
  }
}

/**
 * Seals every log, round after round, until stopped. Says what goes wrong in a line, the same line only once.
 */
export function keepSealing(world: SealWorld, say: (line: string) => void) {
  const said = new Map<string, string>()
  const tell = (swept: Swept) => {
    const line = trouble(swept, world)
    if (line !== undefined && said.get(swept.log) !== line) say(line)
    said.set(swept.log, line ?? '')
  }
  // When the last complete round began: later entries may have waited through a slow round.
  let goodSince: number | undefined
  return again(sealMs, async (round) => {
    const now = world.now().getTime()
    const isWhole = goodSince === undefined || round % roundsBetween === 0
    const bounds = {
      until: new Date(now + roundMs),
      ...(isWhole ? {} : { from: new Date((goodSince ?? now) - backMs).toISOString() }),
    }
    const all: readonly Swept[] = await sealAll(world, bounds).catch((error: unknown) => [
      { log: world.gateway, error },
    ])
    const isBehind = all.some((each) => 'error' in each || each.left > 0)
    goodSince = isBehind ? undefined : now
    for (const each of all) tell(each)
  })
}

/**
 * Has the newest checkpoint of each log stamped once a day, until stopped. Says what goes wrong, the same only
 * once.
 */
export function keepStamping(world: StampWorld, say: (line: string) => void) {
  let said = ''
  return again(stampMs, async () => {
    const all = await stampAll(world).catch((error: unknown) => [{ log: world.gateway, error }])
    const lines = all.flatMap((each) => {
      if ('error' in each) return [whyOf(`couldn’t stamp ${each.log}`, each.error)]
      return 'why' in each ? [`${each.log}: not stamped: ${each.why}`] : []
    })
    const line = lines.join('\n')
    if (line !== said && line !== '') say(line)
    said = line
  })
}

/** Repeats `turn` until stopped. `stop` returns once nothing runs any more. */
function again(everyMs: number, turn: (round: number) => Promise<void>) {
  const stopping = new AbortController()
  const { signal } = stopping
  const run = async () => {
    for (let round = 0; !signal.aborted; round++) {
      await turn(round)
      await pause(everyMs, undefined, { signal }).catch(() => undefined)
    }
  }
  const running = run()
  return {
    stop: () => {
      stopping.abort()
      return running
    },
  }
}

function trouble(swept: Swept, { isStoreAway }: SealWorld): string | undefined {
  if (!('error' in swept))
    return swept.why && `${swept.log}: ${swept.published} of ${swept.size} published: ${swept.why}`
  const { log, error } = swept
  if (isStoreAway(error)) return `couldn’t seal ${log}: a store is away`
  return whyOf(`couldn’t seal ${log}`, error)
}

/** Remembers the places of entries, which never change once they are known. */
function remembering(sealing: Sealing): Sealing {
  const places = new Map<string, Awaited<ReturnType<Sealing['placeOf']>>>()
  return {
    ...sealing,
    async placeOf(eid) {
      const known = places.get(eid) ?? (await sealing.placeOf(eid))
      if (places.size >= placesMax) places.clear()
      if (known !== undefined) places.set(eid, known)
      return known
    },
  }
}
