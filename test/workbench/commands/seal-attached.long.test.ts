/** `comity policy seal --statement` and `--cms`, as whoever signs in a program of their own uses them. */

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { sealedPolicies } from '../../../functions/adapters/policies-files.ts'
import { inForce } from '../../../functions/policy/history.ts'
import { addPolicyRetire, addPolicySeal } from '../../../functions/workbench/commands/seal.ts'
import { copyOfPolicies, removeCopies, run } from '../../cli/in-process.ts'
import { makeSigner } from '../../policy/signer.ts'

const sealed = 'gb/assistance/2017-01-01.json'
const correction = 'gb/assistance/2017-01-01.r2.json'
const other = 'gb/assistance/2017-01-01.r3.json'
const why = 'A slip is corrected.'
const now = '2026-12-01T10:00:00Z'
const at = '2026-12-01T10:00:30Z'
const erika = makeSigner('Erika Muster', 'RSA')
const max = makeSigner('Max Muster')

let folder: string
beforeEach(() => {
  vi.useFakeTimers({ now: new Date(now), toFake: ['Date'] })
  folder = copyOfPolicies('own')
  for (const path of [correction, other]) draft(path)
  const of = { folders: ['gb'] }
  write('sealers.json', [
    ...JSON.parse(read('sealers.json')),
    { kid: 'erika', name: 'Erika Muster', role: 'legal', ...of, certificate: erika.certificate },
    {
      ...{ kid: 'max', name: 'Max Muster', role: 'data-protection', ...of },
      certificate: max.certificate,
    },
  ])
})
afterAll(removeCopies)
afterAll(() => void vi.useRealTimers())

const file = (name: string) => join(folder, name)
const read = (path: string) => readFileSync(file(path), 'utf8')
const write = (path: string, value: unknown) => writeFileSync(file(path), JSON.stringify(value))
const cases = (path: string) => path.replace('.json', '.test.json')

/** A correction that is not sealed, with its cases. */
function draft(path: string): void {
  const law = JSON.parse(read(sealed))
  write(path, { ...law, title: `Corrected: ${path}`, change: `It is called ${path}.` })
  const about = path.replace(/\/([^/]+)\.json$/, '@$1')
  write(cases(path), {
    ...JSON.parse(read(cases(sealed)).replace(/"asOf": ".*"/, '"asOf": "2026-11-24"')),
    about,
  })
}

type Add = Parameters<typeof run>[0]
const call = (add: Add, act: string, path: string, ...more: readonly string[]) =>
  run(add, folder, [act, path, ...more])
const seal = (...more: readonly string[]) => call(addPolicySeal, 'seal', correction, ...more)
const statement = () => file('seal.txt')
const writeDown = (...more: readonly string[]) => seal('--statement', statement(), ...more)
/** What a person's program makes of a text; by default of the statement. */
function signedBy(person: typeof erika, text = read('seal.txt'), time = at): string {
  writeFileSync(file('seal.p7s'), person.sign(text, time))
  return file('seal.p7s')
}
const attach = (cms: string, ...more: readonly string[]) =>
  seal('--statement', statement(), '--cms', cms, '--yes', ...more)
const last = (text: string) => text.split('\n').at(-1)
const counting = () =>
  inForce(sealedPolicies(folder), '2026-12-01', '2026-12-01T11:00:00Z')
    .policies.filter(({ id }) => id === 'gb/assistance')
    .map(({ version }) => version)

describe('Whoever signs in a program of their own', () => {
  test('writes the statement, and writes nothing else', async () => {
    const before = read('gb/seals.json')
    const { code, stdout } = await writeDown('--why', why)
    expect(code).toBe(0)
    expect(stdout).toContain(`Why: ${why}`)
    expect(last(stdout)).toBe(
      `comity policy seal ${correction} --statement ${statement()} --cms ${statement()}.p7s`,
    )
    expect(JSON.parse(read('seal.txt')).body).toMatchObject({ path: correction, why })
    expect(read('gb/seals.json')).toBe(before)
  })

  test('attaches what it made, and the other person does the same with the same text', async () => {
    await writeDown('--why', why)
    const first = await attach(signedBy(erika))
    expect(first.stdout).toContain(
      'Erika Muster signed it by the certificate of “Erika Muster”, issued by “Invented Trust”.',
    )
    expect(last(first.stdout)).toBe(
      `signed ${correction}: sealed by legal, waits for data protection`,
    )
    expect(counting()).toEqual(['2017-01-01'])
    vi.setSystemTime(new Date('2026-12-01T10:30:00Z'))
    // The folder has the text by now.
    const second = await seal(
      ...['--yes', '--cms', signedBy(max, read('seal.txt'), '2026-12-01T10:29:00Z')],
    )
    expect(last(second.stdout)).toBe(`sealed ${correction}`)
    expect(counting()).toEqual(['2017-01-01.r2'])
  })

  test('signs second after a key, and a key signs second after them', async () => {
    const key = (name: string) => file(`demonstration-keys/${name}.json`)
    expect((await seal('--key', key('legal'), '--why', why, '--yes')).code).toBe(0)
    await writeDown()
    expect(last((await attach(signedBy(max))).stdout)).toBe(`sealed ${correction}`)
    const third = (...more: readonly string[]) => call(addPolicySeal, 'seal', other, ...more)
    await third('--statement', file('third.txt'), '--why', why)
    const cms = signedBy(erika, read('third.txt'))
    await third('--statement', file('third.txt'), '--cms', cms, '--yes')
    vi.setSystemTime(new Date('2026-12-01T10:30:00Z'))
    const second = await third('--key', key('data-protection'), '--yes')
    expect(last(second.stdout)).toBe(`sealed ${other}`)
  })

  test('retires a file in the same way', async () => {
    const retire = (...more: readonly string[]) => call(addPolicyRetire, 'retire', sealed, ...more)
    await retire('--statement', statement(), '--why', why)
    expect(JSON.parse(read('seal.txt')).body).toMatchObject({ act: 'retire', path: sealed })
    await retire('--statement', statement(), '--cms', signedBy(erika), '--yes')
    const { stdout } = await retire('--cms', signedBy(max), '--yes')
    expect(last(stdout)).toBe(`retired ${sealed}`)
    expect(counting()).toEqual([])
  })
})

describe('A signature from elsewhere', () => {
  /** Expects a refusal that says this, and that nothing was written. */
  async function refused(ran: ReturnType<typeof run>, says: string, code = 3): Promise<void> {
    const before = read('gb/seals.json')
    const result = await ran
    expect(result.stderr).toContain(says)
    expect([result.code, read('gb/seals.json')]).toEqual([code, before])
  }

  // Kills: a place in the chain, a file or a text that is not compared with what was signed.
  test('is refused once the chain, the file or the text is another than was signed', async () => {
    await writeDown('--why', why)
    const good = signedBy(erika)
    await refused(
      call(addPolicySeal, 'seal', other, '--statement', statement(), '--cms', good, '--yes'),
      `the statement is on another file than \`${other}\` as it is now`,
    )
    const law = read(correction)
    write(correction, { ...JSON.parse(law), title: 'Changed' })
    await refused(attach(good), 'the statement is on another file than')
    writeFileSync(file(correction), law)
    const keys = ['legal', 'data-protection'].map((name) => file(`demonstration-keys/${name}.json`))
    const { code } = await call(
      ...([addPolicySeal, 'seal', other, '--key', ...keys, '--why', why, '--yes'] as const),
    )
    expect(code).toBe(0)
    await refused(attach(good), 'has another place among the seals')
  })

  test('is refused where another statement on the file waits, or the same person signed', async () => {
    await writeDown('--why', why)
    await seal('--statement', file('mine.txt'), '--why', 'It is another reason.')
    await attach(signedBy(erika))
    await refused(attach(signedBy(erika)), 'legal has signed')
    await refused(
      seal('--statement', file('mine.txt'), '--cms', signedBy(max, read('mine.txt')), '--yes'),
      'legal has signed another statement',
    )
  })

  test('takes the place of what the same person signed before the file was changed', async () => {
    await writeDown('--why', why)
    await attach(signedBy(erika))
    write(correction, { ...JSON.parse(read(correction)), title: 'Changed' })
    const anew = file('anew.txt')
    await seal('--statement', anew, '--why', why)
    await refused(
      seal('--statement', anew, '--cms', signedBy(max, read('anew.txt')), '--yes'),
      'changed since legal signed it',
    )
    const cms = signedBy(erika, read('anew.txt'))
    expect((await seal('--statement', anew, '--cms', cms, '--yes')).code).toBe(0)
    expect(JSON.parse(read('gb/seals.json')).at(-1).signatures).toHaveLength(1)
  })

  test('is given with what it needs, and with nothing that it does not take', async () => {
    await writeDown('--why', why)
    const key = file('demonstration-keys/legal.json')
    const cms = signedBy(erika)
    await refused(seal('--why', why), 'say how you sign: --key FILE, or --statement FILE', 2)
    await refused(attach(cms, '--key', key), 'not both', 2)
    await refused(seal(other, '--statement', statement(), '--cms', cms), 'name one file', 2)
    await refused(seal('--cms', cms, '--yes'), 'give the statement that was signed', 2)
    await refused(writeDown('--why', why), 'EEXIST', 2)
    await refused(seal('--statement', file('none.txt')), 'say why in a full sentence', 2)
    expect(existsSync(file('none.txt'))).toBe(false)
  })

  test('is of one certificate for one person, or nobody signs', async () => {
    const sealers = JSON.parse(read('sealers.json'))
    write('sealers.json', [...sealers, { ...sealers[2], kid: 'tom', name: 'Tom Muster' }])
    await refused(
      writeDown('--why', why),
      'sealers.json/4/certificate: its key is that of `erika`, whose name or role is another',
    )
  })
})

const found = spawnSync('openssl', ['version']).status === 0
if (!found) console.warn('SKIPPED: there is no openssl to check attached signatures by')
// FORMAT.md: how anybody checks one without us.
test.skipIf(!found)(
  'An attached signature is checked by OpenSSL over the statement’s text',
  async () => {
    await writeDown('--why', why)
    await attach(signedBy(erika))
    const [{ cms }] = JSON.parse(read('gb/seals.json')).at(-1).signatures
    writeFileSync(file('seal.der'), Buffer.from(cms, 'base64'))
    writeFileSync(file('own.der'), erika.made)
    const pem = ['x509', '-inform', 'DER', '-in', file('own.der'), '-out', file('own.pem')]
    expect(spawnSync('openssl', pem).status).toBe(0)
    const verify = (text: string) =>
      spawnSync('openssl', [
        ...['cms', '-verify', '-binary', '-inform', 'DER', '-in', file('seal.der')],
        ...['-content', text, '-certfile', file('own.pem'), '-nointern', '-noverify'],
      ]).status
    expect(verify(statement())).toBe(0)
    expect(verify(file(correction))).not.toBe(0)
  },
)
