/** The doctor's look at what offices said: whether rows of attestations say what the entries of their calls do. */

import { type AnyVouched, allVouched } from '../../adapters/attestations-scan.ts'
import { bytesOf, rowsIn } from '../../adapters/dynamodb.ts'
import type { LogStore } from '../../adapters/log-export.ts'
import { kinds, prefixOf } from '../../adapters/rows.ts'
import { localTableNames } from '../../adapters/tables.ts'
import { actsOf, type Entries } from '../../answer/ask/entered-acts.ts'
import { asSigned, rowWithinMs } from '../../answer/ask/signed-acts.ts'
import { readLeaf } from '../../ledger/entry.ts'
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
  const rows = new Map<string, AnyVouched>()
  let unreadable = 0
  for await (const each of allVouched(client, tables.attestations)) {
    const id = each?.attestation?.id ?? each?.objection?.id
    if (each === undefined || id === undefined) unreadable += 1
    else rows.set(id, each)
  }
  const said = <K extends 'attestation' | 'objection'>(kind: K, isOver: boolean) =>
    [...rows.values()].flatMap((each) => (each.isTakenBack === isOver ? (each[kind] ?? []) : []))
  const found = {
    ...{ attestations: said('attestation', false), takenBack: said('attestation', true) },
    ...{ objections: said('objection', false), ended: said('objection', true) },
  }
  await asSigned(found, { ...entries, rowChanged: (eid) => changed.add(eid) })
  /** Entries that no row says, by id, each with the id of what was changed, if it opens. */
  const unsaid = new Map<string, string>()
  const values = { ExpressionAttributeValues: { ':d': { S: prefixOf(kinds.entry) } } }
  const all = { FilterExpression: 'begins_with(pk, :d)', ...values }
  for await (const items of rowsIn(client, tables.decisions).scan(all))
    for (const item of items) {
      const leaf = readLeaf(bytesOf(item, 'leaf'))
      // Such an entry is for `comity log verify` to name; and what was entered just now is about to have a row.
      if (typeof leaf === 'string') continue
      const { t, eid, ts, previous = '' } = leaf
      if (entries.now().getTime() - Date.parse(ts) < rowWithinMs) continue
      const isSaid = t === 'objection' || (t === 'attestation' && previous === '')
      if (isSaid && !rows.has(eid)) unsaid.set(eid, eid)
      const on = rows.get(previous)
      if (t === 'withdrawal' && on?.isTakenBack === false) changed.add(previous)
      // Rows of earlier builds do not lead to the entries of what was done since.
      const uses = on && ((on.attestation ?? on.objection)?.uses ?? [])
      const isUse = t === 'countersignature' || (t === 'attestation' && previous !== '')
      if (isUse && uses?.every(({ entry }) => entry !== undefined && entry !== eid))
        unsaid.set(eid, previous)
    }
  for (const eid of (await actsOf([...unsaid.keys()], entries)).keys())
    changed.add(unsaid.get(eid) ?? eid)
  const looked = 'What offices said'
  return changed.size + unreadable === 0
    ? ok(looked, `${counted(rows.size, 'row')} as entered`)
    : fault(
        looked,
        `${counted(changed.size + unreadable, 'act')} not in the table as entered: ${listSome([...changed, ...(unreadable > 0 ? ['rows that cannot be read'] : [])])}`,
        'what is against a disclosure counts all the same; infra/RUNBOOK.md, “What an office said is not in its row”',
      )
}
