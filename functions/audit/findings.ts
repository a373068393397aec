/**
 * What a holder found in the entries of others: which entries told nobody of it, and what is left of an entry without it.
 * An act on a person reaches these through what was found alone, and then what was found is all that it is about.
 */

import { decisionIn, type Opened, type OpenedEntry, openingsOf } from '../answer/entries/reader.ts'
import { shortFormOf } from '../answer/entries/short-form.ts'
import type { Values } from '../answer/entries/values.ts'
import { canonical } from '../ledger/canonical.ts'
import type { Beside, Kek } from '../ledger/entry.ts'
import { isRecordFact } from '../policy/fact-types.ts'
import type { Stored } from '../ports.ts'

/** An entry that still opens. */
type Open = { readonly stored: Stored; readonly opened: OpenedEntry }

/**
 * The keys, with their owners, of these entries that were asked by an identifier that is not given, where nothing under
 * the key told of a record.
 */
export function untoldIn(entries: readonly Open[], given: readonly string[]) {
  const decisions = entries.flatMap(({ stored, opened }) => {
    const decided = decisionIn(opened)
    const isReal = decided !== undefined && !stored.leaf.dryRun
    return isReal
      ? [{ kid: stored.kid, owner: decided.subject.asked, isTold: tellsOfHit(decided) }]
      : []
  })
  const others = decisions.filter(({ owner }) => !given.includes(owner))
  const told = new Set(others.filter(({ isTold }) => isTold).map(({ kid }) => kid))
  const owners = new Set(others.filter(({ isTold }) => !isTold).map(({ owner }) => owner))
  const under = entries
    .map(({ stored: { kid }, opened: { values } }) => ({
      kid,
      owner: 'subject' in values ? values.subject.asked : '',
    }))
    .filter(({ kid, owner }) => owners.has(owner) && !told.has(kid))
  return [...new Map(under.map((each) => [each.kid, each])).values()]
}

/** Whether whoever asked was told of something of a record, even if that was only why it stays. */
const tellsOfHit = ({ told, items }: Opened): boolean =>
  told.decided.some(({ id }) => items.some((item) => item.id === id))

/**
 * What is left of entries once what was found is destroyed, by id: what was asked and told, as if nothing had been found.
 * Of one that opens no more, nothing is.
 */
export const withoutFound = (entries: readonly Open[], kek: Kek): ReadonlyMap<string, Beside> =>
  new Map(
    entries.flatMap((each) => {
      const left = leftOf(each, kek)
      return left === undefined ? [] : [[each.stored.leaf.eid, left] as const]
    }),
  )

function leftOf({ stored, opened }: Open, kek: Kek): Beside | undefined {
  const whole = openingsOf(stored, kek)
  const values = valuesLeft(opened, stored.leaf.v)
  if (values === undefined || whole === undefined) return whole
  const { openings, evidence } = whole
  const left = Object.entries(values).map(([name, value]) => {
    const opening = openings[name]
    const isSame = opening !== undefined && canonical(opening.value) === canonical(value)
    return [name, isSame ? opening : { salt: '', value }]
  })
  return { openings: Object.fromEntries(left), evidence, isLeft: true }
}

/** What an entry says without what was found; undefined if nothing was. */
function valuesLeft(opened: OpenedEntry, v: number): object | undefined {
  if (opened.kind === 'consultation') {
    const { purpose, question } = opened.values.consultation
    const { action } = question
    return { ...opened.values, consultation: { purpose, question: { action }, shown: [] } }
  }
  if (opened.kind === 'attestation' && 'attestation' in opened.values) {
    const { attestation } = opened.values
    // A release of what was shown then releases nothing any more.
    if (attestation.release === undefined) return undefined
    return { ...opened.values, attestation: { ...attestation, release: { shown: '' } } }
  }
  if (opened.kind !== 'decision' || opened.values.subject.found.length === 0) return undefined
  const { call, matter, subject, facts, items, decision, told } = opened.values
  const { outcome, standing, reasons, missing, todo, obligations } = told.reply
  const isAsked = ([name]: readonly [string, unknown]) => !isRecordFact(name)
  const ofRecord = (id: string) => items.some((item) => item.id === id)
  const { standing: _, todoComplete: __, ...rest } = decision
  // A cast: what was told is as it was decided, but for what `undefined` may stand for.
  const left: Values['decision'] = {
    ...{ call, matter },
    subject: { asked: subject.asked, match: 'none', found: [] },
    facts: {
      facts: Object.fromEntries(Object.entries(facts.facts).filter(isAsked)),
      sources: facts.sources,
    },
    items: [],
    decision: {
      ...{ ...rest, outcome, reasons, missing, todo, obligations, ...(standing && { standing }) },
      items: decision.items.filter(({ id }) => !ofRecord(id)),
    } as Opened['decision'],
    told: { ...told, decided: told.decided.filter(({ id }) => !ofRecord(id)), recordId: null },
  }
  return v < 3 ? left : shortFormOf(left)
}
