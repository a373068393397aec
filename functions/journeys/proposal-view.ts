/** What an officer is shown of a proposal: all that would leave, and all that stays, with reasons. */

import type { AccessRequest } from '../decision/request.ts'
import type { Proposal } from './propose.ts'

/** What was asked, without who and for whom: an officer sees earlier descriptions beside this one. */
const described = ({ purpose, offence, stage, classes, urgency, necessity }: AccessRequest) => ({
  purpose,
  offence,
  stage,
  classes,
  urgency,
  necessity,
})

/** The answer to `POST /v1/access-requests/{id}/proposal`. */
export function shownProposal({ id, receipt, considering, considered }: Proposal) {
  const { request, requester, holder, matter } = considering
  const { seen, disclosure, earlier, shown } = considered
  const { decision } = seen
  const kept = decision.items.filter(
    ({ id: item }) => !disclosure.items.some((each) => each.id === item),
  )
  const heldValue = (item: string) => seen.record?.items.find((each) => each.id === item)?.value
  return {
    id,
    matter,
    holder: holder.id,
    requester: requester.id,
    caseReference: request.caseReference,
    subject: request.subject,
    asked: described(request),
    /** Refusals of this person in this case that described the matter otherwise. */
    earlier: earlier.map((each) => ({
      request: each.id,
      decidedAt: each.ts,
      asked: described(each.request),
    })),
    match: seen.match,
    /** Of several records that fit, their ids: pick one as `record`. */
    candidates: seen.candidates,
    outcome: decision.outcome,
    items: disclosure.items,
    kept: kept.map(({ id: item, treatment, rules }) => ({
      id: item,
      value: heldValue(item) ?? null,
      treatment: treatment.kind,
      rules,
    })),
    reasons: decision.reasons,
    missing: decision.missing,
    todo: decision.todo,
    obligations: decision.obligations,
    /** Names exactly these items; a decision to release repeats it. */
    shown,
    receipt,
  }
}
