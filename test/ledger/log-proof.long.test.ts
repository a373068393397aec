/** Proofs for checking offline: the example of C2SP tlog-proof, and every bit of a proof changed in turn. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkpointText } from '../../functions/ledger/checkpoint.ts'
import { parseProof, verifyProof, writeProof } from '../../functions/ledger/log-proof.ts'
import { frontierOf, proveInclusion, rootOf } from '../../functions/ledger/merkle.ts'
import { cosignText, signText, writeNote } from '../../functions/ledger/note.ts'
import { logSigner, witnessSigner } from './note-keys.ts'
import { someLeafHashes, treeOf } from './tree-oracle.ts'

const origin = 'comity.local/de/2026'
const log = logSigner(origin)
const witnesses = [witnessSigner('witness.example/one'), witnessSigner('witness.example/two')]
const keys = witnesses.map(({ key }) => key)
const stranger = witnessSigner('stranger.example')
const leaves = someLeafHashes(130)
const leafAt = (index: number) => leaves[index] ?? new Uint8Array()
const tree = treeOf(leaves)
const noon = 1_795_000_000

/** A checkpoint of the first leaves, cosigned by both witnesses and by a stranger. */
async function checkpointOf(size: number): Promise<string> {
  const root = rootOf(frontierOf(leaves.slice(0, size)))
  const text = checkpointText({ origin, size, root })
  const cosigned = [...witnesses, stranger].map(({ key, sign }, at) =>
    cosignText(text, key, noon + at, sign),
  )
  const signatures = [await signText(text, log.key, log.sign), ...(await Promise.all(cosigned))]
  return writeNote({ text, signatures })
}

async function proofOf(index: number, size: number): Promise<string> {
  const path = await proveInclusion(index, size, tree.reader(size))
  return writeProof({ index, path, checkpoint: await checkpointOf(size) })
}

const check = (text: string, index: number, quorum = 2) =>
  verifyProof(text, leafAt(index), log.key, keys, quorum)

describe('The example of the specification', () => {
  const hashes = [
    'gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=',
    'B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=',
    'EKNzoDWG8LGC0Yp9o+sv3qllpMP9uHQ9B20KNL+Q1zs=',
    'RoopEkOdqkYqMB4MJXrbt/hMjOxsVn0IrWjpz1ZMMes=',
    'AHCioX9nLjsrse6YhjRRmk1WUEirVOLLRoOQ6vfO5vk=',
  ]
  const checkpoint =
    'example.com/fancylog\n109482\nsFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=\n\n— example.com/fancylog hI2DJw==\n'
  const extra = 'YWdlLXYxLjIuMS1kYXJ3aW4tYXJtNjQudGFyLmd6kYXJ3aW4tYXJ'
  const written = (extraLine: string) =>
    `c2sp.org/tlog-proof@v1\n${extraLine}index 73894\n${hashes.join('\n')}\n\n${checkpoint}`

  test('is read line by line, and written the same', () => {
    const read = parseProof(written(`extra ${extra}\n`))
    const path = hashes.map((each) => Buffer.from(each, 'base64'))
    expect(read).toEqual({
      proof: { extra: Buffer.from(extra, 'base64'), index: 73_894, path, checkpoint },
    })
    if ('proof' in read) expect(writeProof(read.proof)).toBe(written(`extra ${extra}\n`))
    expect(parseProof(written(''))).toEqual({ proof: { index: 73_894, path, checkpoint } })
  })
})

describe('A proof', () => {
  test('shows where a leaf is, in which tree, and who saw that tree', async () => {
    for (const size of [1, 2, 7, 64, 130])
      for (const index of [0, size >> 1, size - 1])
        expect(check(await proofOf(index, size), index)).toEqual({
          index,
          checkpoint: { origin, size, root: tree.root(size) },
          cosigners: [
            { name: 'witness.example/one', seconds: noon },
            { name: 'witness.example/two', seconds: noon + 1 },
          ],
        })
  })

  // Kills: a proof of one leaf taken for another's, of another place, or under another root.
  test('of another leaf, of another place or against another tree names what is wrong', async () => {
    const text = await proofOf(3, 7)
    expect(check(text, 4)).toEqual({
      wrong: 'the path does not lead from this leaf at index 3 to the root',
    })
    expect(check(text.replace('index 3', 'index 2'), 3)).toEqual({
      wrong: 'the path does not lead from this leaf at index 2 to the root',
    })
    expect(check(text.replace('index 3', 'index 7'), 3)).toEqual({
      wrong: 'index 7 lies outside a tree of 7',
    })
    const [head = ''] = text.split('\n\n')
    expect(check(`${head}\n\n${await checkpointOf(8)}`, 3)).toEqual({
      wrong: 'the path does not lead from this leaf at index 3 to the root',
    })
    expect(check(text, 3, 3)).toEqual({ wrong: '2 of the witnesses cosigned, not 3' })
    const other = logSigner('comity.local/fr/2026')
    expect(verifyProof(text, leafAt(3), other.key, keys, 2)).toEqual({
      wrong: 'the log comity.local/fr/2026 did not sign the checkpoint',
    })
    expect(verifyProof(text, Buffer.alloc(31), log.key, keys, 2)).toHaveProperty('wrong')
  })

  // Kills: a byte of the proof that nobody checks.
  test('with any one bit changed proves nothing, unless the bit is a stranger’s', async () => {
    const bytes = Buffer.from(await proofOf(3, 7))
    const strangers = bytes.indexOf('— stranger.example')
    const plain = check(bytes.toString('utf8'), 3)
    expect(plain).toHaveProperty('index', 3)
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const at = bit >> 3
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7))
      const result = check(bytes.toString('utf8'), 3)
      if (at < strangers) expect(result).toHaveProperty('wrong')
      // A stranger's line is malformed, or counts for nothing.
      else if (!('wrong' in result)) expect(result).toEqual(plain)
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7))
    }
  })

  test('proves the same with any extra line, for nothing signs that', async () => {
    const text = await proofOf(3, 7)
    const plain = check(text, 3)
    expect(plain).toHaveProperty('index', 3)
    const property = fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), (extra) => {
      const line = `extra ${Buffer.from(extra).toString('base64')}`
      const with_ = text.replace('\nindex', `\n${line}\nindex`)
      expect(check(with_, 3)).toEqual(plain)
      expect(parseProof(with_)).toMatchObject({ proof: { extra: Buffer.from(extra) } })
    })
    fc.assert(property, { numRuns: 20 })
  })

  test('in any other form is refused with the reason', async () => {
    const text = await proofOf(3, 7)
    const extra = 'the extra line of the proof is not base64'
    const index = 'the proof has no index line with a plain number'
    const hash = 'a hash of the proof is not 32 bytes in base64'
    const wrong: readonly (readonly [string, string])[] = [
      ['', 'the proof has no empty line before a checkpoint'],
      [text.replace('@v1', '@v2'), 'the proof does not begin with c2sp.org/tlog-proof@v1'],
      [text.replace('c2sp', ' c2sp'), 'the proof does not begin with c2sp.org/tlog-proof@v1'],
      [text.replace('\nindex', '\nextra \nindex'), extra],
      [text.replace('\nindex', '\nextra AA\nindex'), extra],
      [text.replace('\nindex', '\nextra AAAA\nextra AAAA\nindex'), index],
      [text.replace('\nindex', '\nextra\nindex'), index],
      [text.replace('index 3', 'index 03'), index],
      [text.replace('index 3', 'index -3'), index],
      [text.replace('index 3', 'index  3'), index],
      [text.replace('index 3', 'index 3\nindex 3'), hash],
      [text.replace('index 3', 'index 3\nAAAA'), hash],
      [text.replace('index 3\n', 'index 3\n\n'), 'does not fit the text'],
      [text.replaceAll('\n', '\r\n'), 'the proof has no empty line before a checkpoint'],
      [
        text.replace('index 3', `index 3${`\n${Buffer.alloc(32).toString('base64')}`.repeat(62)}`),
        'the path of the proof is longer than 63',
      ],
      [`${text}${'x'.repeat(300_000)}`, 'the proof is too long'],
      [text.slice(0, -1), 'the note ends in no signature line'],
    ]
    for (const [each, why] of wrong) {
      const result = check(each, 3)
      expect('wrong' in result && result.wrong).toContain(why)
    }
  })

  test('is read from any text as what writes it again, or not at all', async () => {
    const text = await proofOf(3, 7)
    const lines = [...text.split('\n'), '', 'extra AAAA', 'index 0', 'index 12', 'x']
    const piece = fc.constantFrom(...lines)
    const mixed = fc.array(piece, { maxLength: 9 }).map((rest) => rest.join('\n'))
    const any = fc.oneof(
      mixed.map((rest) => `c2sp.org/tlog-proof@v1\n${rest}`),
      mixed.map((rest) => `c2sp.org/tlog-proof@v1\nindex 3\n\n${rest}`),
      fc.string({ unit: 'binary' }),
    )
    const property = fc.property(any, (each) => {
      const read = parseProof(each)
      if ('proof' in read) expect(writeProof(read.proof)).toBe(each)
      expect(check(each, 3)).toHaveProperty('wrong')
    })
    fc.assert(property, { numRuns: 800 })
  })

  test('is not written if it would not read back', async () => {
    const checkpoint = await checkpointOf(7)
    const good = { index: 3, path: [], checkpoint }
    for (const [wrong, why] of [
      [{ ...good, index: -1 }, 'the proof has no index line'],
      [{ ...good, path: [Buffer.alloc(31)] }, 'a hash of the proof is not 32 bytes'],
      [{ ...good, extra: Buffer.alloc(0) }, 'the extra line of the proof is not base64'],
      [{ ...good, path: leaves.slice(0, 64) }, 'the path of the proof is longer than 63'],
    ] as const)
      expect(() => writeProof(wrong)).toThrow(`couldn’t write the proof: ${why}`)
  })
})
