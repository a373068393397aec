/**
 * What entries say takes effect again: after records or attestations were put back to an earlier moment.
 * What was erased or withdrawn since is erased and withdrawn again, what was entered is there again.
 */

import type { AttestationBody } from '../decision/attestation.ts'
import type { Durable, World } from '../ports.ts'
import { entered } from './attest.ts'
import { corrected, storedCorrectionSchema, storedKeptSchema } from './keep.ts'
import { type OpenedEntry, openAny } from './opened.ts'
import type { Reply } from './reply.ts'
import type { Call } from './signed-call.ts'

/** What became of entries. */
export type TakenAgain = {
  /** How many took effect again, or have none. */
  readonly done: number
  /** Ids of those that say nothing any more, since their person was erased: their holders must know. */
  readonly closed: readonly string[]
  /** Ids of those that could not take effect: they are gone, or what they change is not there. */
  readonly failed: readonly string[]
}

/**
 * Lets entries take effect again, the oldest first; whatever the order and however often, each takes
 * effect once and undoes nothing newer.
 */
export async function takeAgain(eids: readonly string[], world: World): Promise<TakenAgain> {
  const stored = await Promise.all(eids.map((eid) => world.ledger.read(eid)))
  const entries = stored.filter((entry) => entry !== undefined)
  const closed: string[] = []
  const failed = eids.filter((_, at) => stored[at] === undefined)
  for (const entry of entries.sort((a, b) => (a.leaf.ts < b.leaf.ts ? -1 : 1))) {
    const { eid, t, standing } = entry.leaf
    const hasEffect = ['record', 'attestation', 'withdrawal'].includes(t) || standing === 'open'
    const opened = hasEffect ? await openAny(entry, world) : undefined
    if (hasEffect && opened === undefined) closed.push(eid)
    else if (opened !== undefined && !(await effect(entry, opened, world))) failed.push(eid)
  }
  return { done: eids.length - closed.length - failed.length, closed, failed }
}

/** What the entries of acts say; an entry has the members of its kind. */
type Said = {
  readonly call: Call
  readonly act: { readonly what: 'put' | 'correct' | 'erase'; readonly recordId: string }
  readonly matter: { readonly holder: string }
  readonly told: { readonly reply: Reply }
}

/** Whether it took effect. */
async function effect(entry: Durable, opened: OpenedEntry, world: World): Promise<boolean> {
  const { eid, t, ts } = entry.leaf
  // A cast: an entry was made here.
  const said = opened.values as Said
  if (t === 'record') return onRecord(entry, said, opened.evidence.body, world)
  if (t === 'attestation') {
    const { attestation } = opened.values as { readonly attestation: AttestationBody }
    await world.attestations.put(entered(attestation, eid, said.call, ts))
    return true
  }
  if (t === 'withdrawal') {
    const attestation = await world.attestations.get(entry.leaf.previous ?? '')
    if (attestation === undefined) return false
    await world.attestations.withdraw(attestation)
    return true
  }
  if (!said.told.reply.dryRun) await world.inbox.put(said.matter.holder, eid, ts)
  return true
}

async function onRecord(
  { leaf: { eid, ts } }: Durable,
  { call, act: { what, recordId } }: Said,
  body: string,
  { register, holder }: World,
): Promise<boolean> {
  const agency = await register.agency(call.agency)
  if (agency === undefined) return false
  switch (what) {
    case 'put':
      await holder.put(agency, { id: recordId, ...storedKeptSchema.parse(JSON.parse(body)) }, ts)
      return true
    case 'correct': {
      const change = corrected(storedCorrectionSchema.parse(JSON.parse(body)))
      return holder.correct(agency, recordId, { eid, ts }, change)
    }
    case 'erase':
      await holder.erase(agency, recordId, ts)
      return true
  }
}
