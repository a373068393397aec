/** Checkpoints: the example of C2SP tlog-checkpoint, what a log may sign, and who counts as a witness. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  checkpointText,
  fromDecimal,
  openCheckpoint,
  openCosigned,
  parseCheckpoint,
} from '../../functions/ledger/checkpoint.ts'
import { emptyRoot } from '../../functions/ledger/merkle.ts'
import { cosignText, signText, verifierKey, writeNote } from '../../functions/ledger/note.ts'
import { logSigner, type Signer, witnessSigner } from './note-keys.ts'

const origin = 'comity.local/de/2026'
const log = logSigner(origin)
const root = Buffer.alloc(32, 5)
const checkpoint = { origin, size: 20_852_163, root }
const text = checkpointText(checkpoint)
const witnesses = ['one', 'two', 'three', 'four'].map((each) =>
  witnessSigner(`witness.example/${each}`),
)
const keys = witnesses.map(({ key }) => key)
const noon = 1_795_000_000

type Cosigned = { readonly by: Signer; readonly seconds: number }

/** A note of the log, cosigned. */
async function noteOf(body: string, cosigned: readonly Cosigned[] = [], signers = [log]) {
  const own = await Promise.all(signers.map(({ key, sign }) => signText(body, key, sign)))
  const others = await Promise.all(
    cosigned.map(({ by, seconds }) => cosignText(body, by.key, seconds, by.sign)),
  )
  return writeNote({ text: body, signatures: [...own, ...others] })
}
const by = (count: number): readonly Cosigned[] =>
  witnesses.slice(0, count).map((each, at) => ({ by: each, seconds: noon + at }))

describe('The text of a checkpoint', () => {
  test('is three lines: whose, how large, which root', () => {
    // The example of C2SP tlog-checkpoint.
    const example =
      'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n'
    const read = parseCheckpoint(example)
    expect(read).toEqual({
      checkpoint: {
        origin: 'example.com/behind-the-sofa',
        size: 20_852_163,
        root: Buffer.from('CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=', 'base64'),
      },
    })
    if ('checkpoint' in read) expect(checkpointText(read.checkpoint)).toBe(example)
    expect(text).toBe(`${origin}\n20852163\n${root.toString('base64')}\n`)
  })

  // Kills: two texts for one checkpoint; a text of another form taken for one.
  test('in any other form is refused with the reason', () => {
    const base64 = root.toString('base64')
    const lines = 'the checkpoint is not three lines or more, none of them empty'
    const size = 'the size of the checkpoint is not a plain number'
    const hash = 'the root of the checkpoint is not 32 bytes in base64'
    const wrong: Readonly<Record<string, string>> = {
      '': lines,
      [`${origin}\n5\n`]: lines,
      [`${origin}\n5\n${base64}`]: lines,
      [`\n5\n${base64}\n`]: lines,
      [`${origin}\n5\n${base64}\n\n`]: lines,
      [`${origin}\n5\n${base64}\nmore\n\n`]: lines,
      [`${origin}\n05\n${base64}\n`]: size,
      [`${origin}\n+5\n${base64}\n`]: size,
      [`${origin}\n-5\n${base64}\n`]: size,
      [`${origin}\n5 \n${base64}\n`]: size,
      [`${origin}\n5e3\n${base64}\n`]: size,
      [`${origin}\n٥\n${base64}\n`]: size,
      [`${origin}\n9007199254740992\n${base64}\n`]: size,
      [`${origin}\n5\n${base64.slice(0, -1)}\n`]: hash,
      [`${origin}\n5\n${root.toString('base64url')}\n`]: hash,
      [`${origin}\n5\n${base64}\r\n`]: hash,
      [`${origin}\n5\n${Buffer.alloc(31).toString('base64')}\n`]: hash,
      [`${origin}\n5\n${Buffer.alloc(33).toString('base64')}\n`]: hash,
      [`${origin}\n0\n${base64}\n`]:
        'the checkpoint is of no leaves but has another root than the empty tree',
    }
    for (const [each, why] of Object.entries(wrong))
      expect(parseCheckpoint(each)).toEqual({ wrong: why })
  })

  test('may go on with extension lines, which say nothing', () => {
    expect(parseCheckpoint(`${text}some extension\nanother\n`)).toEqual({ checkpoint })
  })

  test('of an empty log has the root of the empty tree', () => {
    const empty = { origin, size: 0, root: emptyRoot }
    expect(parseCheckpoint(checkpointText(empty))).toEqual({ checkpoint: empty })
  })

  test('is not written if it would not read back', () => {
    const wrong = [
      { ...checkpoint, origin: '' },
      { ...checkpoint, size: -1 },
      { ...checkpoint, size: 1.5 },
      { ...checkpoint, size: 2 ** 53 },
      { ...checkpoint, root: root.subarray(1) },
      { ...checkpoint, size: 0 },
      { ...checkpoint, origin: 'a\nb' },
    ]
    for (const each of wrong)
      expect(() => checkpointText(each)).toThrow('couldn’t write the checkpoint: ')
  })

  test('is read from any text as what writes it again, or not at all', () => {
    const piece = fc.constantFrom(
      '\n',
      'a',
      '0',
      '1',
      '12',
      `${root.toString('base64')}\n`,
      'a\n5\n',
      ' ',
    )
    const property = fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
      const any = pieces.join('')
      const read = parseCheckpoint(any)
      if ('checkpoint' in read) expect(any.startsWith(checkpointText(read.checkpoint))).toBe(true)
    })
    fc.assert(property, { numRuns: 500 })
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (any) => void parseCheckpoint(any)))
  })
})

describe('A signed checkpoint', () => {
  test('opens with its log’s key', async () => {
    expect(openCheckpoint(await noteOf(text), log.key)).toEqual({ checkpoint })
  })

  // Kills: a checkpoint of one log taken for another’s, a witness’s key taken for a log’s.
  test('of another log, or signed by another, does not open', async () => {
    const other = logSigner('comity.local/fr/2026')
    expect(openCheckpoint(await noteOf(text, [], [other]), log.key)).toEqual({
      wrong: 'no known key signed the note',
    })
    const foreign = checkpointText({ ...checkpoint, origin: other.key.name })
    expect(openCheckpoint(await noteOf(foreign), log.key)).toEqual({
      wrong: 'the checkpoint is of another log than comity.local/de/2026',
    })
    expect(openCheckpoint(await noteOf('a\nb\nc\n'), log.key)).toEqual({
      wrong: 'the size of the checkpoint is not a plain number',
    })
    const [witness = log] = witnesses
    expect(openCheckpoint(await noteOf(text), witness.key)).toEqual({
      wrong: 'the key witness.example/one is a witness’s, not a log’s',
    })
    const cosignedOnly = writeNote({
      text,
      signatures: [await cosignText(text, witness.key, noon, witness.sign)],
    })
    expect(openCosigned(cosignedOnly, log.key, keys, 1)).toEqual({
      wrong: 'the log comity.local/de/2026 did not sign the checkpoint',
    })
  })
})

describe('A cosigned checkpoint', () => {
  test('says who cosigned and when', async () => {
    expect(openCosigned(await noteOf(text, by(3)), log.key, keys, 3)).toEqual({
      checkpoint,
      cosigners: [
        { name: 'witness.example/one', seconds: noon },
        { name: 'witness.example/two', seconds: noon + 1 },
        { name: 'witness.example/three', seconds: noon + 2 },
      ],
    })
    expect(openCosigned(await noteOf(text), log.key, [], 0)).toEqual({ checkpoint, cosigners: [] })
  })

  // Kills: a quorum of one fewer, of the log’s own signatures, of strangers, of one witness twice.
  test('needs its quorum of different witnesses that are known', async () => {
    const opened = async (cosigned: readonly Cosigned[], quorum: number, known = keys) =>
      openCosigned(await noteOf(text, cosigned), log.key, known, quorum)
    const few = { wrong: '2 of the witnesses cosigned, not 3' }
    expect(await opened(by(2), 3)).toEqual(few)
    expect(await opened([...by(2), { by: witnessSigner('stranger'), seconds: noon }], 3)).toEqual(
      few,
    )
    const [first, second] = by(2)
    if (first === undefined || second === undefined) return expect.fail()
    expect(await opened([first, first, second], 3)).toEqual(few)
    expect(await opened(by(4), 3, keys.slice(0, 2))).toEqual(few)
    expect(await opened(by(4), Number.NaN)).toHaveProperty('wrong')
    expect(await opened([], 1)).toEqual({ wrong: '0 of the witnesses cosigned, not 1' })
  })

  test('counts one key once, whatever names it was given', async () => {
    const [witness = log] = witnesses
    const alias = {
      key: verifierKey('alias.example', 4, witness.key.publicKey),
      sign: witness.sign,
    }
    const note = await noteOf(text, [
      { by: witness, seconds: noon },
      { by: alias, seconds: noon + 9 },
    ])
    expect(openCosigned(note, log.key, [...keys, alias.key], 2)).toEqual({
      wrong: '1 of the witnesses cosigned, not 2',
    })
  })

  test('counts no log’s key as a witness, and no signature of a log as a cosignature', async () => {
    const second = logSigner('comity.local/fr/2026')
    const note = await noteOf(text, by(1), [log, second])
    expect(openCosigned(note, log.key, [...keys, second.key, log.key], 2)).toEqual({
      wrong: '1 of the witnesses cosigned, not 2',
    })
  })

  test('gives the newest time of a witness that cosigned more than once', async () => {
    const [witness = log] = witnesses
    const at = (seconds: number) => ({ by: witness, seconds })
    const note = await noteOf(text, [at(noon), at(noon + 60), at(noon + 30)])
    expect(openCosigned(note, log.key, keys, 1)).toMatchObject({
      cosigners: [{ name: 'witness.example/one', seconds: noon + 60 }],
    })
  })

  test('does not open if a known witness’s line does not verify', async () => {
    const note = await noteOf(text, by(2))
    const lines = note.split('\n')
    const last = lines.at(-2) ?? ''
    const forged = last.replace(/.....==$/, 'AAAAA==').replace(/(.....)=$/, 'AAAAA=')
    expect(forged).not.toBe(last)
    expect(openCosigned(note.replace(last, forged), log.key, keys, 1)).toHaveProperty('wrong')
  })

  test('covers its extension lines too', async () => {
    const long = `${text}an extension\n`
    const note = await noteOf(long, by(1))
    expect(openCosigned(note, log.key, keys, 1)).toMatchObject({ checkpoint })
    expect(openCosigned(note.replace('an ext', 'no ext'), log.key, keys, 1)).toEqual({
      wrong: 'the signature of comity.local/de/2026 does not fit the text',
    })
  })
})

test('A number is decimal, without a sign, a point or a zero before it', () => {
  expect(['0', '7', '10', '9007199254740991'].map(fromDecimal)).toEqual([
    0, 7, 10, 9_007_199_254_740_991,
  ])
  for (const each of [
    '',
    '00',
    '01',
    '-0',
    '+1',
    '1.0',
    '1e1',
    ' 1',
    '1\n',
    '0x1',
    '９',
    '9007199254740992',
    '9'.repeat(400),
  ])
    expect(fromDecimal(each)).toBeUndefined()
})
