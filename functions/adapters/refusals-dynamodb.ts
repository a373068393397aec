/** Refusals in DynamoDB, by the case in which an agency asked: what we remember of its descriptions. */

import { createHash } from 'node:crypto'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import * as z from 'zod'
import type { CaseName } from '../decision/attestation.ts'
import { foldCase } from '../decision/request.ts'
import type { Refusal, Refusals } from '../inbox-ports.ts'
import { itemKey, jsonOf, rowsIn } from './dynamodb.ts'
import { kinds, rowKey } from './rows.ts'

/** Most refusals to look through for one case. If there are more, a person decides. */
const refusalsMax = 1000
/** So many are read in one look, however they describe the matter: most cases have fewer. */
const fewMax = 32

const refusalSchema = z.strictObject({
  id: z.string(),
  ts: z.string(),
  asked: z.string(),
  found: z.array(z.string()),
  described: z.string(),
  stage: z.string(),
  classes: z.array(z.string()).optional(),
})

/**
 * Refusals: one row for each person, description and outcome, however often the same was refused. The row says
 * who was found, so that a record that has since been renamed still counts.
 */
export const dynamodbRefusals = (client: DynamoDBClient, table: string): Refusals => ({
  async of(holder, of, except) {
    const pk = placeOf(holder, of)
    const page = (Limit: number, KeyConditionExpression?: string, bound = '') =>
      rowsIn(client, table).page(pk, {
        Limit,
        ...(KeyConditionExpression && { KeyConditionExpression, values: { ':sk': { S: bound } } }),
      })
    const first = await page(except === undefined ? refusalsMax : fewMax)
    const pages = [first]
    // INVARIANT (asking makes nothing dearer): of many, those that were described alike, which may be all, are not read.
    if (except !== undefined && first.LastEvaluatedKey !== undefined) {
      const alike = describedAs(except)
      const before = page(refusalsMax, 'pk = :pk AND sk < :sk', `${alike}#`)
      const after = page(refusalsMax, 'pk = :pk AND sk >= :sk', `${alike}$`)
      pages.splice(0, 1, ...(await Promise.all([before, after])))
    }
    const items = pages.flatMap(({ Items = [] }) => Items)
    const isMore = pages.some(({ LastEvaluatedKey }) => LastEvaluatedKey !== undefined)
    if (isMore || items.length > refusalsMax) return undefined
    return items.map((item) => refusalSchema.parse(jsonOf(item, 'refusal')) as Refusal)
  },

  async put(holder, of, refusal) {
    const { asked, found, described, stage, classes } = refusal
    const what = JSON.stringify([described, stage, classes ?? null, found])
    const sk = `${describedAs(refusal)}#${asked}#${hash(what).slice(0, 22)}`
    const key = itemKey(placeOf(holder, of), sk)
    await rowsIn(client, table).put({ ...key, refusal: { S: JSON.stringify(refusal) } })
  },
})

/** Before the sort keys of what was described alike. Rows of earlier builds begin with the person, and are all read. */
const describedAs = ({ described, stage }: Pick<Refusal, 'described' | 'stage'>): string =>
  `${hash(described).slice(0, 22)}#${stage}`

/** The partition key of a case. The case is hashed, since agencies name cases freely. */
const placeOf = (holder: string, { requester, caseReference }: CaseName) =>
  rowKey(kinds.refusal, holder, requester, hash(foldCase(caseReference)))

const hash = (text: string): string => createHash('sha256').update(text, 'utf8').digest('base64url')
