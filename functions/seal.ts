/**
 * Door: the stream of new entries, a clock, and acts that need all entries sealed (Lambda). A stream is
 * only a hint: what it loses, the clock finds.
 */

import * as z from 'zod'
import { s3Archive } from './adapters/archive-s3.ts'
import { dynamodb, isStoreAway } from './adapters/dynamodb.ts'
import { isLogOf } from './adapters/extension-json.ts'
import { dynamodbInbox } from './adapters/inbox-dynamodb.ts'
import { kmsCheckpointKey, kmsOpener } from './adapters/kms.ts'
import { lambdaSigner, type Unsealed } from './adapters/lambda.ts'
import { dynamodbLedger } from './adapters/ledger-dynamodb.ts'
import { dynamodbLookups } from './adapters/lookups-dynamodb.ts'
import { dynamodbRegister } from './adapters/register-dynamodb.ts'
import { dynamodbSealing, dynamodbSweep } from './adapters/sealing-dynamodb.ts'
import { openSecrets } from './adapters/secrets.ts'
import { httpAuthority } from './adapters/stamp-http.ts'
import { dynamodbSubjectKeys } from './adapters/subject-keys-dynamodb.ts'
import { httpWitness } from './adapters/witness-http.ts'
import { readSealConfig } from './config.ts'
import { agencyId } from './decision/request.ts'
import { ComityError, hasFailed, whyOf } from './failure.ts'
import { verifierKey, writeVkey } from './ledger/note.ts'
import { say } from './lines.ts'
import type { SealWorld } from './log-ports.ts'
import { refile } from './sealing/lookup-rows.ts'
import { seal } from './sealing/seal.ts'
import { stampAll } from './sealing/stamp.ts'
import { type Swept, sealAll } from './sealing/sweep.ts'

/** Before the end of an invocation, ms, no further manifest is begun: what is begun gets done. */
const marginMs = 20_000

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
  lookups: dynamodbLookups(client, config.COMITY_LOOKUPS_TABLE),
  archive: s3Archive(config.COMITY_ARCHIVE),
  signer: lambdaSigner(config.COMITY_SIGN_FUNCTION),
  vkey: (log) => writeVkey(verifierKey(log, 1, publicKey)),
  witnesses: config.COMITY_WITNESSES.map(({ vkey, url }) => httpWitness(vkey, url)),
  quorum: config.COMITY_QUORUM,
}

const authority = config.COMITY_STAMPS && httpAuthority(config.COMITY_STAMPS)

/** What Lambda says of an invocation. */
type Invocation = { getRemainingTimeInMillis(): number }

/**
 * Seals what the records of a stream tell of, says which of them tell of no new entry, and answers which
 * Lambda must bring again; has checkpoints stamped, by a clock of their own; if an operator says so, files a log again as far as there is time, and answers
 * from where to go on; at any other event seals every log, and answers which could not be sealed.
 */
export async function handler(event: unknown, invocation: Invocation) {
  const until = new Date(now().getTime() + invocation.getRemainingTimeInMillis() - marginMs)
  const { data: lost } = refileSchema.safeParse(event)
  if (lost !== undefined)
    return { next: (await refile(lost.refile, lost.from, world, until)) ?? null }
  if (stampSchema.safeParse(event).success) return stamp()
  const stream = streamSchema.safeParse(event)
  if (!stream.success) return sweep(until)
  for (const eid of overwrittenIn(stream.data.Records)) say({ event: 'overwritten', eid })
  return { batchItemFailures: await sealHinted(stream.data.Records, until) }
}

/** Seals every log, and says how long the oldest entry of all has waited, if that is known of each. */
async function sweep(until: Date): Promise<readonly Unsealed[]> {
  const swept = await sealAll(world, { until, notBelieved }).catch((error: unknown) => {
    unsealed({ log: world.gateway, error })
    // In our own words, since Lambda writes down what is thrown; and no answer, since whoever is to
    // erase must not take it for one.
    throw new ComityError(whyOf(world.gateway, error))
  })
  // What goes wrong with no log stands under the gateway.
  const logs = swept.filter(({ log }) => log !== world.gateway)
  const known = logs.flatMap(({ unsealedSeconds = [] }) => unsealedSeconds)
  say({
    event: 'swept',
    sealed: logs.reduce((sum, each) => sum + ('error' in each ? 0 : each.sealed), 0),
    ...(known.length === logs.length ? { unsealedSeconds: Math.max(0, ...known) } : {}),
  })
  return swept.flatMap((each) => unsealed(each) ?? [])
}

/** Of a row that somebody else wrote, the id may be anything: then it is not said. */
const notBelieved = (id: string): void => {
  const { success, data: agency } = agencyId.safeParse(id)
  say({ event: 'agency-not-believed', ...(success ? { agency } : {}) })
}

/** Has the newest checkpoint of each log stamped that has no stamp of today: nothing else waits for it. */
async function stamp(): Promise<void> {
  const stamped = authority === undefined ? [] : await stampAll({ ...world, authority })
  for (const each of stamped) {
    const { log } = each
    const own = 'why' in each ? each.why : undefined
    const why = 'error' in each ? whyOf(`couldn’t stamp ${log}`, each.error) : own
    if (why !== undefined) say({ event: 'unstamped', log, why })
  }
}

/** A clock says so. */
const stampSchema = z.strictObject({ stamp: z.literal(true) })

/** An operator has a log filed again, from an index on; `infra/DRILLS.md` says when. */
const refileSchema = z.strictObject({
  refile: z.string().refine((log) => isLogOf(config.COMITY_GATEWAY, log)),
  from: z.int().min(0),
})

const streamSchema = z.looseObject({ Records: z.array(z.unknown()) })

const key = z.looseObject({ S: z.string().regex(/^D#[A-Za-z0-9_-]{43}$/) })

/** A new entry in the stream; the entry itself is read from the table. */
const recordSchema = z.looseObject({
  eventName: z.literal('INSERT'),
  dynamodb: z.looseObject({
    SequenceNumber: z.string().min(1),
    NewImage: z.looseObject({
      pk: key,
      log: z.looseObject({ S: z.string().refine((log) => isLogOf(config.COMITY_GATEWAY, log)) }),
    }),
  }),
})

/** An entry that is not what it was, or not there: nobody has a right to either. */
const changeSchema = z.looseObject({
  eventName: z.enum(['MODIFY', 'REMOVE']),
  dynamodb: z.looseObject({ Keys: z.looseObject({ pk: key }) }),
})

/** Which entries were put in place of another, or removed. A log that they are sealed in stays as it is. */
const overwrittenIn = (records: readonly unknown[]): readonly string[] =>
  records.flatMap((record) => {
    const read = changeSchema.safeParse(record)
    return read.success ? [read.data.dynamodb.Keys.pk.S.slice(2)] : []
  })

type Hint = { readonly eid: string; readonly itemIdentifier: string }

/** Seals each log by itself, so that one that fails keeps none of the others. */
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

/** Hints by log. What is no new entry of this gateway is passed over: it would never become one. */
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

/** Why a log is not sealed to the end, if so. Says in a line what people must know of it. */
function unsealed(swept: Swept): Unsealed | undefined {
  const { log } = swept
  if ('error' in swept) {
    const why = whyOf(`couldn’t seal ${log}`, swept.error)
    const away = isStoreAway(swept.error)
    say({ event: away ? 'store-away' : hasChanged(swept.error) ? 'halted' : 'failed', log, why })
    return { log, why, away }
  }
  const { why, isForked, left } = swept
  if (why !== undefined) say({ event: isForked ? 'halted' : 'unpublished', log, why })
  return left === 0 ? undefined : { log, why: `couldn’t seal ${log}: ${left} left`, away: true }
}

/** Whether what is stored is not what was written: the log stands still until people have looked. */
const hasChanged = (error: unknown): boolean => hasFailed(error, 'changed', 'conflict')
