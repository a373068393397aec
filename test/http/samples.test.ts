/** Samples of a log. */

import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openAny } from '../../functions/answer/entries/reader.ts'
import { localLog } from '../../functions/demo/sealing.ts'
import { leafHash } from '../../functions/ledger/entry.ts'
import { sealAll } from '../../functions/sealing/sweep.ts'
import { itemOf, personOf, requestOf } from '../answer/people.ts'
import { localSealWorld } from '../demo/seal-world.ts'
import { answered, freshJti, problemOf } from '../world.ts'
import { type Audited, bodyOf, startAudited } from './audit-gateway.ts'

const log = 'comity.test/de/2026'
const restricted = new Set<string>()
let audited: Audited
let data: string
let archive: ReturnType<typeof localLog>
let seal: () => Promise<unknown>

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'comity-samples-'))
  audited = await startAudited({
    change: (world) => ({
      ...world,
      subjectKeys: { ...world.subjectKeys, isRestricted: async (kid) => restricted.has(kid) },
    }),
    changeAudit: (world) => ({
      ...world,
      archive: { get: (path) => archive.archive.get(path) },
      vkey: (of) => archive.vkey(of),
    }),
  })
  archive = localLog(data)
  const sealing = localSealWorld(audited.world, audited.store.client, archive, [], 0)
  seal = () => sealAll(sealing)
  await audited.putRecord('DE-POL', personOf('R-1', [itemOf('name')]))
  for (let asked = 0; asked < 11; asked++)
    await answered(await audited.ask('US-POL', 'officer-1', requestOf()))
  await seal()
  await answered(await audited.ask('GB-POL', 'officer-1', requestOf()))
  await seal()
})
afterAll(async () => {
  await audited.close()
  rmSync(data, { recursive: true })
})

type Sample = {
  readonly size: number
  readonly checkpoint: string
  readonly entries: readonly (Record<string, unknown> & { readonly index: number })[]
}
const get = (office: string, query: Record<string, string>, jti = freshJti()) =>
  audited.get(
    office,
    `/v1/samples?${new URLSearchParams({ purpose: 'lawfulness', log, n: '5', ...query })}`,
    { jti },
  )
// A cast: an answer that is none fails in what it is compared with.
const sample = async (query: Record<string, string> = {}) =>
  (await bodyOf(await get('DE-DPA', query))) as unknown as Sample
const indicesOf = ({ entries }: Sample) => entries.map(({ index }) => index)

/**
 * The rule of FORMAT.md, by another way than the gateway's: all indices in a list, each drawn one
 * swapped to the front.
 */
function drawn(checkpoint: string, count: number): readonly number[] {
  const [, size = '', root = ''] = checkpoint.split('\n')
  const all = [...Array(Number(size)).keys()]
  let counter = 0n
  const next = (limit: bigint): bigint => {
    for (;;) {
      const bytes = Buffer.concat([Buffer.from(root, 'base64'), Buffer.alloc(8)])
      bytes.writeBigUInt64BE(counter++, 32)
      const hex = createHash('sha256').update(bytes).digest('hex').slice(0, 16)
      const number = BigInt(`0x${hex}`)
      if (number / limit < 2n ** 64n / limit) return number % limit
    }
  }
  for (let i = 0; i < Math.min(count, all.length); i++) {
    const j = i + Number(next(BigInt(all.length - i)))
    const [a = 0, b = 0] = [all[i], all[j]]
    all[i] = b
    all[j] = a
  }
  return all.slice(0, count)
}

describe('A sample', () => {
  // Kills: another seed than the checkpoint's root; a sample of the operator's choice.
  test('is what the checkpoint decides, as anyone draws it again', async () => {
    const newest = await sample()
    expect(newest.checkpoint.split('\n').slice(0, 2)).toEqual([log, String(newest.size)])
    expect(indicesOf(newest)).toEqual(drawn(newest.checkpoint, 5))
    expect(new Set(indicesOf(newest)).size).toBe(5)
    expect(await sample()).toEqual(newest)
    const all = await sample({ n: '500' })
    expect([...indicesOf(all)].sort((a, b) => a - b)).toEqual([...Array(newest.size).keys()])
    expect(indicesOf(all).slice(0, 5)).toEqual(indicesOf(newest))
  })

  test('of an earlier checkpoint is that one’s for ever', async () => {
    const { size } = await sample()
    const earlier = await sample({ size: String(size - 1) })
    expect(earlier.size).toBe(size - 1)
    expect(indicesOf(earlier)).toEqual(drawn(earlier.checkpoint, 5))
    expect(Math.max(...indicesOf(await sample({ size: String(size - 1), n: '99' })))).toBe(size - 2)
  })

  test('shows the line of each entry that stands there', async () => {
    const { entries } = await sample({ n: '500' })
    for (const { index, id } of entries)
      expect(await audited.auditWorld.sealing.placeOf(String(id))).toEqual({ log, index })
    const british = entries.filter(({ aj }) => aj === 'GB')
    expect(british).toMatchObject([{ kind: 'decision', agency: 'GB-POL', officer: 'officer-1' }])
  })

  test('shows nobody in an entry that is restricted or erased', async () => {
    const { entries } = await sample({ n: '500' })
    const id = String(entries.find(({ aj }) => aj === 'GB')?.id)
    const { kid } = (await audited.entry(id)).stored
    const line = async (purpose = 'lawfulness') =>
      (await sample({ n: '500', purpose })).entries.find((each) => each.id === id)
    restricted.add(kid)
    expect(await line()).toMatchObject({ restricted: true })
    expect(await line()).not.toHaveProperty('officer')
    expect(await line('criminal-proceedings')).toMatchObject({ officer: 'officer-1' })
    restricted.clear()
  })

  // Kills: taking the ledger's word for what was sealed, or that of ledger and bundle where both were changed alike.
  test.each([
    ['bundle', 'its proof does not hold: the log was changed'],
    ['ledger', 'it is not the entry that was sealed'],
    ['bundle and ledger', 'its proof does not hold: the log was changed'],
  ])(
    'says of an entry that it is not the one that was sealed (%s changed)',
    async (where, wrong) => {
      const file = bundle()
      const bytes = readFileSync(file)
      const [, id = ''] = /"eid":"([^"]+)"/.exec(bytes.toString()) ?? []
      const { decisions } = audited.store.rows
      const key = { pk: { S: `D#${id}` } }
      const before = (await decisions.get(key)) ?? key
      const otherYear = (of: Uint8Array) => {
        const changed = Buffer.from(of)
        changed[changed.indexOf('"ts":"2026') + 6] = 0x33
        return changed
      }
      const leaf = otherYear((await audited.entry(id)).stored.leafBytes)
      if (where.includes('bundle')) writeFileSync(file, otherYear(bytes))
      if (where.includes('ledger'))
        await decisions.put({ ...before, leaf: { B: leaf }, lh: { B: leafHash(leaf) } })
      const { entries } = await sample({ n: '500' })
      writeFileSync(file, bytes)
      await decisions.put(before)
      expect(entries.filter((each) => each.wrong !== undefined)).toMatchObject([{ id, wrong }])
    },
  )

  test('is an entry that says which entries were shown', async () => {
    audited.clock.pass(15 * 60_000)
    const shown = (await bodyOf(await get('DE-DPA', {}))) as unknown as Sample
    const stored = await audited.world.ledger.read(audited.looks.at(-1) ?? '')
    const opened = stored && (await openAny(stored, audited.world))
    expect(opened?.values).toMatchObject({
      consultation: {
        purpose: 'lawfulness',
        question: { action: 'sample', log, size: shown.size, n: 5 },
        shown: shown.entries.map(({ id }) => id),
      },
    })
  })

  test('of a log or checkpoint that is none, or another’s, is not found, all alike', async () => {
    const none = async (office: string, query: Record<string, string>) => {
      const { status, code, errors } = await problemOf(await get(office, query))
      return { status, code, errors }
    }
    const nothing = { status: 404, code: 'not-found', errors: [] }
    for (const query of [
      { log: 'comity.test/de/2025' },
      { log: 'comity.test/gb/2026' },
      { log: 'comity.test/DE/2026' },
      { log: 'other.test/de/2026' },
      { log: '../de/2026' },
      { size: '999' },
    ])
      expect(await none('DE-DPA', query), JSON.stringify(query)).toEqual(nothing)
    expect(await none('GB-DPA', {})).toEqual(nothing)
    const { errors } = await problemOf(await get('DE-DPA', { n: '0', size: '1e3' }))
    expect(errors.map(({ pointer }) => pointer)).toEqual(['/size', '/n'])
  })
})

/** What the log’s newest bundle gained last. */
function bundle(): string {
  const folder = join(data, 'log', log, 'tile/entries')
  const [newest = ''] = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /d\/\d+-\d+$/.test(file))
    .sort((a, b) => Number(b.split('-').at(-1)) - Number(a.split('-').at(-1)))
  return join(folder, newest)
}
