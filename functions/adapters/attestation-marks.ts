/**
 * Marks of what offices said and took back, in the table of entries, where no role may update or delete an item. So a row of
 * attestations that is gone, or was put back to an earlier moment, takes nothing along that stands against a disclosure.
 */

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import * as z from 'zod'
import type { KeyUse } from '../decision/attestation.ts'
import { leftOf } from '../decision/attested.ts'
import { ComityError, wasChanged } from '../failure.ts'
import type { KeptVouching, WithoutRow } from '../ports.ts'
import { overBy, overOf, placeOf } from './attestation-places.ts'
import { useName, useSchema } from './attestation-rows.ts'
import { jsonOf, rowsIn, type TableItem, textOf } from './dynamodb.ts'
import { kinds, rowKey } from './rows.ts'

/** That an act was said, with when it is over, or that a key was used on it since. Neither names a person. */
const markSchema = z.union([
  z.strictObject({
    said: z.string(),
    over: z.string().optional(),
    /** It stands against a disclosure. */
    against: z.literal(true).optional(),
  }),
  z.strictObject({ on: z.string(), use: useSchema }),
])
/** What a mark says. */
export type ActMark =
  | { readonly said: string; readonly over?: string; readonly against?: true }
  | { readonly on: string; readonly use: KeyUse }

/** Marks by the places where requests look for attestations. */
export type ActMarks = {
  /** Durable once it returns; repeating it changes nothing. */
  put(place: string, mark: ActMark): Promise<void>
  /** All marks of these places. Fails if there are more than can be read: one that is not read may hold data back. */
  of(places: readonly string[]): Promise<readonly ActMark[]>
}

/** Most marks of a place, most places to remember, most marks of one to look for at once. */
const [marksMax, knownMax, atOnceMax] = [10_000, 10_000, 64]

/**
 * The marks of a place, numbered from 1 without a gap. A mark never changes, so an instance reads each once, and of a place
 * that it knows only whether there is another. `keyed` makes a name of a place that leads nobody to the case.
 */
export const dynamodbActMarks = (
  client: DynamoDBClient,
  table: string,
  keyed: (place: string) => string,
): ActMarks => {
  const rows = rowsIn(client, table)
  const known = new Map<string, readonly ActMark[]>()
  const keyOf = (name: string, number: number) => ({
    pk: { S: rowKey(kinds.actMark, name, String(number)) },
  })

  async function read(name: string): Promise<readonly ActMark[]> {
    const all = [...(known.get(name) ?? [])]
    for (let atOnce = 1; all.length <= marksMax; atOnce = atOnceMax) {
      const keys = Array.from({ length: atOnce }, (_, i) => keyOf(name, all.length + 1 + i))
      const items = await rows.getEach(keys)
      const found = new Map(items.map((item) => [textOf(item, 'pk'), item]))
      for (const { pk } of keys) {
        const item = found.get(pk.S)
        if (item !== undefined) all.push(markIn(item))
        else {
          if (known.size > knownMax) known.clear()
          if (all.length > 0) known.set(name, all)
          return all
        }
      }
    }
    throw new ComityError(`couldn’t read what was said: more than ${marksMax} marks in one place`)
  }

  return {
    async put(place, mark) {
      const [name, text] = [keyed(place), JSON.stringify(mark)]
      for (;;) {
        const all = await read(name)
        if (all.some((each) => JSON.stringify(each) === text)) return
        // Of two at once, one takes the number, and the other the next.
        if (await rows.putNew({ ...keyOf(name, all.length + 1), mark: { S: text } })) return
      }
    },

    of: async (places) => (await Promise.all(places.map((each) => read(keyed(each))))).flat(),
  }
}

function markIn(item: TableItem): ActMark {
  const { success, data } = markSchema.safeParse(jsonOf(item, 'mark'))
  if (!success) throw wasChanged('couldn’t read a mark of what was said: it has another form')
  // A cast: a member that is not there is left out.
  return data as ActMark
}

/** Whether something of it holds data back. */
export const isAgainst = (kept: KeptVouching): boolean =>
  'against' in kept || leftOf(kept, kept.enteredAt) !== undefined

/**
 * Marks what is said, before it has a row. Of a country, what lets data leave is renewed for ever, and is not marked: without
 * it nothing more leaves.
 */
export async function markSaid(acts: ActMarks, kept: KeptVouching): Promise<void> {
  const over = overOf(kept)
  const mark = { said: kept.id, ...(over !== undefined && { over }) }
  if (isAgainst(kept)) await acts.put(placeOf(kept), { ...mark, against: true })
  else if (kept.scope.kind !== 'general') await acts.put(placeOf(kept), mark)
}

/** Marks what is done with what was said: a withdrawal before its row says so, and what adds to it after. */
export async function markUse(acts: ActMarks, kept: KeptVouching, use: KeyUse): Promise<void> {
  if (use.did === 'withdraw' || kept.scope.kind !== 'general' || isAgainst(kept))
    await acts.put(placeOf(kept), { on: kept.id, use })
}

/** Of each act, the attributes by which its row says what was done with it since. */
export function usesBy(marks: readonly ActMark[]): ReadonlyMap<string, TableItem> {
  const used = Map.groupBy(
    marks.filter((mark) => 'on' in mark),
    ({ on }) => on,
  )
  const attributes = ({ use }: Extract<ActMark, { on: string }>) => ({
    [useName(use)]: { S: JSON.stringify(use) },
    ...(use.did === 'withdraw' && { withdrawn: { BOOL: true } }),
  })
  return new Map([...used].map(([id, all]) => [id, Object.assign({}, ...all.map(attributes))]))
}

/** What was said by marks, is not over at an instant by every clock, and is in no row. */
export const withoutRow = (
  marks: readonly ActMark[],
  rows: ReadonlySet<string>,
  at: string,
): readonly WithoutRow[] =>
  marks.flatMap((mark) =>
    'on' in mark || rows.has(mark.said) || (mark.over !== undefined && mark.over < overBy(at))
      ? []
      : [
          {
            id: mark.said,
            // Of what is over by our clock, an erasure takes the row.
            isAgainst: mark.against === true && !(mark.over !== undefined && mark.over <= `#${at}`),
            uses: marks.flatMap((each) =>
              'on' in each && each.on === mark.said ? [each.use] : [],
            ),
          },
        ],
  )
