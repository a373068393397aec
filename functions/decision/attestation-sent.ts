/** The body of an attestation as it is sent, whose fields are checked against one another. */

import { factTypes, knownValue } from '../policy/fact-types.ts'
import { scopesOf, vouching } from '../policy/vouching.ts'
import {
  type AttestationBody,
  attestationShape,
  dayMs,
  lastingDaysMax,
  statementsOf,
} from './attestation.ts'

/** The body of `POST /v1/attestations`. */
export const attestationSchema = attestationShape.superRefine((body, context) => {
  for (const { path, message } of faultsOfAttestation(body))
    context.addIssue({ code: 'custom', path: [...path], message })
})

function* faultsOfAttestation(
  body: AttestationBody,
): Generator<{ readonly path: readonly (string | number)[]; readonly message: string }> {
  const { scope, originator, from, until } = body
  for (const [i, { fact, value }] of statementsOf(body).entries()) {
    const at = i === 0 ? [] : ['also', i - 1]
    const can = knownValue(fact, value) !== undefined
    if (!can || !(factTypes[fact]?.attestable?.includes(String(value)) ?? true))
      yield {
        path: [...at, 'value'],
        message: 'not a value of this fact; GET /v1/vocabulary lists them',
      }
    const scopes = scopesOf(fact, value)
    if (!scopes.includes(scope.kind))
      yield {
        path: ['scope', 'kind'],
        message: `\`${fact}\` is ${scope.kind === 'general' ? 'judged in the single case' : 'not said of a case'}: its scope is ${scopes.join(' or ')}`,
      }
    const isLimited =
      scope.kind === 'general' && (scope.purpose ?? scope.offenceCategory) !== undefined
    if (vouching[fact]?.lifeAndLimb && isLimited)
      yield {
        path: ['scope'],
        message: `\`${fact}\` is about life and limb: in general it is said of the country alone`,
      }
  }
  if (scope.kind === 'case' && scope.persons === undefined)
    yield {
      path: ['scope', 'persons'],
      message: 'a case may have many people: name each by a request in which they were asked for',
    }
  const facts = statementsOf(body).map(({ fact }) => fact)
  if (new Set(facts).size < facts.length)
    yield { path: ['also'], message: 'each fact stands once in an act' }
  if (body.also !== undefined && scope.kind !== 'matter')
    yield { path: ['also'], message: 'several facts go together for one matter' }
  if (Date.parse(from) >= Date.parse(until))
    yield { path: ['until'], message: 'an attestation ends after it begins' }
  const days = (Date.parse(until) - Date.parse(from)) / dayMs
  if (scope.kind !== 'matter' && days > lastingDaysMax)
    yield { path: ['until'], message: 'what is said of a case or a country lasts a year at most' }
  if (facts.includes('item.originConsent') !== (originator !== undefined))
    yield {
      path: ['originator'],
      message:
        originator === undefined
          ? 'name whose consent `item.originConsent` is: the originator, such as BE'
          : 'leave it out: it belongs to `item.originConsent` alone',
    }
  const releases = statementsOf(body).some(
    ({ fact, value }) => fact === 'release.decision' && value === 'release',
  )
  if (releases !== (body.release !== undefined))
    yield {
      path: ['release'],
      message: releases
        ? 'name what you were shown: `shown` of the proposal'
        : 'leave it out: it belongs to the decision to release alone',
    }
}
