import { DescribeTableCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTable, createTables, tablesIn } from '../../functions/adapters/create-tables.ts'
import { localTableNames, tableNames, tables } from '../../functions/adapters/tables.ts'
import { faultOf } from '../../functions/failure.ts'
import { type Store, startDynalite } from '../dynalite.ts'

let store: Store
beforeAll(async () => {
  store = await startDynalite()
})
afterAll(() => store.close())

describe('The tables', () => {
  test('are there with their keys, and creating them again changes nothing', async () => {
    await createTables(store.client, store.tables)
    for (const { localName, hash, ...rest } of Object.values(tables)) {
      const { Table } = await store.client.send(new DescribeTableCommand({ TableName: localName }))
      const range = 'range' in rest ? [rest.range] : []
      expect(Table?.KeySchema?.map(({ AttributeName }) => AttributeName)).toEqual([hash, ...range])
    }
  })

  // Kills: one page of names, so that a gateway does not start beside a hundred tables of others.
  test('are all seen, also in a store that has more than it tells at once', async () => {
    const { signatures } = tables
    const others = Array.from({ length: 101 }, (_, i) => `aaa-${i}`)
    await Promise.all(others.map((name) => createTable(store.client, name, signatures)))
    expect(await tablesIn(store.client)).toEqual(
      expect.arrayContaining(Object.values(store.tables)),
    )
  })

  // Kills: an index that copies more than its keys.
  test('index entries by log and time, without anything of a person', async () => {
    const command = new DescribeTableCommand({ TableName: store.tables.decisions })
    const indexes = (await store.client.send(command)).Table?.GlobalSecondaryIndexes ?? []
    expect(indexes.map(({ IndexName, Projection }) => [IndexName, Projection])).toEqual([
      ['sweep', { ProjectionType: 'KEYS_ONLY' }],
    ])
  })

  // Kills: two roles that swap their tables.
  test('are named by the variables of a deployment', () => {
    const named = {
      COMITY_DECISIONS_TABLE: 'd',
      COMITY_KEYS_TABLE: 'k',
      COMITY_RECORDS_TABLE: 'r',
      COMITY_ATTESTATIONS_TABLE: 'a',
      COMITY_REGISTER_TABLE: 'g',
      COMITY_SEALING_TABLE: 's',
      COMITY_SIGNATURES_TABLE: 'w',
      COMITY_LOOKUPS_TABLE: 'l',
      COMITY_SESSIONS_TABLE: 'o',
    }
    const names = {
      decisions: 'd',
      keys: 'k',
      records: 'r',
      attestations: 'a',
      register: 'g',
      sealing: 's',
      signatures: 'w',
      lookups: 'l',
      sessions: 'o',
    }
    expect(tableNames(named)).toEqual(names)
    expect(localTableNames().keys).toBe('comity-keys')
  })
})

describe('What went wrong', () => {
  // Kills: the store's own texts in ours.
  test('is told by its name, never by its text', () => {
    const secret = 'Kowalski'
    expect(faultOf(new TypeError(secret))).toBe('TypeError')
    expect(faultOf(Object.assign(new Error(secret), { code: 'ECONNRESET' }))).toBe('ECONNRESET')
    expect(faultOf(secret)).toBe('unknown')
  })
})
