/** Remembers what was found of requests before the fetch, for each agency apart. */

import type { InForce } from '../policy/history.ts'
import type { Known } from '../policy/logic.ts'
import { type BeforeFetch, beforeFetch, dated } from './decide.ts'
import { mayRead } from './evaluate.ts'
import { type Facts, requestOf } from './facts.ts'

/**
 * Answers as `beforeFetch` does, from memory where the same agency asked the same of the same law before.
 *
 * It rests on nothing but what is known before a record is fetched, so that hit and no hit take the same time;
 * and no agency's questions change what another's cost. What was found is never given under another law:
 * another version, list, suspension or quarter of an hour is another `InForce`.
 */
export type FindingCache = (
  agency: string,
  now: InForce,
  facts: Facts,
  classes: readonly string[],
  at: string,
) => BeforeFetch

/** Most questions remembered for one agency: what it asks again within minutes. Each takes about 15 KB. */
export const questionsMax = 32

/** Most agencies with a memory under one law, so that all of it is at most some 30 MB. */
export const agenciesMax = 64

/**
 * A memory that is empty. The questions of an agency that were asked longest ago are forgotten first. An agency
 * that comes when all places are taken gets none, rather than that of another: its questions are found anew.
 */
export function findingCache(max: number = questionsMax): FindingCache {
  const laws = new WeakMap<InForce, Map<string, Map<string, BeforeFetch>>>()
  return (agency, now, facts, classes, at) => {
    const agencies = laws.get(now) ?? new Map<string, Map<string, BeforeFetch>>()
    laws.set(now, agencies)
    const questions = agencies.get(agency) ?? new Map<string, BeforeFetch>()
    if (agencies.size < agenciesMax) agencies.set(agency, questions)
    const request = requestOf(facts, now)
    const key = keyOf(now, request, facts, classes)
    const found = questions.get(key) ?? withoutItems(beforeFetch(now, facts, classes))
    questions.delete(key)
    questions.set(key, found)
    for (const [oldest] of questions) if (questions.size > max) questions.delete(oldest)
    const judgement = { ...found.judgement, facts, request }
    if (found.refusal === undefined) return { ...found, judgement }
    return { ...found, judgement, refusal: dated(found.refusal, at) }
  }
}

/** Everything that a finding may rest on. The case counts only where an attestation or a policy reads it. */
function keyOf(now: InForce, request: Known, facts: Facts, classes: readonly string[]): string {
  const rests = facts['request.restsOn']
  const isRead = (Array.isArray(rests) && rests.includes(ofCase)) || mayRead(now, request, ofCase)
  return JSON.stringify([classes, isRead ? facts : { ...facts, [ofCase]: null }])
}

const ofCase = 'request.caseReference'

/** Of the classes, only those refused are spoken of later. */
const withoutItems = (before: BeforeFetch): BeforeFetch => ({
  ...before,
  judgement: { ...before.judgement, items: before.refused },
})
