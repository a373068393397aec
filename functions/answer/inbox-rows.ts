/** Rows of inboxes: which offices are asked about a decision, and why. */

import type { DecidedItem, Decision } from '../decision/decide.ts'
import type { Facts, Item } from '../decision/facts.ts'
import { vocabulary } from '../policy/vocabulary.ts'
import type { Inbox, InboxRow, Stored } from '../ports.ts'
import { matterIn } from './matter.ts'
import { decisionIn, type OpenedEntry } from './opened.ts'
import type { Reply } from './reply.ts'

/** The kind of office of the holder’s own officers. */
export const officer = 'holder-officer'

/**
 * The rows that follow from what the requester is told: the same for hit and no hit. They are written as soon
 * as the entry is durable.
 */
export const toldRows = (
  eid: string,
  ts: string,
  decided: About,
  told: Decision | Reply,
): readonly InboxRow[] => {
  const steps = told.standing === 'open' ? told.todo.map(({ by }) => by) : []
  const audiences = steps.filter((by) => by !== 'originator')
  return rowsFor([...audiences, ...(forPerson(told).length > 0 ? [officer] : [])], eid, ts, decided)
}

/**
 * The rows that rest on the record, for the holder's own officers and for the originator of an item: nobody
 * else may learn of a hit. They are written when the entry is sealed, so that their timing tells nothing.
 */
const untoldRows = (
  eid: string,
  ts: string,
  decided: About & { readonly decision: Decision; readonly items: readonly Item[] },
): readonly InboxRow[] => {
  const { decision, items } = decided
  const isOpen = decision.standing === 'open' && decision.todo.length > 0
  const originators = consentWaitedFor(decision.items, items)
  return rowsFor(
    [
      ...(isOpen || forPerson(decision).length > 0 ? [officer] : []),
      ...originators.map((origin) => `originator:${origin}`),
    ],
    eid,
    ts,
    decided,
  )
}

const rowsFor = (
  audiences: readonly string[],
  eid: string,
  ts: string,
  { call, matter, facts: { facts } }: About,
): readonly InboxRow[] =>
  [...new Set(audiences)].map((audience) => ({
    holder: matter.holder,
    audience,
    eid,
    ts,
    requester: call.agency,
    urgent: facts['request.urgency'] === 'imminent-threat-to-life',
  }))

/**
 * Puts a decision into the inboxes of all who could change it, if its entry opens. Repeating it changes
 * nothing.
 */
export async function fileInInbox(
  stored: Stored,
  opened: OpenedEntry | undefined,
  inbox: Pick<Inbox, 'put' | 'decidedAgain'>,
): Promise<void> {
  const { eid, ts, dryRun } = stored.leaf
  const decided = decisionIn(opened)
  if (dryRun || decided === undefined) return
  const rows = [...toldRows(eid, ts, decided, decided.told.reply), ...untoldRows(eid, ts, decided)]
  await Promise.all(rows.map((row) => inbox.put(row)))
  const { id } = matterIn(stored, decided)
  if (id !== eid) await inbox.decidedAgain(id, ts)
}

/** The row of a denial that the requester put before a person. */
export const reviewRow = (eid: string, ts: string, decided: About): InboxRow => ({
  holder: decided.matter.holder,
  audience: officer,
  eid,
  ts,
  requester: decided.call.agency,
  urgent: false,
})

/** The parts of a decision that a row is made of. */
type About = {
  readonly call: { readonly agency: string }
  readonly matter: { readonly holder: string }
  readonly facts: { readonly facts: Facts }
}

/** Why an officer of the holder is asked; empty for a final denial, which waits for nobody. */
export const forPerson = ({ standing, reasons }: Pick<Decision | Reply, 'standing' | 'reasons'>) =>
  (['human-decision', 'ambiguous-subject'] as const).filter(
    (each) => standing !== 'final' && reasons.some(({ code }) => code === each),
  )

/** The originators whose consent a withheld item waits for. */
export const consentWaitedFor = (
  decided: readonly DecidedItem[],
  items: readonly Item[],
): readonly string[] =>
  items.flatMap(({ id, facts }) => {
    const isKept = decided.some((each) => each.id === id && each.treatment.kind === 'withhold')
    const consent = facts['item.originConsent']
    const origin = facts['item.origin']
    return isKept && isOpenConsent(consent) && typeof origin === 'string' && origin !== 'holder'
      ? [origin]
      : []
  })

/** Whether an originator has not answered yet. */
export const isOpenConsent = (consent: unknown): boolean =>
  vocabulary['item.originConsent']?.open?.includes(String(consent)) === true
