/**
 * Door: the stream of new entries, a clock, and acts that need all entries sealed (Lambda). The stream only
 * gives hints: the clock finds what it loses.
 */

import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import { s3Archive } from './adapters/archive-s3.ts'
import { dynamodb, isStoreAway } from './adapters/dynamodb.ts'
import { dynamodbEvents } from './adapters/events-dynamodb.ts'
import { dynamodbInbox } from './adapters/inbox-dynamodb.ts'
import { kmsCheckpointKey, kmsOpener } from './adapters/kms.ts'
import { lambdaSigner, type Unsealed } from './adapters/lambda.ts'
import { dynamodbLedger } from './adapters/ledger-dynamodb.ts'
import { dynamodbLookups } from './adapters/lookups-dynamodb.ts'
import { dynamodbMessages } from './adapters/messages-dynamodb.ts'
import { dynamodbRefusals } from './adapters/refusals-dynamodb.ts'
import { dynamodbRegister } from './adapters/register-dynamodb.ts'
import { dynamodbSealing, dynamodbSweep } from './adapters/sealing-dynamodb.ts'
import { openSecrets } from './adapters/secrets.ts'
import { httpAuthority } from './adapters/stamp-http.ts'
import { dynamodbSubjectKeys } from './adapters/subject-keys-dynamodb.ts'
import { httpWitness } from './adapters/witness-http.ts'
import { readSealConfig } from './config.ts'
import { agencyId } from './decision/request.ts'
import { ComityError, whyOf } from './failure.ts'
import { jurisdiction } from './identity/register.ts'
import { holderOf } from './ledger/looks-log.ts'
import { verifierKey, writeVkey } from './ledger/note.ts'
import { say } from './lines.ts'
import type { SealWorld } from './log-ports.ts'
import { sweptLine, troubleOf } from './machine/seal-lines.ts'
import { refile } from './sealing/lookup-rows.ts'
import { seal } from './sealing/seal.ts'
import { stampAll } from './sealing/stamp.ts'
import { type Swept, sealAll } from './sealing/sweep.ts'

/** The part of an invocation's time after which no further step is begun, so that a begun one is finished. */
const partToUse = 2 / 3
/** How long an act on a person is kept waiting, ms: the caller gives up after twelve seconds. */
const actMs = 7000

const config = readSealConfig(process.env)
const client = dynamodb(config.COMITY_DYNAMODB_ENDPOINT)
const secrets = await openSecrets(
  client,
  config.COMITY_KEYS_TABLE,
  kmsOpener(config.COMITY_KMS_KEY),
)
const { publicKey } = await kmsCheckpointKey(config.COMITY_CHECKPOINT_KEY)
const now = () => new Date()
const world: SealWorld = {
  gateway: config.COMITY_GATEWAY,
  now,
  isStoreAway,
  secrets,
  ledger: dynamodbLedger(client, config.COMITY_DECISIONS_TABLE),
  inbox: dynamodbInbox(client, config.COMITY_ATTESTATIONS_TABLE),
  events: dynamodbEvents(client, config.COMITY_ATTESTATIONS_TABLE),
  messages: dynamodbMessages(client, config.COMITY_ATTESTATIONS_TABLE),
  refusals: dynamodbRefusals(client, config.COMITY_ATTESTATIONS_TABLE),
  subjectKeys: dynamodbSubjectKeys(client, config.COMITY_KEYS_TABLE, secrets.wrapKey),
  register: dynamodbRegister(
    client,
    config.COMITY_REGISTER_TABLE,
    now,
    config.COMITY_REGISTRARS,
    config.COMITY_REGISTER_FLOOR,
  ),
  sweep: dynamodbSweep(client, config.COMITY_DECISIONS_TABLE),
  sealing: dynamodbSealing(client, config.COMITY_SEALING_TABLE),
  sealer: randomUUID(),
  lookups: dynamodbLookups(client, config.COMITY_LOOKUPS_TABLE),
  archive: s3Archive(config.COMITY_ARCHIVE),
  signer: lambdaSigner(config.COMITY_SIGN_FUNCTION),
  vkey: (log) => writeVkey(verifierKey(log, 1, publicKey)),
  witnesses: config.COMITY_WITNESSES.map(({ vkey, url }) => httpWitness(vkey, url)),
  quorum: config.COMITY_QUORUM,
}

const authority = config.COMITY_STAMPS && httpAuthority(config.COMITY_STAMPS)

/** The part of Lambda's context that is used. */
type Invocation = { getRemainingTimeInMillis(): number }

/**
 * Given records of the stream, seals the entries they name, reports overwritten entries, and returns the
 * records that Lambda must send again. Given `stamp`, has checkpoints stamped. Given `refile`, files a log
 * again while there is time, and returns the index to continue from. Given `seal`, seals the logs of that
 * jurisdiction for an act on a person, and at any other event, all logs; returns those that were not sealed.
 */
export async function handler(event: unknown, invocation: Invocation) {
  const until = soon(invocation.getRemainingTimeInMillis() * partToUse)
  const { data: lost } = refileSchema.safeParse(event)
  if (lost !== undefined)
    return { next: (await refile(lost.refile, lost.from, world, until)) ?? null }
  if (stampSchema.safeParse(event).success) return stamp()
  const { data: act } = actSchema.safeParse(event)
  if (act !== undefined) {
    const bounds = { what: 'act', jurisdiction: act.seal, until: soon(actMs) } as const
    return (await sealAll(world, bounds)).flatMap((each) => unsealed(each) ?? [])
  }
  const stream = streamSchema.safeParse(event)
  if (!stream.success) return sweep(until)
  for (const eid of overwrittenIn(stream.data.Records)) say({ event: 'overwritten', eid })
  return { batchItemFailures: await sealHinted(stream.data.Records, until) }
}

/** Seals every log, and prints how long the oldest entry has waited, if that is known of every log. */
async function sweep(until: Date): Promise<readonly Unsealed[]> {
  const swept = await sealAll(world, { what: 'new', until, notBelieved }).catch(
    (error: unknown) => {
      unsealed({ log: world.gateway, error })
      // In our own words, since Lambda logs what is thrown; and not as a result, which an erasure would take
      // for one.
      throw new ComityError(whyOf(world.gateway, error))
    },
  )
  say(sweptLine(swept, world.gateway))
  return swept.flatMap((each) => unsealed(each) ?? [])
}

/** Prints the id only if it is well formed: somebody else may have written the row. */
const notBelieved = (id: string): void => {
  const { success, data: agency } = agencyId.safeParse(id)
  say({ event: 'agency-not-believed', ...(success ? { agency } : {}) })
}

/** Has the newest checkpoint of each log stamped if it has no stamp today. Nothing else waits for it. */
async function stamp(): Promise<void> {
  const stamped = authority === undefined ? [] : await stampAll({ ...world, authority })
  for (const each of stamped) {
    const { log } = each
    const own = 'why' in each ? each.why : undefined
    const why = 'error' in each ? whyOf(`couldn’t stamp ${log}`, each.error) : own
    if (why !== undefined) say({ event: 'unstamped', log, why })
  }
}

const soon = (ms: number): Date => new Date(now().getTime() + ms)

/** An act on a person, which needs everything filed that a jurisdiction's logs have. */
const actSchema = z.strictObject({ seal: jurisdiction })

/** The clock for stamps. */
const stampSchema = z.strictObject({ stamp: z.literal(true) })

const isLogHere = (log: string): boolean => holderOf(log, config.COMITY_GATEWAY) !== undefined

/** The event of an operator who has a log filed again from an index on; `infra/DRILLS.md` says when. */
const refileSchema = z.strictObject({
  refile: z.string().refine((log) => isLogHere(log)),
  from: z.int().min(0),
})

const streamSchema = z.looseObject({ Records: z.array(z.unknown()) })

/** Of an entry, or of a mark. */
const keptKey = z.looseObject({ S: z.string().regex(/^[DM]#/) })
const key = z.looseObject({ S: z.string().regex(/^D#[A-Za-z0-9_-]{43}$/) })

/** A new entry in the stream. The entry itself is read from the table. */
const recordSchema = z.looseObject({
  eventName: z.literal('INSERT'),
  dynamodb: z.looseObject({
    SequenceNumber: z.string().min(1),
    NewImage: z.looseObject({
      pk: key,
      log: z.looseObject({ S: z.string().refine((log) => isLogHere(log)) }),
    }),
  }),
})

/** An entry, or a mark, that was changed or removed, which nobody has a right to do. */
const changeSchema = z.looseObject({
  eventName: z.enum(['MODIFY', 'REMOVE']),
  dynamodb: z.looseObject({ Keys: z.looseObject({ pk: keptKey }) }),
})

/** Ids of entries, and names of marks, that were replaced or removed. The log in which they are sealed does not change. */
const overwrittenIn = (records: readonly unknown[]): readonly string[] =>
  records.flatMap((record) => {
    const read = changeSchema.safeParse(record)
    return read.success ? [read.data.dynamodb.Keys.pk.S.slice(2)] : []
  })

type Hint = { readonly eid: string; readonly itemIdentifier: string }

/** Seals each log separately, so that a failure of one does not stop the others. */
async function sealHinted(records: readonly unknown[], until: Date) {
  const failed = [...hintsIn(records)].map(async ([log, hints]) => {
    const eids = hints.map(({ eid }) => eid)
    const sealed: Swept = await seal(log, eids, world, until).catch((error: unknown) => ({
      log,
      error,
    }))
    return unsealed(sealed) === undefined ? [] : hints
  })
  return (await Promise.all(failed)).flat().map(({ itemIdentifier }) => ({ itemIdentifier }))
}

/** Hints by log. Ignores records that are not new entries of this gateway: retrying would not help. */
function hintsIn(records: readonly unknown[]): ReadonlyMap<string, readonly Hint[]> {
  const hints = new Map<string, Hint[]>()
  for (const record of records) {
    const read = recordSchema.safeParse(record)
    if (!read.success) continue
    const { SequenceNumber, NewImage } = read.data.dynamodb
    const hint = { eid: NewImage.pk.S.slice(2), itemIdentifier: SequenceNumber }
    hints.set(NewImage.log.S, [...(hints.get(NewImage.log.S) ?? []), hint])
  }
  return hints
}

/** Why a log is not completely sealed, if so. Prints a line with what people must know. */
function unsealed(swept: Swept): Unsealed | undefined {
  const { log } = swept
  const trouble = troubleOf(swept, isStoreAway)
  if (trouble !== undefined) say(trouble)
  if ('error' in swept) {
    const why = whyOf(`couldn’t seal ${log}`, swept.error)
    return { log, why, away: isStoreAway(swept.error) }
  }
  const { left } = swept
  return left === 0 ? undefined : { log, why: `couldn’t seal ${log}: ${left} left`, away: true }
}
