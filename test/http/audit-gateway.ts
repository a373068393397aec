/**
 * A gateway with its audit API as the doors mount it, over the same store.
 *
 *     const audited = await startAudited()
 *     await audited.fileAll(ids)                  // what the sealer does with entries
 *     await audited.get('DE-DPA', '/v1/decisions?purpose=lawfulness')
 */

import { dynamodbLookups } from '../../functions/adapters/lookups-dynamodb.ts'
import { dynamodbSealing } from '../../functions/adapters/sealing-dynamodb.ts'
import { dynamodbEarlierKeys } from '../../functions/adapters/subject-keys-dynamodb.ts'
import type { SubjectWorld } from '../../functions/audit/act-on-subject.ts'
import { type ActPorts, auditApi } from '../../functions/http/audit-api.ts'
import { signCall } from '../../functions/identity/sign.ts'
import type { AnsweredLine, CallLine, SecurityEvent } from '../../functions/lines.ts'
import type { AuditWorld } from '../../functions/log-ports.ts'
import { fileRows } from '../../functions/sealing/lookup-rows.ts'
import { type Call, freshJti, type Options, origin, startGateway } from '../world.ts'

/** What differs from one to another. */
export type AuditOptions = Options & {
  /** What an act does first, so that it finds every entry. */
  readonly seal?: SubjectWorld['seal']
  /** What the store keeps of what was erased; as in the cloud unless said. */
  readonly remains?: SubjectWorld['remains']
  readonly changeAudit?: (world: AuditWorld) => AuditWorld
}

/** A gateway whose log may be looked at. */
export type Audited = Awaited<ReturnType<typeof startAudited>>

/** Starts both APIs in memory. */
export async function startAudited({ seal, remains, changeAudit, ...options }: AuditOptions = {}) {
  const { fresh = freshJti } = options
  const gateway = await startGateway(options)
  const { client, tables } = gateway.store
  const looks: string[] = []
  const { ledger } = gateway.world
  const append: typeof ledger.append = async (entry) => {
    const appended = await ledger.append(entry)
    const { t, eid } = entry.leaf
    if (t === 'consultation' && appended.kind === 'durable') looks.push(eid)
    return appended
  }
  const made: AuditWorld = {
    ...gateway.world,
    ledger: { ...ledger, append },
    lookups: dynamodbLookups(client, tables.lookups),
    archive: { get: async () => undefined },
    sealing: dynamodbSealing(client, tables.sealing),
    vkey: (log) => log,
    witnessVkeys: [],
    quorum: 0,
  }
  const world = changeAudit?.(made) ?? made
  const events: SecurityEvent[] = []
  const answers: AnsweredLine[] = []
  const acts: ActPorts = {
    seal: seal ?? (async () => []),
    earlierKeys: dynamodbEarlierKeys(client, tables.keys),
    remains: remains ?? { purge: async () => undefined, backupDays: 35 },
  }
  const note = (line: CallLine) =>
    line.event === 'answered' ? answers.push(line) : events.push(line)
  const audit = auditApi(world, note, acts)

  const prepareAudit = async (
    office: string,
    { method = 'GET', path, ...rest }: Call,
    app = audit,
  ) => {
    const { body, officer = 'auditor-1', jti = fresh(), headers = {} } = rest
    const key = gateway.keys.get(office)
    if (key === undefined) throw new Error(`there is no key of ${office}`)
    const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body))
    const url = `${origin}${path}`
    const iat = Math.floor(gateway.clock.now.getTime() / 1000)
    const claims = { agency: office, officer, audience: origin, iat, jti }
    const authorization = await signCall(
      { method, url, ...(bytes && { body: bytes }) },
      key,
      claims,
    )
    const init = {
      method,
      headers: { authorization, ...(bytes && { 'content-type': 'application/json' }), ...headers },
      ...(bytes && { body: bytes }),
    }
    return async () => app.request(url, init)
  }
  const callAudit = async (office: string, call: Call) => (await prepareAudit(office, call))()

  return {
    ...gateway,
    audit,
    auditWorld: world,
    /** What acts need, for another app over the same store. */
    acts,
    /** The ids of the looks that were entered, the last one last. */
    looks,
    auditEvents: events,
    auditAnswers: answers,
    prepareAudit,
    callAudit,
    get: (office: string, path: string, rest: Partial<Call> = {}) =>
      callAudit(office, { path, ...rest }),

    /** Files entries as the sealer does, for auditors and for inboxes. */
    async fileAll(ids: readonly string[]): Promise<void> {
      const entries = await world.ledger.readAll(ids)
      await fileRows([...entries.values()], world, { ...gateway.world, places: new Map() })
    },
  }
}

/** The body of an answer that is no problem. */
export async function bodyOf(response: Response): Promise<Record<string, unknown>> {
  const text = await response.text()
  if (!response.ok) throw new Error(`answered ${response.status}: ${text}`)
  return JSON.parse(text)
}

/** The ids of a page's entries. */
export async function idsOf(response: Response): Promise<readonly string[]> {
  const { entries } = await bodyOf(response)
  return (entries as readonly { readonly id: string }[]).map(({ id }) => id)
}
