/** The gateway's own word to somebody about an open denial: entered before anybody is told. */

import { ComityError } from '../../failure.ts'
import { entryId, type Leaf } from '../../ledger/entry.ts'
import type { Durable, Stored, World } from '../../ports.ts'
import { isInTime, matterIn } from '../ask/matter.ts'
import { requesterId } from '../ask/requester.ts'
import { requestOf } from '../ask/scope.ts'
import { doubtOf } from '../entries/marks.ts'
import { type Opened, open } from '../entries/reader.ts'
import type { Values } from '../entries/values.ts'
import { enterNotice, type Unavailable } from '../entries/writer.ts'
import { dueAtHolder } from './deadline.ts'
import { isRemedied } from './progress.ts'
import type { Owing } from './schedule.ts'

/** The id of a notice: one for each denial, kind, reader and due time, whoever enters it and however often. */
export const reminderId = (request: string, { what, to }: Owing, due: string): string =>
  entryId('comity notice', [request, what, to, due].join('\u001f'))

/**
 * Enters what is owed about an open denial, as far as it is not entered; returns how many were, or why one
 * could not be made durable. Under the key of the denial itself, so that it is erased and kept with that.
 */
export async function enterReminders(
  stored: Stored,
  opened: Opened,
  owing: readonly Owing[],
  world: World,
): Promise<number | Unavailable> {
  const due = await dueAtHolder(opened, world)
  if (due === undefined) return 0
  const { eid } = stored.leaf
  const { caseReference, holder } = opened.matter
  const about = {
    request: eid,
    matter: matterIn(stored, opened).id,
    holder,
    // Who was to have what is provided unasked learns nothing of its denial.
    requester: opened.told.reply.provided ? opened.call.agency : requesterId(opened),
    caseReference,
    due: due.answerBy,
    dueBy: due.dueBy,
  }
  const ids = owing.map(
    ({ what, to }) =>
      [reminderId(eid, { what, to }, due.answerBy), { what, to, ...about }] as const,
  )
  const { kid } = stored
  const key = async () => world.subjectKeys.openToAct(kid)
  return enterMissing(
    new Map(ids),
    { ...stored.leaf, kid, asked: opened.subject.asked },
    key,
    world,
  )
}

/** Of which answer a notice is: where its entry goes, and under whose key. */
type NoticeOf = Pick<Leaf, 'eid' | 'hj' | 'aj'> & { readonly kid: string; readonly asked: string }

/**
 * Enters notices of an answer, by id, as far as they are not entered; returns how many were, or why one could not
 * be made durable. None once the key is gone.
 */
export async function enterMissing(
  notices: ReadonlyMap<string, Values['notice']['notice']>,
  { eid, hj, aj, kid, asked }: NoticeOf,
  keyOf: () => Promise<Uint8Array | undefined>,
  world: World,
): Promise<number | Unavailable> {
  const there = await world.ledger.readAll([...notices.keys()])
  const unread = [...notices].filter(([id]) => !there.has(id))
  // One that was sealed was told, even if a ledger that was restored has lost it; it is never entered again.
  const places = await Promise.all(unread.map(([id]) => world.sealed.placeOf(id)))
  const isIt = ({ t, previous }: Leaf) => t === 'notice' && previous === eid
  for (const [i, place] of places.entries()) {
    const of = { eid: unread[i]?.[0] ?? '', jurisdiction: hj }
    const why = place && (await doubtOf({ ...of, place }, isIt, world))
    // Thrown, so that the clock says so and goes on with what else waits.
    if (why !== undefined) throw new ComityError(why, 'changed')
  }
  const missing = unread.filter((_, i) => places[i] === undefined)
  const kek = missing.length === 0 ? undefined : await keyOf()
  if (kek === undefined) return 0
  for (const [id, notice] of missing) {
    const said = { subject: { asked }, notice }
    const at = world.now().toISOString()
    const entry = { kind: 'notice', at, jurisdiction: hj, said, leaf: { previous: eid } } as const
    const appended = await enterNotice(id, entry, { kid, kek }, aj, world)
    if (appended.kind === 'unavailable') return appended
  }
  return missing.length
}

/** Whether a denial was asked again since: then the answer to that is the one that waits. */
export async function isAskedAgain(
  stored: Stored,
  opened: Opened,
  { inbox }: Pick<World, 'inbox'>,
): Promise<boolean> {
  const again = await inbox.lastDecided(matterIn(stored, opened).id)
  return again !== undefined && again > stored.leaf.ts
}

/** What is owed to whoever asked, once asking again is worthwhile. */
export const answerableTo = ({ call }: Opened): Owing => ({ what: 'answerable', to: call.agency })

/**
 * Tells whoever asked at once that it can be asked again: all that it was told to be missing is attested now, or an
 * officer of the holder released something, whatever was told before. Of what was told to be open the clock tells them
 * otherwise.
 */
export async function tellIfAnswerable(id: string, holder: string, world: World): Promise<void> {
  const found = await requestOf(id, holder, world, open)
  if (found === undefined) return
  const { stored, opened }: { readonly stored: Stored | Durable; readonly opened: Opened } = found
  const now = world.now().toISOString()
  if (!isInTime(matterIn(stored, opened), now, world)) return
  if (await isAskedAgain(stored, opened, world)) return
  if (await isRemedied(stored, opened, world))
    await enterReminders(stored, opened, [answerableTo(opened)], world)
}
