/** The doctor's look at what offices said: whether rows of attestations say what the entries of their calls do. */

import { allVouched } from '../../adapters/attestations-scan.ts'
import { bytesOf, rowsIn } from '../../adapters/dynamodb.ts'
import type { LogStore } from '../../adapters/log-export.ts'
import { kinds, prefixOf } from '../../adapters/rows.ts'
import { localTableNames } from '../../adapters/tables.ts'
import { actsOf, type Entries } from '../../answer/ask/entered-acts.ts'
import { asSigned, rowWithinMs } from '../../answer/ask/signed-acts.ts'
import type { KeyUse } from '../../decision/attestation.ts'
import { readLeaf } from '../../ledger/entry.ts'
import type { KeptAttestation, KeptObjection } from '../../ports.ts'
import { counted } from '../../terminal/counted.ts'
import { type Check, fault, listSome, ok } from './check.ts'

/**
 * Compares every row with its entries, and every entry with its row: so it finds also what was put back together with its
 * mark. What an erasure closed is not compared.
 */
export async function checkActs(
  { client }: Pick<LogStore, 'client'>,
  entries: Entries,
): Promise<Check> {
  const tables = localTableNames()
  const changed = new Set<string>()
  const over = new Map<string, boolean>()
  const used = new Map<string, KeyUse[]>()
  const [attestations, takenBack]: [KeptAttestation[], KeptAttestation[]] = [[], []]
  const [objections, ended]: [KeptObjection[], KeptObjection[]] = [[], []]
  let unreadable = 0
  for await (const each of allVouched(client, tables.attestations)) {
    const { attestation, objection, isTakenBack = false } = each ?? {}
    const id = attestation?.id ?? objection?.id
    if (id === undefined) unreadable += 1
    else over.set(id, isTakenBack)
    if (id !== undefined) used.set(id, [...(attestation?.uses ?? objection?.uses ?? [])])
    if (attestation) (isTakenBack ? takenBack : attestations).push(attestation)
    if (objection) (isTakenBack ? ended : objections).push(objection)
  }
  const rowChanged = (eid: string) => changed.add(eid)
  await asSigned({ attestations, takenBack, objections, ended }, { ...entries, rowChanged })
  const without: string[] = []
  const uncounted: (readonly [string, string])[] = []
  const ofEntries = { FilterExpression: 'begins_with(pk, :d)' }
  const values = { ExpressionAttributeValues: { ':d': { S: prefixOf(kinds.entry) } } }
  for await (const items of rowsIn(client, tables.decisions).scan({ ...ofEntries, ...values }))
    for (const item of items) {
      const leaf = readLeaf(bytesOf(item, 'leaf'))
      // Such an entry is for `comity log verify` to name.
      if (typeof leaf === 'string') continue
      const { t, eid, ts, previous = '' } = leaf
      // What was entered just now is about to have a row.
      if (entries.now().getTime() - Date.parse(ts) < rowWithinMs) continue
      const isSaid = t === 'objection' || (t === 'attestation' && previous === '')
      if (isSaid && !over.has(eid)) without.push(eid)
      if (t === 'withdrawal' && over.get(previous) === false) changed.add(previous)
      const uses = used.get(previous)
      // Rows of earlier builds do not lead to the entries of what was done since.
      const isUse = t === 'countersignature' || (t === 'attestation' && previous !== '')
      if (isUse && uses?.every(({ entry }) => entry !== undefined && entry !== eid))
        uncounted.push([eid, previous])
    }
  for (const eid of (await actsOf(without, entries)).keys()) changed.add(eid)
  const opens = await actsOf(
    uncounted.map(([eid]) => eid),
    entries,
  )
  for (const [eid, previous] of uncounted) if (opens.has(eid)) changed.add(previous)
  const looked = 'What offices said'
  return changed.size + unreadable === 0
    ? ok(looked, `${counted(over.size, 'row')} as entered`)
    : fault(
        looked,
        `${counted(changed.size + unreadable, 'act')} not in the table as entered: ${listSome([...changed, ...(unreadable > 0 ? ['rows that cannot be read'] : [])])}`,
        'what is against a disclosure counts all the same; infra/RUNBOOK.md, “What an office said is not in its row”',
      )
}
