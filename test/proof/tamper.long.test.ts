/**
 * What an operator or an insider may do to a log, and how both verifiers name it: which fault, where.
 * Expected are the faults that the attack makes by its nature; further ones may follow from them. One
 * changed byte: one-byte.long.test.ts.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Case,
  type Changes,
  type Exported,
  type Files,
  filesIn,
  freshKey,
  startAttacked,
  startSealed,
} from './exported.ts'
import {
  forge,
  type Item,
  itemsOf,
  linesIn,
  linesOf,
  noteOf,
  type Resealing,
  resealedBy,
  swappedAt,
  withLeaf,
} from './forge.ts'

let attacked: Awaited<ReturnType<typeof startAttacked>>
let exported: Exported
let verify: typeof attacked.verify
let found: typeof attacked.found
/** The log that is attacked, its items in order, and where its batches end. */
let log: string
let items: readonly Item[]
const ends = [3, 5, 9]
beforeAll(async () => {
  attacked = await startAttacked()
  ;({ exported, verify, found, log } = attacked)
  items = itemsOf(exported.files, log)
})
afterAll(() => attacked.stop())

/** Items in the order of the table, as they are exported unless changed. */
const table = (change: (items: readonly Item[]) => readonly Item[]): Changes => ({
  [`${log}/entries.ndjson`]: linesIn(change(items)),
})

const resealed = (...of: Resealing) => resealedBy(exported, log, ends, ...of)

const forged = (sealed: readonly Item[], beside: readonly Item[] = [], to = ends) =>
  forge(exported.files, log, sealed, to, beside)

const replaced = (at: number, item: Item | undefined): readonly Item[] =>
  items.flatMap((each, index) => (index !== at ? [each] : item === undefined ? [] : [item]))

const swapped = (at: number) => swappedAt(items, at)

const item = (at: number): Item => {
  const found = items[at]
  if (found === undefined) throw new Error('no such item')
  return found
}

const manifests = (change: (lines: readonly unknown[]) => readonly unknown[]): Changes => ({
  [`${log}/manifests.ndjson`]: linesIn(change(linesOf(exported.files, `${log}/manifests.ndjson`))),
})

const without = (...paths: readonly string[]): Changes =>
  Object.fromEntries(paths.map((path) => [`${log}/${path}`, undefined]))

/** What was kept when the log had five entries. */
const earlier = (): Changes => ({
  [`${log}/checkpoint`]: exported.files.get(`${log}/checkpoints/5`),
})

const released = () => withLeaf(item(4), { out: 'release' })
const invented = () => withLeaf(item(0), { eid: Buffer.alloc(32, 7).toString('base64url') })
const eid = (at: number) => item(at).eid
/** The line of the table and the index are those of the item, unless it has no index. */
const entry = (code: string, at: number, line = at + 1) =>
  `${code} entries.ndjson line ${line} ${eid(at)}`

/** Who has what, and how it is named. */
type Attack = readonly [
  what: string,
  make: () => Promise<Case> | Case,
  says: () => readonly string[],
]

/** Findings from a tree that is not the one that was signed when it had five entries, and later. */
const otherRoots = () => [
  'root-differs checkpoints/5 at 3',
  'root-differs checkpoints/9 at 3',
  'root-differs checkpoint at 3',
]

describe('Whoever can write to the table', () => {
  const attacks: readonly Attack[] = [
    [
      'changes a leaf and its hash',
      () => ({ changes: table(() => replaced(4, released())) }),
      () => [`${entry('entry-changed', 4)} at 4`],
    ],
    [
      'changes what is kept beside a leaf',
      () => ({ changes: table(() => replaced(4, { ...item(4), ev: 'AAAA' })) }),
      () => [`${entry('entry-changed', 4)} at 4`],
    ],
    [
      'deletes a sealed entry',
      () => ({ changes: table(() => replaced(4, undefined)) }),
      () => [`entry-missing entries.ndjson ${eid(4)} at 4`],
    ],
    [
      'puts in an entry that nobody made',
      () => ({ changes: table((all) => [...all, invented()]) }),
      () => [`unsealed entries.ndjson line 10 ${invented().eid}`],
    ],
    [
      'puts in an entry twice',
      () => ({ changes: table((all) => [...all, item(2)]) }),
      () => [entry('entry-twice', 2, 10)],
    ],
    [
      'takes a manifest away',
      () => ({ changes: manifests((all) => all.toSpliced(1, 1)) }),
      () => ['manifest-gap manifests.ndjson line 2 at 3'],
    ],
    [
      'takes the last manifest away',
      () => ({ changes: manifests((all) => all.slice(0, 2)) }),
      () => ['manifest-gap manifests.ndjson at 5'],
    ],
    ['takes the head away', () => ({ changes: without('head.json') }), () => ['missing head.json']],
    [
      'takes the seals away',
      () => ({ changes: without('seals.ndjson') }),
      () => items.map(({ eid }, at) => `seal-missing seals.ndjson ${eid} at ${at}`),
    ],
  ]
  // Kills: a part of the head that is not compared with the tree.
  test.each(
    Object.entries({
      size: [8, 10],
      root: [Buffer.alloc(32).toString('base64url')],
      frontier: [''],
      marked: [8, 10],
      sweptUntil: ['2026-11-25T10:00:00.000Z'],
    }),
  )('and changes `%s` of the head is found', async (name, values) => {
    const path = `${log}/head.json`
    const [head = {}] = linesOf<object>(exported.files, path)
    for (const value of values)
      expect(await found({ changes: { [path]: linesIn([{ ...head, [name]: value }]) } })).toEqual([
        'head-differs head.json',
      ])
  })

  const attributes = {
    lh: '',
    ev: '',
    kid: 'x',
    att: 'x',
    ts: '2026-11-25T09:00:00.000Z',
    log: 'x',
    logShard: 'x',
  }

  // Kills: an attribute that is not compared with the leaf.
  test.each(Object.entries(attributes))('and changes `%s` is found', async (name, text) => {
    const value = text === '' ? Buffer.alloc(32).toString('base64url') : text
    const changes = table(() => replaced(4, { ...item(4), [name]: value }))
    expect(await found({ changes })).toEqual([`${entry('entry-changed', 4)} at 4`])
  })

  // Kills: a reader for which two texts are the same.
  test('and writes the same in other bytes is found', async () => {
    const path = `${log}/entries.ndjson`
    const text = Buffer.from(exported.files.get(path) ?? '').toString()
    const spaced = text.replace('"leaf":', '"leaf": ')
    // Of 43 characters, the last one has two bits that say nothing.
    const free = text.replace(/"lh":"(.{42})(.)/, (_, all, last) => `"lh":"${all}${next(last)}`)
    for (const other of [spaced, free, text.replace('\n', ' \n')]) {
      expect(other).not.toBe(text)
      expect(await found({ changes: { [path]: other } })).toEqual([
        'form entries.ndjson line 1',
        expect.stringMatching(/^entry-missing .* at \d$/),
      ])
    }
  })
  const next = (last: string) => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    return alphabet.charAt(alphabet.indexOf(last) ^ 1)
  }

  // Kills: a check that trusts an item's own hash, and each check of the table left out.
  test.each(attacks)('and %s is found', async (_, make, says) => {
    expect(await found(await make())).toEqual(says())
  })
})

describe('Whoever can write everywhere, but not sign', () => {
  const attacks: readonly Attack[] = [
    [
      'changes an entry',
      async () => ({ changes: await forged(replaced(4, released())) }),
      otherRoots,
    ],
    ['reorders entries', async () => ({ changes: await forged(swapped(3)) }), otherRoots],
    [
      'inserts an entry that nobody made',
      async () => ({
        changes: await forged([...items.slice(0, 4), invented(), ...items.slice(5)], [item(4)]),
      }),
      () => [...otherRoots(), entry('unsealed', 4, 10)],
    ],
    [
      'deletes an entry',
      async () => ({ changes: await forged(replaced(4, undefined), [], [3, 4, 8]) }),
      () => [
        'missing tile/0/000.p/5',
        'missing tile/entries/000.p/5',
        'root-differs checkpoints/5 at 3',
        'truncated checkpoints/9 at 8',
        'truncated checkpoint at 8',
        // It moved up, into a checkpoint that was seen before it was made.
        `${entry('post-dated', 5, 5)} at 4`,
        'head-differs head.json',
      ],
    ],
    [
      'cuts off the last entries',
      async () => ({ changes: await forged(items, [], [3, 5]) }),
      () => ['truncated checkpoints/9 at 5', 'truncated checkpoint at 5', 'head-differs head.json'],
    ],
    [
      'takes tiles away',
      () => ({ changes: without('tile/0/000.p/5', 'tile/entries/000.p/9') }),
      () => ['missing tile/0/000.p/5', 'missing tile/entries/000.p/9'],
    ],
    [
      'writes on at the end of tiles',
      () => ({
        changes: Object.fromEntries(
          ['tile/0/000.p/5', 'tile/entries/000.p/9'].map((path) => [
            `${log}/${path}`,
            Buffer.concat([exported.files.get(`${log}/${path}`) ?? Buffer.of(), Buffer.alloc(32)]),
          ]),
        ),
      }),
      () => [
        'tile-differs tile/0/000.p/5',
        `bundle-differs tile/entries/000.p/9 at 9 ${bundleLength()},${bundleLength() + 32}`,
      ],
    ],
    [
      'cuts tiles short by a leaf',
      () => ({
        changes: {
          [`${log}/tile/0/000.p/5`]: exported.files.get(`${log}/tile/0/000.p/3`),
          [`${log}/tile/entries/000.p/5`]: exported.files.get(`${log}/tile/entries/000.p/3`),
        },
      }),
      () => {
        const until = exported.files.get(`${log}/tile/entries/000.p/3`)?.length
        return [
          'tile-differs tile/0/000.p/5',
          `bundle-differs tile/entries/000.p/5 at 3 ${until},${until}`,
        ]
      },
    ],
    [
      'does not keep what it publishes',
      () => ({ changes: without('checkpoints/9') }),
      () => ['missing checkpoints/9'],
    ],
    [
      'publishes an earlier checkpoint',
      () => ({ changes: earlier() }),
      () => ['checkpoint-differs checkpoint'],
    ],
    ['publishes none', () => ({ changes: without('checkpoint') }), () => ['missing checkpoint']],
    [
      'stops publishing',
      () => ({ changes: { ...earlier(), ...without('checkpoints/9') } }),
      () => ['unsigned checkpoint at 5'],
    ],
    [
      'signs with a key of its own',
      async () => ({
        changes: { [`${log}/checkpoint`]: await noteOf(log, items, freshKey(), []) },
      }),
      () => ['checkpoint-signature checkpoint'],
    ],
    [
      'adds a line to a checkpoint',
      () => ({
        changes: {
          [`${log}/checkpoints/3`]: `${textAt('checkpoints/3')}— nobody.example AAAAAAAAAAA=\n`,
        },
      }),
      () => ['checkpoint-signature checkpoints/3'],
    ],
    [
      'takes cosignatures away',
      () => ({ changes: { [`${log}/checkpoints/3`]: bare('checkpoints/3') } }),
      () => ['checkpoint-cosignatures checkpoints/3'],
    ],
  ]
  // Kills: a root that is read and not recomputed; a checkpoint that counts though nobody cosigned it.
  test.each(attacks)('and %s is found', async (_, make, says) => {
    expect(await found(await make())).toEqual(says())
  })

  const bundleLength = () => exported.files.get(`${log}/tile/entries/000.p/9`)?.length ?? 0
  const textAt = (path: string) =>
    Buffer.from(exported.files.get(`${log}/${path}`) ?? '').toString()
  const bare = (path: string) => textAt(path).replace(/^— witness.*\n/gm, '')
})

describe('An operator who signs what it likes', () => {
  const attacks: readonly Attack[] = [
    [
      'never seals an entry',
      async () => ({
        changes: await resealed(replaced(4, undefined), [item(4)], { to: [3, 4, 8] }),
        receipts: exported.receipts,
      }),
      () => [entry('unsealed', 4, 9), `receipt-broken receipt ${eid(4)} ${eid(4)}`],
    ],
    [
      'never seals an entry and deletes it',
      async () => ({
        changes: await resealed(replaced(4, undefined), [], { to: [3, 4, 8] }),
        receipts: exported.receipts,
      }),
      () => [`receipt-broken receipt ${eid(4)} ${eid(4)}`],
    ],
    [
      'seals another entry under an id',
      async () => ({
        changes: await resealed(replaced(4, released())),
        receipts: exported.receipts,
      }),
      () => [`receipt-differs receipt ${eid(4)} ${eid(4)}`],
    ],
    [
      'back-dates an entry',
      async () => ({
        changes: await resealed(replaced(8, withLeaf(item(8), { ts: '2026-11-25T08:00:00.000Z' }))),
        // No agency signed a call then.
        calls: [{ name: 'calls', text: '' }],
      }),
      () => [`${entry('unexplained', 8)} at 8`],
    ],
    [
      'post-dates an entry',
      async () => ({
        changes: await resealed(replaced(8, withLeaf(item(8), { ts: '2026-11-25T09:25:00.000Z' }))),
      }),
      () => [`${entry('post-dated', 8)} at 8`],
    ],
    [
      'seals an entry twice',
      async () => ({ changes: await resealed([...items, item(4)], [], { to: [3, 5, 10] }) }),
      () => [entry('entry-twice', 4, 10), `entry-twice manifests.ndjson ${eid(4)} at 9`],
    ],
    [
      'seals an entry of another log',
      async () => {
        const [stray] = itemsOf(exported.files, exported.gb).slice(-1)
        const changes = await resealed([...items, ...(stray ? [stray] : [])], [], {
          to: [3, 5, 10],
        })
        return { changes }
      },
      () => {
        const stray = itemsOf(exported.files, exported.gb).at(-1)
        return [`entry-elsewhere entries.ndjson line 10 ${stray?.eid}`]
      },
    ],
    [
      'seals an entry of another holder',
      async () => ({ changes: await resealed(replaced(8, withLeaf(item(8), { hj: 'FR' }))) }),
      () => [entry('entry-elsewhere', 8)],
    ],
    [
      'seals a leaf of a version that nobody knows',
      async () => ({ changes: await resealed(replaced(8, withLeaf(item(8), { v: 99 }))) }),
      () => [entry('leaf-form', 8)],
    ],
    [
      'seals a leaf without a digest of what is kept beside it',
      async () => ({
        changes: await resealed(replaced(8, withLeaf(item(8), { kept: undefined }))),
      }),
      () => [entry('leaf-form', 8)],
    ],
    [
      'seals a leaf that could be written otherwise',
      async () => ({ changes: await resealed(replaced(8, withLeaf(item(8), {}, 1))) }),
      () => [entry('leaf-form', 8)],
    ],
    [
      'has a witness look at an earlier time',
      async () => ({ changes: await resealed(items, [], { seconds: [2, 1206, 1200] }) }),
      () => ['checkpoint-time checkpoints/9', 'checkpoint-time checkpoints/9'],
    ],
    // Kills: an honest log that is not whole for ever, since the clock of a witness was set back by a second.
    [
      'has a witness whose clock is set a little back',
      async () => ({ changes: await resealed(items, [], { seconds: [2, 1206, 1201] }) }),
      () => [],
    ],
    // Kills: a clock that goes back without end, a little each time.
    [
      'has a witness whose clock is set back again and again',
      async () => ({ changes: await resealed(items, [], { seconds: [1210, 1206, 1202] }) }),
      () => ['checkpoint-time checkpoints/9', 'checkpoint-time checkpoints/9'],
    ],
    [
      'finds no witness',
      async () => ({ changes: await resealed(items, [], { witnesses: [] }) }),
      () =>
        ['3', '5', '9']
          .map((size) => `checkpoint-cosignatures checkpoints/${size}`)
          .concat('checkpoint-cosignatures checkpoint'),
    ],
    [
      'rolls the log back, and leaves its entries in the table',
      async () => ({ changes: await resealed(items, items.slice(5), { to: [3, 5] }) }),
      () => [5, 6, 7, 8].map((at) => entry('unsealed', at)),
    ],
    [
      'rolls everything back',
      async () => ({
        changes: await resealed(items, [], { to: [3, 5] }),
        proofs: exported.proofs.filter(({ name }) => name === `proof ${eid(8)}`),
        receipts: exported.receipts.filter(({ name }) => name === `receipt ${eid(8)}`),
      }),
      () => [`receipt-broken receipt ${eid(8)} ${eid(8)}`, `truncated proof ${eid(8)} at 8`],
    ],
    [
      'shows one log to some and another to others',
      async () => ({
        changes: await resealed(swapped(6), [], { witnesses: exported.witnesses.slice(1) }),
        proofs: exported.proofs.filter(({ name }) => name === `proof ${eid(8)}`),
      }),
      () => [`two-views proof ${eid(8)} at 8`],
    ],
    [
      'keeps two trees of one size',
      async () => {
        const file = `${log}/checkpoint`
        return { changes: { [file]: (await resealed(swapped(7)))[file] } }
      },
      () => ['two-views checkpoint', 'root-differs checkpoint at 9'],
    ],
  ]
  // Kills: an entry, a receipt or a proof that is not held against the signed tree.
  test.each(attacks)('and %s is found', async (_, make, says) => {
    expect(await found(await make())).toEqual(says())
  })
})

describe('A whole log', () => {
  const dropped = () =>
    Object.fromEntries(
      [...exported.files.keys()]
        .filter((path) => path.startsWith(`${exported.gb}/`))
        .map((path) => [path, undefined]),
    )
  const held = () => {
    const ofGb = ({ name }: { readonly name: string }) =>
      itemsOf(exported.files, exported.gb).some(({ eid }) => name.endsWith(eid))
    return { receipts: exported.receipts.filter(ofGb), proofs: exported.proofs.filter(ofGb) }
  }

  // Kills: verifying only what is listed.
  test('that is dropped is missed, since its key is pinned', async () => {
    const [logs] = linesOf<Record<string, unknown>>(exported.files, 'logs.json')
    const changes = { ...dropped(), 'logs.json': linesIn([{ ...logs, logs: [log] }]) }
    expect(await found({ changes })).toEqual(['log-missing  logs.json'])
    const codes = (await found({ changes, ...held() })).map((each) => each.split(' ')[0])
    expect(codes).toEqual(Array.from({ length: 7 }, () => 'log-missing'))
  })

  test('that is emptied is missed by whoever holds a receipt or a proof', async () => {
    expect(await found({ changes: dropped() })).toEqual([])
    const codes = (await found({ changes: dropped(), ...held() })).map((each) => each.split(' ')[0])
    expect(codes).toEqual([...Array(3).fill('receipt-broken'), ...Array(3).fill('truncated')])
  })
})

describe('A log with full tiles', () => {
  let large: Awaited<ReturnType<typeof startSealed>>
  let judge: typeof verify
  let files: Files
  beforeAll(async () => {
    large = await startSealed()
    for (const count of [200, 60]) {
      await large.append('DE', count)
      await large.seal()
    }
    const exportFolder = await large.export()
    files = filesIn(exportFolder)
    const now = large.gateway.clock.now.getTime()
    judge = attacked.verifiers.of({ ...large, exportFolder, files, now })
  })
  afterAll(() => large.close())

  // Kills: looking at the last tile, the lowest level or the first block only.
  test.each([
    ['tile/0/000', 255 * 32 + 5, 'index 255, bytes 8160 to 8191'],
    ['tile/0/000.p/200', 199 * 32, 'index 199, bytes 6368 to 6399'],
    ['tile/0/001.p/4', 31, 'index 256, bytes 0 to 31'],
    ['tile/1/000.p/1', 0, 'index 0, bytes 0 to 31'],
    ['tile/entries/000', 2, 'index 0'],
    ['tile/entries/000.p/200', 100, 'index 0'],
    ['tile/entries/001.p/4', 2, 'index 256'],
  ])('is searched to its last byte: %s at %i', async (path, at, says) => {
    expect(await judge({})).toMatchObject({ whole: true })
    const file = `${log}/${path}`
    const bytes = Buffer.from(files.get(file) ?? [])
    bytes[at] = (bytes[at] ?? 0) ^ 1
    const { findings } = await judge({ changes: { [file]: bytes } })
    const places = findings.map(({ code, where }) => {
      const region = where.bytes && code === 'tile-differs'
      return `${where.file} index ${where.index}${region ? `, bytes ${where.bytes?.[0]} to ${(where.bytes?.[1] ?? 0) - 1}` : ''}`
    })
    expect(places).toEqual([`${file} ${says}`])
  })
})
