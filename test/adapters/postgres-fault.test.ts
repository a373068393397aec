/** What operators read where PostgreSQL fails: its code and its host, and nothing of a row or a password. */

import { GetItemCommand } from '@aws-sdk/client-dynamodb'
import { expect, test } from 'vitest'
import { isStoreAway } from '../../functions/adapters/dynamodb.ts'
import { postgresClient } from '../../functions/adapters/postgres.ts'
import { errorWords } from '../../functions/failure.ts'

// Kills: `InternalServerError` in each line, whatever the server said; its text, which quotes the row.
test.each([
  ['53300', { code: '53300', message: 'sorry, too many clients already' }],
  [
    '22P02',
    { code: '22P02', message: 'invalid: Anton Beispiel', detail: 'Key (pk)=(K#DE#swordfish)' },
  ],
  ['ECONNREFUSED', { code: 'ECONNREFUSED', message: 'connect ECONNREFUSED, password swordfish' }],
])('A line says %s, and where', async (code, said) => {
  const fail = async () => {
    throw Object.assign(new Error(), said)
  }
  const client = postgresClient({ query: fail }, 'db.example:5432')
  const get = new GetItemCommand({ TableName: 't', Key: { pk: { S: 'K#DE#swordfish' } } })
  for (let call = 0; call < 2; call += 1) {
    const error = await client.send(get).catch((thrown: unknown) => thrown)
    expect(errorWords(error)).toBe(`${code} of PostgreSQL at db.example:5432`)
    expect(isStoreAway(error)).toBe(true)
  }
})
