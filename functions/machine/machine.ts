/** Everything that one machine runs: both APIs, the sealer, the signer and the clocks. Doors say on what. */

import { randomUUID } from 'node:crypto'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { answerEndsMs } from '../adapters/answer-ends.ts'
import { endingWithin } from '../adapters/aws-post.ts'
import { lawFrom } from '../adapters/carried-law.ts'
import { dynamodbMarks } from '../adapters/chains-dynamodb.ts'
import { runningLaw } from '../adapters/law-dynamodb.ts'
import { dynamodbMemory } from '../adapters/memory-dynamodb.ts'
import { rareStores } from '../adapters/rare-stores.ts'
import type { Wrapper } from '../adapters/secrets.ts'
import { dynamodbSessions } from '../adapters/sessions-dynamodb.ts'
import { dynamodbEarlierKeys } from '../adapters/subject-keys-dynamodb.ts'
import { tableNames } from '../adapters/tables.ts'
import { makeWorld } from '../adapters/world.ts'
import { seePicture } from '../answer/offices/picture.ts'
import type { Config } from '../config.ts'
import { consolePages, isConsolePath } from '../console/console.ts'
import type { ConsoleWorld, LoginProvider } from '../console-ports.ts'
import { accessApi } from '../http/access-api.ts'
import { auditApi, isAuditPath } from '../http/audit-api.ts'
import { runtimePause } from '../http/trace.ts'
import type { Authority, Remains } from '../log-ports.ts'
import type { Runnable } from '../policy/carried.ts'
import { sealAll } from '../sealing/sweep.ts'
import type { BoundedCaller } from './bounds.ts'
import { beginning } from './checkpoint-key.ts'
import { readiness } from './ready.ts'
import {
  keepForgetting,
  keepSealing,
  keepStamping,
  keepTime,
  keepWatching,
  type SayLine,
} from './rounds.ts'
import { type KeptLog, sealWorld } from './seal-world.ts'
import { turns } from './turns.ts'
// What a function reads once it is asked, a machine reads at its start: its folder may be replaced while it runs, and
// the next version's code is not the build that entries name.
import '../answer/handovers/package-page.ts'
import '../answer/reply/languages.ts'
import '../answer/entries/marks.ts'
import '../http/landing.ts'
import '../http/rare-api.ts'
import '../http/openapi.ts'
import '../policy/json-fault.ts'
import '../policy/read-book.ts'

/** How long an act on a person waits for entries to be sealed, ms; a caller waits 29 s at most. */
const actMs = 10_000
/** How long the store may take to say that it is there, ms: what stands before a machine asks every few seconds. */
const readyMs = 3000

/** What a machine runs on. */
export type MachineParts = KeptLog & {
  readonly client: DynamoDBClient
  readonly law: Runnable
  /** The keys that any other law must be signed with: SHA-256 of what `digestOfKeys` digests. */
  readonly lawKeys: string
  readonly wrapper: Wrapper
  readonly build: string
  /** Who stamps checkpoints, if anybody does. */
  readonly authority?: Authority | undefined
  readonly remains: Remains
  /** Who says who somebody is; without any, there is no console. */
  readonly providers: readonly LoginProvider[]
  /** What a browser checks the log with, where it was shipped. */
  readonly verifyScript?: ConsoleWorld['verifyScript']
  readonly say: SayLine
}

/** A machine that is ready. Throws if the law may not run, or the secrets cannot be opened. */
export async function openMachine(config: Config, parts: MachineParts) {
  const { client, archive, remains, authority, say } = parts
  const names = tableNames(config)
  const { holder, files, ...rest } = await makeWorld(config, {
    law: () => lawIn(config, parts),
    wrapper: parts.wrapper,
    build: parts.build,
    stores: rareStores,
    client,
    secretsCopy: names.attestations,
    archive,
    rowChanged: (eid) => say({ event: 'row-changed', eid }),
  })
  const erase = async (...of: Parameters<typeof holder.erase>) => {
    const isGone = await holder.erase(...of)
    await remains.purge()
    return isGone
  }
  // After its key: of a content that was replaced, or whose record was erased, nothing is left that opens.
  const remove = async (...of: Parameters<typeof files.remove>) => {
    await files.remove(...of)
    await remains.purge()
  }
  const world = { ...rest, holder: { ...holder, erase }, files: { ...files, remove } }
  const sealing = {
    ...sealWorld(world, client, names, parts, (log, why) =>
      say({ event: 'signature-refused', log, why }),
    ),
    sealer: randomUUID(),
  }
  const acts = {
    seal: (jurisdiction: string) =>
      sealAll(sealing, {
        ...{ what: 'act', jurisdiction },
        until: new Date(world.now().getTime() + actMs),
      }),
    earlierKeys: dynamodbEarlierKeys(client, names.keys),
    remains,
  }
  const access = accessApi(world, say, runtimePause)
  const asked = (request: Request, caller: BoundedCaller = {}) =>
    endingWithin(answerEndsMs.machine, () => access.fetch(request, caller))
  const witnessVkeys = parts.witnesses.map(({ vkey }) => vkey)
  const auditWorld = { ...sealing, ...world, lookups: sealing.lookups, witnessVkeys, turn: turns() }
  const audit = auditApi(auditWorld, say, acts)
  const sessions = dynamodbSessions(client, names.sessions)
  const { providers, verifyScript } = parts
  // An act on a page is a call like any other, signed by an officer's passkey.
  const api: ConsoleWorld['api'] = {
    origin: world.origin,
    call: (request) => asked(request),
    picture: (call, asked) => seePicture(call, asked, world),
  }
  const memory = dynamodbMemory(client, names.signatures, 'signer')
  const ready = readiness(
    () => endingWithin(readyMs, () => memory.last(beginning)),
    () => performance.now(),
  )
  const consoleWorld = { ...auditWorld, sessions, providers, verifyScript, api }
  const pages = providers.length > 0 && consolePages(consoleWorld, say)
  return {
    world,
    auditWorld,
    /** The API for agencies alone. */
    access,
    /** Answers agencies, auditors, whoever verifies the log, and browsers. */
    fetch: doorOf(asked, audit, pages, ready),
    /** Begins to seal, to stamp, and to look at what is due; returns what ends it. */
    start() {
      const rounds = [
        keepSealing(sealing, say),
        keepTime(world, say),
        keepWatching(auditWorld, say),
      ]
      if (providers.length > 0) rounds.push(keepForgetting(sessions, world, say))
      if (authority !== undefined) rounds.push(keepStamping({ ...sealing, authority }, say))
      return async () => {
        await Promise.all(rounds.map(({ stop }) => stop()))
      }
    },
  }
}

/** The one door of a machine. Whoever looks has more time than whoever asks. */
function doorOf(
  asked: (request: Request, caller?: BoundedCaller) => Response | Promise<Response>,
  audit: ReturnType<typeof auditApi>,
  pages: ReturnType<typeof consolePages> | false,
  ready: () => Promise<Response>,
) {
  const isAudit = isAuditPath(audit)
  const looking = <T>(look: () => T) => endingWithin(answerEndsMs.machineLooks, look)
  return (request: Request, caller: BoundedCaller = {}): Response | Promise<Response> => {
    const { pathname } = new URL(request.url)
    if (pathname === '/readyz') return ready()
    if (pages && isConsolePath(pathname)) return looking(() => pages.fetch(request, caller))
    return isAudit(pathname) ? looking(() => audit.fetch(request, caller)) : asked(request, caller)
  }
}

const lawIn = (config: Config, { client, law, lawKeys, archive, say }: MachineParts) =>
  runningLaw({
    ...{ client, table: config.COMITY_REGISTER_TABLE, now: () => new Date(), law },
    marks: dynamodbMarks(client, config.COMITY_DECISIONS_TABLE),
    unheld: (why) => say({ event: 'law-unheld', why }),
    fetch: lawFrom(archive, lawKeys, config.COMITY_ENVIRONMENT === 'dev'),
  })
