/** A case of lawyers as agencies live it: from the record kept to the answer received. */

import { expect } from 'vitest'
import type { AttestationBody } from '../../functions/decision/attestation.ts'
import type { RecordItem } from '../../functions/decision/record.ts'
import type { AccessRequest } from '../../functions/decision/request.ts'
import { answered, type Gateway } from '../world.ts'
import { attestAll, benign, itemOf, personOf, requestOf } from './people.ts'

/** A case: who asks whom for which items, and what the officers find. */
export type Case = {
  readonly requester: string
  readonly holder?: string
  readonly items?: readonly RecordItem[]
  /** What the officers find otherwise than in an ordinary case. */
  readonly facts?: Readonly<Record<string, AttestationBody['value']>>
  readonly request?: Partial<AccessRequest>
  /** What an agency says of the consent of an originator. */
  readonly consent?: readonly [agency: string, says: Partial<AttestationBody>]
}

let cases = 0

/** Keeps the record, attests, asks; gives what the requester is told and what was decided in full. */
export async function play(
  { requester, holder = 'DE-POL', items = [itemOf('name')], facts, request, consent }: Case,
  at: Gateway,
) {
  cases += 1
  const id = `R-${cases}`
  const caseReference = `CASE-${cases}`
  await at.putRecord(holder, personOf(id, items))
  await attestAll(at, holder, { kind: 'case', requester, caseReference }, { ...benign, ...facts })
  if (consent !== undefined) {
    const [agency, says] = consent
    const scope = { kind: 'case', requester, caseReference } as const
    await at.attest(agency, { holder, fact: 'item.originConsent', scope, ...says })
  }
  const classes = [...new Set(items.map((item) => item.class))]
  const body = requestOf({ holder, subject: { recordId: id }, classes, caseReference, ...request })
  const response = await at.ask(requester, 'officer-7', body)
  const text = await response.clone().text()
  const told = await answered(response)
  const { stored, opened } = await at.entry(told.id)
  expect(stored.leaf.out).toBe(told.outcome)
  const full = opened.decision
  return {
    text,
    told: summary(told),
    full: summary(full),
    answer: told,
    left: told.records.flatMap((each) => each.items),
    kept: Object.fromEntries(full.items.map((item) => [item.id, item.treatment.kind])),
    match: opened.subject.match,
    lists: stored.leaf.lists.map(({ id: list }) => list),
  }
}

type Said = {
  readonly outcome: string
  readonly standing?: string | undefined
  readonly reasons: readonly {
    readonly code: string
    readonly rule: string
    readonly cites: readonly string[]
  }[]
  readonly obligations: readonly { readonly code: string; readonly value?: string | undefined }[]
}

const summary = ({ outcome, standing, reasons, obligations }: Said) => ({
  outcome,
  ...(standing === undefined ? {} : { standing }),
  codes: [...new Set(reasons.map(({ code }) => code))],
  rules: reasons.map(({ rule }) => rule),
  cites: [...new Set(reasons.flatMap(({ cites }) => cites))],
  obligations: obligations.map(({ code, value }) =>
    value === undefined ? code : `${code} ${value}`,
  ),
})

/** What is said of a record of which nothing may be told. */
export const nothing = {
  outcome: 'deny',
  standing: 'final',
  codes: ['nothing-transmissible'],
  rules: ['comity/nothing-transmissible'],
  cites: [],
  obligations: [],
}

/** A list that holds all of these, and perhaps more. */
export const containing = (...all: readonly string[]) => expect.arrayContaining([...all])
