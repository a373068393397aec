/** The doctor's look at the log: what it signed last, who cosigned it, and what waits to be sealed. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { isStoreAway } from '../../adapters/dynamodb.ts'
import { fileWrapper } from '../../adapters/key-files.ts'
import { dynamodbLedger } from '../../adapters/ledger-dynamodb.ts'
import type { OpenStore } from '../../adapters/log-export.ts'
import { dynamodbRegister } from '../../adapters/register-dynamodb.ts'
import { dynamodbSealing, dynamodbSweep } from '../../adapters/sealing-dynamodb.ts'
import { openSecrets } from '../../adapters/secrets.ts'
import { dynamodbSubjectKeys } from '../../adapters/subject-keys-dynamodb.ts'
import { localTableNames } from '../../adapters/tables.ts'
import { demonstrationRegistrars } from '../../identity/registrars.ts'
import { openCosigned } from '../../ledger/checkpoint.ts'
import { isLooksLog } from '../../ledger/looks-log.ts'
import { logKeyOf, type Trust } from '../../ledger/verify-files.ts'
import { sealWithinMs } from '../../proof/verify-findings.ts'
import { pagesSince } from '../../sealing/sweep.ts'
import { counted } from '../../terminal/counted.ts'
import { checkActs } from './acts.ts'
import { type Check, daysAhead, fault, listSome, ok, reason, warning } from './check.ts'

const witnessFix = 'look at the witnesses, and name those that answer and a quorum in the settings'
const forgedFix =
  'stop, and find out who serves this: `comity log verify` says what else is not whole'

/** How long to wait for a checkpoint, ms. */
const answerMs = 10_000

/** Looks at the newest checkpoint of every log whose key is pinned, but for those of looks, which nobody is served. */
export async function checkCheckpoints(auditUrl: string, trust: Trust): Promise<readonly Check[]> {
  const logs = trust.logs.filter(({ name }) => !isLooksLog(name))
  const found = await Promise.all(logs.map(({ name }) => checkCheckpoint(name, auditUrl, trust)))
  const empty = found.filter((each) => each === undefined).length
  const none =
    empty === 0
      ? []
      : [ok('Other logs', `${empty} of ${logs.length} have published no checkpoint yet`)]
  const quorum =
    trust.quorum > 0
      ? ok(
          'Quorum',
          `${trust.quorum} of ${counted(trust.witnesses.length, 'witness', 'witnesses')}`,
        )
      : warning('Quorum', 'no witness need cosign: the log rests on its own word', witnessFix)
  return [quorum, ...found.filter((each) => each !== undefined), ...none]
}

async function checkCheckpoint(
  log: string,
  auditUrl: string,
  trust: Trust,
): Promise<Check | undefined> {
  const looked = `Log ${log}`
  const key = logKeyOf(log, trust)
  try {
    const response = await fetch(new URL(`/log/${log}/checkpoint`, auditUrl), {
      signal: AbortSignal.timeout(answerMs),
    })
    if (response.status === 404) return undefined
    if (response.status !== 200)
      return fault(looked, `its checkpoint is answered with ${response.status}`, 'try again')
    const note = await response.text()
    const opened = key && openCosigned(note, key, trust.witnesses, 0)
    if (opened === undefined || 'wrong' in opened)
      return fault(looked, `its checkpoint does not hold: ${opened?.wrong ?? 'no key'}`, forgedFix)
    const { checkpoint, cosigners } = opened
    const seen = Math.max(...cosigners.map(({ seconds }) => seconds)) * 1000
    const size = counted(checkpoint.size, 'entry', 'entries')
    const when = cosigners.length === 0 ? '' : `, as of ${new Date(seen).toISOString()}`
    const said = `signed with ${size}, cosigned by ${cosigners.length} of ${trust.witnesses.length}${when}`
    return cosigners.length < trust.quorum
      ? fault(looked, `${said}; it takes ${trust.quorum}`, witnessFix)
      : ok(looked, said)
  } catch (error) {
    return fault(
      looked,
      `its checkpoint does not come: ${reason(error)}`,
      'look at the audit address',
    )
  }
}

/** Looks into the store of the local gateway: for entries that nobody seals, and keys about to end. */
export async function checkStore(
  data: string,
  openStore: OpenStore,
  logs: readonly string[],
  now: Date,
): Promise<readonly Check[]> {
  try {
    const store = await openStore(data)
    try {
      const waiting = await Promise.all(logs.map((log) => lateIn(log, store, now)))
      const acts = existsSync(masterIn(data))
        ? [await checkActs(store, await entriesIn(store, masterIn(data), now))]
        : []
      return [checkWaiting(waiting.flat()), await checkRegister(store, now), ...acts]
    } finally {
      await store.close()
    }
  } catch (error) {
    return [fault('Store', reason(error), 'start the gateway with `npm start`, or set COMITY_DATA')]
  }
}

const masterIn = (data: string): string => join(data, 'master.key')

/** What opens the entries of the local gateway. */
async function entriesIn({ client }: Pick<Store, 'client'>, master: string, now: Date) {
  const { keys, decisions } = localTableNames()
  const { wrapKey } = await openSecrets(client, keys, fileWrapper(master))
  return {
    register: registerIn(client, now),
    ledger: dynamodbLedger(client, decisions),
    subjectKeys: dynamodbSubjectKeys(client, keys, wrapKey),
    isStoreAway,
    now: () => now,
  }
}

const registerIn = (client: Store['client'], now: Date) =>
  dynamodbRegister(client, localTableNames().register, () => now, demonstrationRegistrars)

type Store = Awaited<ReturnType<OpenStore>>

/** The log's name, once for each entry, up to now, that should be sealed and is not. */
async function lateIn(
  log: string,
  { client, tables }: Store,
  now: Date,
): Promise<readonly string[]> {
  const sealing = dynamodbSealing(client, tables.sealing)
  const sweep = dynamodbSweep(client, tables.decisions)
  const { sweptUntil } = await sealing.head(log)
  // By a clock that was ahead, nobody knows how far all is sealed.
  const from = sweptUntil === '' || sweptUntil > now.toISOString() ? '0' : sweptUntil
  const late: string[] = []
  for await (const page of pagesSince(log, from, { sealing, sweep }))
    for (const { ts, isSealed } of page)
      if (!isSealed && Date.parse(ts) + sealWithinMs < now.getTime()) late.push(log)
  return late
}

const checkWaiting = (late: readonly string[]): Check =>
  late.length === 0
    ? ok('Sealing', `no entry waits for longer than ${sealWithinMs / 1000} s`)
    : fault(
        'Sealing',
        `${counted(late.length, 'entry waits', 'entries wait')} for longer than ${sealWithinMs / 1000} s, in ${listSome([...new Set(late)])}`,
        'look at what the sealer says; `comity log verify` says whether something is broken',
      )

async function checkRegister({ client }: Store, now: Date): Promise<Check> {
  const looked = 'Keys of agencies'
  const malformed: string[] = []
  const agencies = await registerIn(client, now).all((id) => malformed.push(id))
  if (malformed.length > 0)
    return fault(
      looked,
      `what the register says of ${listSome(malformed)} does not hold: such an agency cannot call, and nobody can ask it`,
      '`comity agency check` says which statement, and what to do; all others go on',
    )
  const last = now.getTime() + daysAhead * 86_400_000
  const keys = agencies
    .filter(({ status }) => status === 'active')
    .flatMap(({ id, keys: own }) => own.map((key) => ({ id, ...key })))
    .filter(({ status }) => status === 'active')
  const ending = keys.filter(({ until }) => until !== undefined && Date.parse(until) <= last)
  // An agency that has a key which lasts longer has replaced the one that ends.
  const lasting = new Set(keys.filter((each) => !ending.includes(each)).map(({ id }) => id))
  const soon = ending.filter(({ id }) => !lasting.has(id))
  if (agencies.length === 0)
    return fault(looked, 'the register has no agency', 'enter the agencies, or start the gateway')
  return soon.length === 0
    ? ok(
        looked,
        `of ${counted(agencies.length, 'agency', 'agencies')}, none is left without a key in ${daysAhead} days`,
      )
    : warning(
        looked,
        listSome(soon.map(({ id, until }) => `the last of ${id} ends ${until}`)),
        'have the agency make another, and enter it before then: `comity agency key rotate`',
      )
}
