/**
 * A gateway on whose log a holder acts: what is asked is filed as the sealer does, and every act is
 * approved by the second office.
 *
 *     const acting = await startActing()
 *     const act = await acting.act({ act: 'erase', subjects: [acting.pseudonym('record:R-1')] })
 */

import { hash } from 'node:crypto'
import { isPersonal } from '../../functions/adapters/lookup-lists.ts'
import { dynamodbSweep } from '../../functions/adapters/sealing-dynamodb.ts'
import { openAny } from '../../functions/answer/entries/reader.ts'
import {
  type ActCertificate,
  certificateSchema,
  type Order,
  type SubjectAct,
} from '../../functions/audit/subject-act.ts'
import { identifierOf, type Subject } from '../../functions/decision/record.ts'
import { signApproval } from '../../functions/identity/approval.ts'
import { logOf } from '../../functions/ledger/entry.ts'
import type { LookupRow } from '../../functions/log-ports.ts'
import { lookupRows } from '../../functions/sealing/lookup-rows.ts'
import type { Swept } from '../../functions/sealing/sweep.ts'
import { attestAll, benignOfMember, itemOf, personOf, requestOfMember } from '../answer/people.ts'
import { type AuditOptions, startAudited } from '../http/audit-gateway.ts'
import { answered, freshJti } from '../world.ts'

let cases = 0

export type Acting = Awaited<ReturnType<typeof startActing>>

/** What erases what the law still keeps; without another, each erasure of these tests has it. */
export const order: Order = {
  by: 'court',
  reference: 'VG Wiesbaden 6 K 34/26',
  documentDigest: hash('sha256', 'An order.', 'base64url'),
}

type Given = { readonly act: SubjectAct['act'] } & Partial<
  Readonly<{
    /** None, where a test says `undefined`. */
    order: Order | undefined
    subjects: readonly string[]
    ends: string
    before: string
    ground: string
    cites: string[]
  }>
>
type By = Partial<
  Readonly<{ holder: string; officer: string; office: string; approver: string; jti: string }>
>

/** Starts it. French requests are granted. `swept` says what a sealer came to. */
export async function startActing({
  swept = () => [],
  ...options
}: AuditOptions & { readonly swept?: () => readonly Swept[] } = {}) {
  const filed = new Set<string>()
  const seal = async () => {
    const eids = (await eidsOfLog()).filter((eid) => !filed.has(eid))
    await gateway.fileAll(eids)
    for (const eid of eids) filed.add(eid)
    return swept()
  }
  const { fresh = freshJti } = options
  const gateway = await startAudited({ seal, ...options })
  const { world, store, clock, auditWorld, keys } = gateway
  const sweep = dynamodbSweep(store.client, store.tables.decisions)
  await attestAll(gateway, 'DE-POL', { kind: 'general', requester: 'FR' }, benignOfMember)

  /** Ids of all entries of the German logs, up to the year that it is now. */
  const eidsOfLog = async () => {
    const years = ['2026', '2027', '2028'].filter((year) => year <= clock.now.toISOString())
    const logs = years.map((year) => sweep.since(logOf(world.gateway, 'DE', year), '0', 10_000))
    return (await Promise.all(logs)).flat().map(({ eid }) => eid)
  }

  const rowsOf = async (eids: readonly string[]): Promise<readonly LookupRow[]> => {
    const stored = [...(await world.ledger.readAll(eids)).values()]
    const rows = await Promise.all(
      stored.map(async (entry) =>
        lookupRows(entry, await openAny(entry, world), world.secrets.pseudonym),
      ),
    )
    return rows.flat()
  }

  const pseudonym = (subject: Subject) => world.secrets.pseudonym('DE', identifierOf(subject))

  const prepare = async (given: Given, by: By = {}) => {
    const { holder = 'DE-POL', officer = 'officer-1', office = 'DE-DPO', approver = 'dpo-1' } = by
    const { jti = fresh() } = by
    const ordered = given.act === 'erase' ? { order } : {}
    const why = { ground: 'The person asked for it.', cites: ['LED 16(2)'], jti }
    const act = { ...why, ...ordered, ...given }
    const key = keys.get(office)
    if (key === undefined) throw new Error(`there is no key of ${office}`)
    const iat = Math.floor(clock.now.getTime() / 1000)
    // A cast: a test may leave out what an act must have.
    const approved = act as unknown as Parameters<typeof signApproval>[0]
    const approval = await signApproval(approved, key, { agency: office, officer: approver, iat })
    const call = {
      method: 'POST',
      path: '/v1/subject-acts',
      body: { ...act, approval },
      officer,
      jti,
    }
    return { send: () => gateway.callAudit(holder, call), call, act }
  }

  return {
    ...gateway,
    gateway,
    pseudonym,
    /** Files every entry of the log, also those that were filed before. */
    fileLog: async () => gateway.fileAll(await eidsOfLog()),
    /** Files what was not filed yet. */
    seal,
    /** What sends an act, as often as it is called. */
    prepare,
    send: async (given: Given, by: By = {}) => (await prepare(given, by)).send(),
    act: async (given: Given, by: By = {}): Promise<ActCertificate> =>
      certificateOf(await (await prepare(given, by)).send()),

    /** A record with a name of its own, unless a name is given. */
    keepPerson: (id: string, family?: string) => {
      const person = personOf(id, [itemOf('name')])
      const names = family === undefined ? person.names : [{ given: 'Anton', family }]
      return gateway.putRecord('DE-POL', { ...person, names })
    },
    /** Asks for a person, and gives the id of the entry. */
    askFor: async (subject: Subject, jti = freshJti()): Promise<string> => {
      const response = await gateway.ask(
        'FR-SPOC',
        'officer-7',
        requestOfMember({ subject, caseReference: `CASE-${++cases}` }),
        { jti },
      )
      return (await answered(response)).id
    },
    /** Which of these entries still open. */
    readable: async (eids: readonly string[]): Promise<readonly string[]> => {
      const stored = await world.ledger.readAll(eids)
      const open = await Promise.all(
        eids.map(async (eid) => {
          const entry = stored.get(eid)
          return entry !== undefined && (await openAny(entry, world)) !== undefined
        }),
      )
      return eids.filter((_, at) => open[at])
    },
    /** The rows that these entries have now, if they open. */
    rowsOf,
    /** Those of a person. */
    rowsOfPeople: async (eids: readonly string[]) => (await rowsOf(eids)).filter(isPersonal),
    /** Which of these rows stand in the table. */
    standing: async (rows: readonly LookupRow[]): Promise<readonly LookupRow[]> => {
      const stand = await Promise.all(
        rows.map(async ({ key, line }) =>
          (await auditWorld.lookups.list(key, {}, 1000)).some(({ id }) => id === line.id),
        ),
      )
      return rows.filter((_, at) => stand[at])
    },
  }
}

/** The certificate in an answer; throws with the problem if there is none. */
export async function certificateOf(response: Response): Promise<ActCertificate> {
  const text = await response.text()
  if (!response.ok) throw new Error(`answered ${response.status}: ${text}`)
  return certificateSchema.parse(JSON.parse(text))
}
