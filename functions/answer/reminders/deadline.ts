/** When an open denial is due, by whose time, and whom to phone about it until then. */

import type { Judgement } from '../../decision/combine.ts'
import type { Decision } from '../../decision/decide.ts'
import {
  type Calendar,
  endOfLawTime,
  endOfOwnTime,
  type LawTime,
  type OwnTime,
} from '../../decision/due.ts'
import { lawTimes } from '../../decision/duties.ts'
import type { AccessRequest } from '../../decision/request.ts'
import { vouchesAs } from '../../identity/authorize.ts'
import { isOnDuty } from '../../identity/duty.ts'
import type { Agency } from '../../identity/register.ts'
import type { World } from '../../ports.ts'
import { type Opened, requestIn } from '../entries/reader.ts'
import { type Due, dueIn, type ToPhone } from '../reply/reply.ts'
import type { Reply } from '../reply/reply-schema.ts'
import { forPerson } from './inbox-rows.ts'

/** A holder's own times where it has set none: ours, and no law's. */
export const ownTimeOf = (urgency: AccessRequest['urgency']): OwnTime => {
  switch (urgency) {
    case 'imminent-threat-to-life':
      return { hours: 8 }
    case 'urgent':
      return { hours: 72 }
    default:
      return { workingDays: 10 }
  }
}

/**
 * When a request is due that was made at a moment, or came before: by the law's time that ends first, or the holder's own
 * where no law names one. Asking again never puts off when it was due `before`.
 */
export function dueOf(
  at: string,
  { urgency, receivedBy }: Pick<AccessRequest, 'urgency' | 'receivedBy'>,
  holder: Pick<Agency, 'timeZone' | 'holidays' | 'answerWithin'>,
  times: readonly LawTime[],
  before?: Due,
): Due {
  const from = begunBy(at, receivedBy?.receivedAt)
  const ends = times.map((time) => ({ ...time, end: endOfLawTime(from, time, holder) }))
  const own = holder.answerWithin?.[urgency] ?? ownTimeOf(urgency)
  const [first] = ends.sort((a, b) => (a.end < b.end ? -1 : Number(a.end > b.end)))
  const due: Due =
    first === undefined
      ? {
          answerBy: endOfOwnTime(from, own, holder),
          dueBy: 'holder',
        }
      : { answerBy: first.end, dueBy: 'law', dueUnder: [...first.cites] }
  return before !== undefined && before.answerBy < due.answerBy ? before : due
}

/**
 * When an answer is due for its holder: as it was told, or, where nothing was told to be open, by the holder's own time.
 * Undefined for a holder that the register does not know.
 */
export async function dueAtHolder(
  opened: Opened,
  { register }: Pick<World, 'register'>,
): Promise<Due | undefined> {
  const { reply } = opened.told
  const told = dueIn(reply)
  if (told !== undefined) return told
  const holder = await register.agency(reply.holder)
  return holder && dueOf(reply.decidedAt, requestIn(opened), holder, [])
}

/**
 * When the time of a request began: of one that came by another way when it came, and not when somebody entered it
 * (Dir. (EU) 2023/977 art. 5(1)).
 */
const begunBy = (at: string, receivedAt = at): string =>
  new Date(Math.min(Date.parse(at), Date.parse(receivedAt))).toISOString()

/**
 * When a duty is due, as it is told: its days count as those of an answer do, by the calendar of whoever owes it.
 * Days of 24 hours, as the decision counts them, where no rule says so that reads nothing of the record.
 */
export function dutyDueOf(
  at: string,
  { code, due, onWhom }: Decision['obligations'][number],
  judgement: Judgement,
  { requester, holder }: { readonly requester: Partial<Calendar>; readonly holder: Calendar },
): string | undefined {
  const { timeZone = holder.timeZone, holidays } = onWhom === 'holder' ? holder : requester
  const owner = { timeZone, holidays }
  const times = due === undefined ? [] : lawTimes(judgement, code)
  const [first] = times.map((time) => endOfLawTime(at, time, owner)).sort()
  return first ?? due
}

/** Most offices that are named for one step. */
const officesMax = 4

/** One step, or what only an officer of the holder decides. */
type Step = Pick<Decision['todo'][number], 'by' | 'fact'>

/**
 * For each step the offices that may vouch for its fact, in the order in which they are asked: the first, its deputy,
 * the others. The holder comes before the offices that its row lists. None for an originator, whose name would
 * tell of an item.
 */
export async function officesFor(
  holder: Agency,
  steps: readonly Step[],
  world: Pick<World, 'register' | 'isStoreAway'>,
): Promise<readonly (readonly Agency[])[]> {
  const agencies = (ids: readonly string[]) => Promise.all(ids.map((id) => registered(id, world)))
  const of = { holder: holder.jurisdiction, keeper: holder.id }
  const vouching = (all: Awaited<ReturnType<typeof agencies>>, { by, fact }: Step) =>
    all.filter(
      (each) =>
        by !== 'originator' &&
        each?.status === 'active' &&
        each.role === undefined &&
        vouchesAs(each, of, { fact }) === by,
    )
  const own = await agencies([holder.id, ...(holder.offices ?? [])])
  const found = steps.map((step) => vouching(own, step))
  const named = new Set(found.flatMap(([first]) => first?.duty?.deputy ?? []))
  const deputies = await agencies([...named])
  return steps.map((step, i) => {
    const [first, ...others] = found[i] ?? []
    const deputy = deputies.filter((each) => each?.id === first?.duty?.deputy)
    const all = [first, ...vouching(deputy, step), ...others].filter((each) => each !== undefined)
    return [...new Map(all.map((each) => [each.id, each])).values()].slice(0, officesMax)
  })
}

/** An agency; undefined if what the register says of it does not hold, which harms no other. */
async function registered(
  id: string,
  { register, isStoreAway }: Pick<World, 'register' | 'isStoreAway'>,
): Promise<Agency | undefined> {
  return register.agency(id).catch((error: unknown) => {
    if (isStoreAway(error)) throw error
    return undefined
  })
}

/** Whom to phone about an open denial, as it was told: the same for hit and no hit. */
export async function toPhone(
  told: Pick<Decision, 'todo' | 'standing' | 'reasons'>,
  holder: Agency,
  at: string,
  world: Pick<World, 'register' | 'isStoreAway'>,
): Promise<ToPhone> {
  const decides = { by: 'holder-officer', fact: 'release.decision' } as const
  const steps = [...told.todo, ...(forPerson(told).length === 0 ? [] : [decides])]
  const found = await officesFor(holder, steps, world)
  const all = new Map(found.flat().map((each) => [each.id, each]))
  return {
    ask: told.todo.map((_, i) => (found[i] ?? []).map(({ id }) => id)),
    offices: [...all.values()].map((office) => deskOf(office, at)),
  }
}

/** What is told of an office: how to reach it, and whether somebody is there at a moment. */
export function deskOf(office: Agency, at: string): NonNullable<Reply['offices']>[number] {
  const { id, name, duty } = office
  if (duty === undefined) return { id, name }
  const { telephone, languages } = duty
  return { id, name, telephone, languages: [...languages], onDuty: isOnDuty(office, at) === true }
}
