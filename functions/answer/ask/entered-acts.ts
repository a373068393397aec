/** Acts on attestations, as their entries say them: who did what by which signed call, and how requests find that. */

import { attestationShape } from '../../decision/attestation.ts'
import { hasFailed, wasChanged } from '../../failure.ts'
import { callKeysOf } from '../../identity/register.ts'
import { readCall, wrongCall } from '../../ledger/agency-call.ts'
import { canonical } from '../../ledger/canonical.ts'
import { requestDigest } from '../../ledger/entry.ts'
import { valueIn } from '../../policy/json.ts'
import type { Durable, KeptAttestation, KeptObjection, KeptVouching, World } from '../../ports.ts'
import { type OpenedEntry, openAny } from '../entries/reader.ts'
import type { Call } from '../entries/signed-call.ts'
import type { AttestationValues, Values } from '../entries/values.ts'
import { matterIn } from './matter.ts'
import { type Concerning, concerned, concerning, requestOf } from './scope.ts'

/** What comparing rows with their entries needs. */
export type Entries = Pick<
  World,
  'register' | 'ledger' | 'subjectKeys' | 'isStoreAway' | 'rowChanged' | 'now'
>

/** An attestation as requests find it. Its ground stays in the entry, and is erased with it. */
export const entered = (
  { ground: _, ...said }: AttestationValues,
  id: string,
  { agency, officer, kid }: Pick<Call, 'agency' | 'officer'> & { readonly kid: string },
  ts: string,
  about: Concerning,
): KeptAttestation => ({
  ...said,
  id,
  attester: agency,
  enteredBy: officer,
  enteredAt: ts,
  kid,
  ...concerning(about),
})

/** An objection as requests find it. */
export const objected = (
  { ground: _, ...said }: Values['objection']['objection'],
  id: string,
  { agency, officer }: Pick<Call, 'agency' | 'officer'>,
  ts: string,
  about: Concerning,
): KeptObjection => ({
  ...said,
  ...concerning(about),
  ...{ id, agency, enteredBy: officer, enteredAt: ts },
})

/** An entry that opened, with the call that made it, and whether a key that is known now signed that call. */
export type EnteredAct = OpenedEntry & {
  readonly entry: Durable
  readonly kid: string
  readonly isSigned: boolean
}

/** The acts that these entries are, by id; without those whose entry is gone, does not open or is of no call. */
export async function actsOf(
  ids: readonly string[],
  world: Entries,
): Promise<ReadonlyMap<string, EnteredAct>> {
  const entries = [...(await world.ledger.readAll(ids))]
  // Many entries of an office have one key.
  const keys = new Map<string, ReturnType<World['subjectKeys']['open']>>()
  const open = (kid: string) => {
    const key = keys.get(kid) ?? world.subjectKeys.open(kid)
    keys.set(kid, key)
    return key
  }
  const acts = await Promise.all(
    entries.map(async ([id, entry]) => {
      const act = await actOf(entry, { ...world, subjectKeys: { open } }).catch(
        (error: unknown) => {
          if (hasFailed(error, 'changed')) return undefined
          throw error
        },
      )
      return act === undefined ? [] : [[id, act] as const]
    }),
  )
  return new Map(acts.flat())
}

async function actOf(
  entry: Durable,
  world: Omit<Entries, 'subjectKeys'> & Parameters<typeof openAny>[1],
): Promise<EnteredAct | undefined> {
  const opened = await openAny(entry, world)
  const call = opened && readCall(opened.evidence.jws)
  if (opened === undefined || call === undefined || !('call' in opened.values)) return undefined
  const { claims, head } = call
  const agency = await world.register.agency(claims.iss).catch((error: unknown) => {
    if (world.isStoreAway(error)) throw error
    // Its statements in the register do not hold, so its keys are unknown. That harms no other agency.
    return undefined
  })
  const key = agency && callKeysOf(agency).find(({ kid }) => kid === head.kid)
  const { leaf } = entry
  const wrong = await wrongCall(call, { ...leaf, ms: Date.parse(leaf.ts) }, key)
  const { body } = opened.evidence
  const isOfBody = body === '' || requestDigest(body) === claims.request_body_sha256
  const { agency: by, officer } = opened.values.call
  const isBy =
    by === claims.iss && officer === claims.sub && addressOf(opened, entry) === addressIn(claims)
  const isSigned = wrong === undefined && isOfBody && isBy
  return { ...opened, entry, kid: head.kid, isSigned }
}

const addressIn = ({ htm, htu }: { readonly htm: string; readonly htu: string }): string =>
  `${htm} ${decodeURIComponent(URL.parse(htu)?.pathname ?? '')}`

/** Where the call of such an entry went: an agency signs what it does, and not only the words. */
function addressOf({ kind, values }: OpenedEntry, { leaf: { previous } }: Durable): string {
  switch (kind) {
    case 'attestation':
      return `POST /v1/attestations${'person' in values ? `/${previous}/persons` : ''}`
    case 'countersignature':
      return `POST /v1/attestations/${previous}/signatures`
    case 'objection':
      return `POST /v1/attestations/${previous}/objections`
    case 'withdrawal':
      return `DELETE /v1/attestations/${previous}`
    default:
      return 'of no act on an attestation'
  }
}

/** What the entry of a row says, as a row; undefined if no signed call says so. */
export async function rowIn(
  act: EnteredAct | undefined,
  row: KeptVouching | undefined,
  world: Entries,
): Promise<KeptVouching | undefined> {
  if (act === undefined) return undefined
  const { eid, ts } = act.entry.leaf
  if (row !== undefined && (act.kind === 'objection') !== 'against' in row)
    throw wasChanged(`couldn’t read what was attested: the row of ${eid} is of another kind`)
  if (act.kind === 'objection') {
    const { call, objection } = act.values
    const about = await concerned(objection.scope, objection.holder, world)
    return objected(objection, eid, call, ts, about)
  }
  if (act.kind !== 'attestation' || 'person' in act.values) return undefined
  const { call, attestation } = act.values
  if (!(await isOfBody(attestation, act.evidence.body, world))) return undefined
  const about = await concerned(attestation.scope, attestation.holder, world)
  return entered(attestation, eid, { ...call, kid: act.kid }, ts, about)
}

/** Whether what an entry says is what its call says; a matter goes by its first request there. */
async function isOfBody(said: AttestationValues, body: string, world: Entries): Promise<boolean> {
  const sent = valueIn(body)
  const { scope: of, ...words } = Object(attestationShape.safeParse(sent).data ?? sent)
  const { scope, as: _, entersFor: __, ...own } = said
  if (textOf(words) !== textOf(own)) return false
  if (textOf(of) === textOf(scope)) return true
  if (of?.kind !== 'matter' || scope.kind !== 'matter') return false
  const found = await requestOf(String(of.matter), said.holder, world)
  return found !== undefined && matterIn(found.stored, found.opened).id === scope.matter
}

/** A value as one text, whatever the order of its members. */
export const textOf = (value: unknown): string =>
  canonical(JSON.parse(JSON.stringify(value ?? null)))
