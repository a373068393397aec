/** Whether an answer rested on a withdrawal: a refusal, a risk or a doubt that somebody took back before it. */

import { attested, type Matter } from '../decision/attested.ts'
import { type AgencySignature, withdrawalsOf } from '../decision/compromised.ts'
import { isAgainst } from '../policy/vouching.ts'
import type { KeptAttestation, KeptObjection, Stored, World } from '../ports.ts'
import { matterIn } from './matter.ts'
import { type Opened, requestIn } from './opened.ts'
import { requesterId } from './requester.ts'

/**
 * Whether something that would have held the answer back was withdrawn by such a signature before it. What lets data
 * go and was withdrawn held nothing back. In doubt it did.
 */
export async function wasLifted(
  stored: Stored,
  answer: Opened,
  isBy: (signature: AgencySignature) => boolean,
  { attestations }: Pick<World, 'attestations'>,
): Promise<boolean> {
  const { ts } = stored.leaf
  const matter = matterThen(stored, answer)
  const said = await attestations.about(matter.holder, matter, ts)
  const isLifted = (each: KeptAttestation | KeptObjection) =>
    withdrawalsOf(each).some((by) => isBy(by) && (by.at ?? ts) <= ts)
  const takenBack = said.takenBack.filter(isLifted)
  const ended = said.ended.filter(isLifted)
  const { facts } = answer.facts
  return [...attested(takenBack, ended, matter, ts)].some(([key, { value }]) => {
    const [fact = key] = key.split('@')
    const isOther = fact in facts && JSON.stringify(facts[fact]) !== JSON.stringify(value)
    return value === undefined || isAgainst(fact, value) || isOther
  })
}

/** The matter of an answer, as widely as attestations may reach it. */
const matterThen = (stored: Stored, answer: Opened): Matter => {
  const { holder, caseReference, purpose } = answer.matter
  return {
    id: matterIn(stored, answer).id,
    requester: requesterId(answer),
    requesterJurisdiction: String(answer.facts.facts['requester.jurisdiction'] ?? stored.leaf.aj),
    ...{ holder, caseReference, purpose, asked: answer.subject.asked },
    offenceCategory: requestIn(answer).offence.category,
    necessityPresumed: true,
  }
}
