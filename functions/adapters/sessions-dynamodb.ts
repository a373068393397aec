/** Sessions in a DynamoDB table of their own, which forgets what has ended. */

import { createHash } from 'node:crypto'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import * as z from 'zod'
import type { Sessions } from '../console-ports.ts'
import { loginSchema } from '../identity/officers.ts'
import { sessionMaxMs } from '../identity/session.ts'
import { jsonOf, numberOf, rowsIn } from './dynamodb.ts'
import { kinds, rowKey } from './rows.ts'

const begunSchema = z
  .strictObject({
    iss: z.string(),
    state: z.string(),
    nonce: z.string(),
    verifier: z.string(),
    anew: z.boolean(),
    next: z.string(),
    until: z.number(),
  })
  .readonly()
const sessionSchema = z
  .strictObject({
    login: loginSchema,
    agency: z.string(),
    officer: z.string(),
    provedAt: z.number(),
    since: z.number(),
  })
  .readonly()
const formerSchema = z.array(z.string()).readonly()

/** Sessions in a table. FORMAT.md describes its rows. */
export function dynamodbSessions(client: DynamoDBClient, table: string): Sessions {
  const rows = rowsIn(client, table)
  const keyOf = (kind: 'begun' | 'session', secret: string) => ({
    pk: { S: rowKey(kinds[kind], createHash('sha256').update(secret).digest('base64url')) },
  })
  /** DynamoDB removes a row some time after this second; until then, whoever reads it looks at its times. */
  const ends = (ms: number) => ({ ends: { N: String(Math.ceil(ms / 1000)) } })
  return {
    async begin(secret, login) {
      await rows.put({
        ...keyOf('begun', secret),
        begun: { S: JSON.stringify(login) },
        ...ends(login.until),
      })
    },
    async take(secret) {
      const key = keyOf('begun', secret)
      const row = await rows.get(key)
      // Of two that come at once, one removes it.
      if (row === undefined || !(await rows.remove(key, { if: 'attribute_exists(pk)' })))
        return undefined
      return begunSchema.parse(jsonOf(row, 'begun'))
    },
    async put(secret, { usedAt, former, ...session }) {
      await rows.put({
        ...keyOf('session', secret),
        session: { S: JSON.stringify(session) },
        usedAt: { N: String(usedAt) },
        ...(former.length > 0 && { former: { S: JSON.stringify(former) } }),
        ...ends(session.since + sessionMaxMs),
      })
    },
    async get(secret) {
      const row = await rows.get(keyOf('session', secret))
      if (row === undefined) return undefined
      const session = sessionSchema.parse(jsonOf(row, 'session'))
      const former = row.former === undefined ? [] : formerSchema.parse(jsonOf(row, 'former'))
      return { ...session, usedAt: numberOf(row, 'usedAt'), former }
    },
    async use(secret, at) {
      const values = { ':at': { N: String(at) } }
      // Never makes a session anew that was ended meanwhile.
      await rows.update(keyOf('session', secret), 'SET usedAt = :at', {
        if: 'attribute_exists(pk)',
        values,
      })
    },
    async end(secret) {
      return rows.remove(keyOf('session', secret), { if: 'attribute_exists(pk)' })
    },
    async forget(now) {
      const ended = { ':now': { N: String(Math.floor(now / 1000)) } }
      const filter = { FilterExpression: 'ends < :now', ExpressionAttributeValues: ended }
      for await (const some of rows.scan(filter))
        for (const { pk } of some) if (pk !== undefined) await rows.remove({ pk })
    },
  }
}
