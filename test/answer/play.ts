/** A case of lawyers as agencies live it: from the record kept to the answer received. */

import { expect } from 'vitest'
import { refsIn } from '../../functions/answer/entries/law.ts'
import { answerSchema } from '../../functions/answer/reply/reply-schema.ts'
import type { AttestationBody } from '../../functions/decision/attestation.ts'
import type { RecordItem } from '../../functions/decision/record.ts'
import type { AccessRequest } from '../../functions/decision/request.ts'
import { vocabulary } from '../../functions/policy/vocabulary.ts'
import { vouching } from '../../functions/policy/vouching.ts'
import { answered, type Gateway } from '../world.ts'
import { attestAll, benign, inThisCase, itemOf, personOf, requestOf } from './people.ts'

/** A case: who asks whom for which items, and what the officers find. */
export type Case = {
  readonly requester: string
  readonly holder?: string
  readonly items?: readonly RecordItem[]
  /** What the officers find otherwise than in an ordinary case. */
  readonly facts?: Facts
  readonly request?: Partial<AccessRequest>
  /** What an agency says of the consent of an originator. */
  readonly consent?: readonly [agency: string, says: Partial<AttestationBody>]
}

let cases = 0

/**
 * Keeps the record, asks, attests, asks again; gives what the requester is told then and what was decided
 * in full.
 */
export async function play(
  { requester, holder = 'DE-POL', items = [itemOf('name')], facts, request, consent }: Case,
  at: Gateway,
) {
  cases += 1
  const id = `R-${cases}`
  const caseReference = `CASE-${cases}`
  await at.putRecord(holder, personOf(id, items))
  const found = { ...benign, ...Object.fromEntries(inThisCase.map(pairOf)), ...facts }
  const classes = [...new Set(items.map((item) => item.class))]
  const asked = requestOf({ holder, subject: { recordId: id }, classes, caseReference, ...request })
  const { dryRun: _, hypotheses: __, ...real } = asked
  const { id: previous } = await answered(await at.ask(requester, 'officer-7', real))
  const scope = { kind: 'matter', matter: previous } as const
  await attestAll(at, holder, scope, picked(found, isFoundFirst))
  if (consent !== undefined) {
    const [agency, says] = consent
    await at.attest(agency, { holder, fact: 'item.originConsent', scope, ...says })
  }
  const body = { ...asked, previous }
  const first = await at.ask(requester, 'officer-7', body)
  const decided = await judged(await first.clone().text(), holder, picked(found, isFoundThen), at)
  const response = decided ? await at.ask(requester, 'officer-7', { ...body, ...decided }) : first
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
    lists: refsIn(stored.leaf, (await at.world.law.now()).book)?.lists.map(({ id: list }) => list),
  }
}

const pairOf = ({ fact, value }: (typeof inThisCase)[number]) => [fact, value] as const

/** What officers find before anything is released; with it, the law lets some go by rule alone. */
const isFoundFirst = (fact: string): boolean => {
  const { about, scopes = [] } = vouching[fact] ?? {}
  const isOfOfficer = vocabulary[fact]?.attester === 'holder-officer'
  const isBroad = about !== 'person' && scopes.length > 1
  return isOfOfficer && (isBroad || ['necessity.case', 'discretion.waived'].includes(fact))
}
const isFoundThen = (fact: string): boolean => !isFoundFirst(fact)
const picked = (facts: Facts, is: (fact: string) => boolean): Facts =>
  Object.fromEntries(Object.entries(facts).filter(([fact]) => is(fact)))

/**
 * What those concerned do with a denial that is not final: the ministry says what is its own, and an
 * officer looks, adds what he finds of the person, and releases what the law lets go. Gives what asks
 * again; undefined if there is nothing to do.
 */
async function judged(
  text: string,
  holder: string,
  facts: Facts,
  at: Gateway,
): Promise<{ readonly previous: string } | undefined> {
  const { id, outcome, dryRun } = answerSchema.parse(JSON.parse(text))
  const { decision } = (await at.entry(id)).opened
  if (outcome !== 'deny' || dryRun || decision.standing === 'final') return undefined
  const scope = { kind: 'matter', matter: id } as const
  const ofOfficer: { fact: string; value: AttestationBody['value'] }[] = []
  for (const [fact, value] of Object.entries(facts)) {
    if (vocabulary[fact]?.attester === 'holder-officer') ofOfficer.push({ fact, value })
    else await at.attest(`${holder.slice(0, 2)}-MIN`, { holder, fact, value, scope })
  }
  await at.releaseBy(holder, id, { facts: ofOfficer })
  return { previous: id }
}

type Facts = Readonly<Record<string, AttestationBody['value']>>

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
