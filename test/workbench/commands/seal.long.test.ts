/** `comity policy seal`, on a copy of the policies; and a gateway on policies that were tampered with. */

import { spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { sealedPolicies } from '../../../functions/adapters/policies-files.ts'
import { inForce } from '../../../functions/policy/history.ts'
import { addCheck } from '../../../functions/workbench/commands/policy-check.ts'
import { addPolicyDiff } from '../../../functions/workbench/commands/policy-diff.ts'
import {
  addPolicyRetire,
  addPolicySeal,
  addPolicyWithdraw,
} from '../../../functions/workbench/commands/seal.ts'
import { readChain, writeChains } from '../../../functions/workbench/commands/seal-chain.ts'
import { sealersOf } from '../../../functions/workbench/commands/signing.ts'
import { copyOfPolicies, removeCopies, run, sealAgain } from '../../cli/in-process.ts'
import { comity, fileOf } from '../../cli/run.ts'
import { copyOfProject, failToStart, removeFolders, temporaryFolder } from '../../demo/process.ts'
import { writeOwnLaw } from '../../own-law.ts'
import { type Said, sealOf } from '../../policy/sealing.ts'

/** A version that is sealed in the repository, and a correction of it that is not. */
const sealed = 'gb/assistance/2017-01-01.json'
const correction = 'gb/assistance/2017-01-01.r2.json'
const why = 'A slip is corrected.'

let folder: string
let legal: string
let dataProtection: string
beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-12-01T10:00:00Z'), toFake: ['Date'] })
  folder = copyOfPolicies('own')
  legal = join(folder, 'demonstration-keys/legal.json')
  dataProtection = join(folder, 'demonstration-keys/data-protection.json')
  write(correction, corrected())
  write(cases(correction), casesOf(correction))
})
afterAll(removeCopies)
afterAll(() => void vi.useRealTimers())
afterAll(removeFolders)

const read = (path: string) => readFileSync(join(folder, path), 'utf8')
const write = (path: string, text: string) => writeFileSync(join(folder, path), text)

/** The sealed version with another title, and a sentence of its own on what it changes. */
const corrected = (title = 'Corrected') =>
  read(sealed)
    .replace('"title": "', `"title": "${title}: `)
    .replace(/"change": ".*"/, `"change": "It is called otherwise: ${title}."`)
const cases = (path: string) => path.replace('.json', '.test.json')
/** The cases of the sealed version, as those of another. */
const casesOf = (path: string, asOf = '2026-11-24') =>
  read(cases(sealed))
    .replace(/"about": ".*"/, `"about": "${path.replace(/\/([^/]+)\.json$/, '@$1')}"`)
    .replace(/"asOf": ".*"/, `"asOf": "${asOf}"`)

/** The chain of the folder, and what `sha256sum` reads of it. */
const chain = () => read('gb/seals.json')
const digests = () => read('gb/seals.sha256')
const links = () => JSON.parse(chain())

const seal = (files: readonly string[], keys: readonly string[], ...more: readonly string[]) =>
  run(addPolicySeal, folder, ['seal', ...files, '--key', ...keys, ...more])
const both = (...files: readonly string[]) =>
  seal(files, [legal, dataProtection], '--why', why, '--yes')
/** Cases of the day before would only say what the version before it says. */
const unnoticed = ['--unnoticed', 'Nothing differs on the days around it.']
const bothUnnoticed = (...files: readonly string[]) =>
  seal(files, [legal, dataProtection], '--why', why, '--yes', ...unnoticed)
const first = (key = legal) => seal([correction], [key], '--why', why, '--yes')
const second = (key = dataProtection) => seal([correction], [key], '--yes')
const withdraw = (...files: readonly string[]) =>
  run(addPolicyWithdraw, folder, ['withdraw', ...files])
const last = (text: string) => text.split('\n').at(-1)

/** Expects that a sealing is refused, and that nothing was written. */
async function refused(ran: ReturnType<typeof run>): Promise<string> {
  const before = [chain(), digests()]
  const { code, stderr } = await ran
  expect([chain(), digests()]).toEqual(before)
  expect(stderr).toMatch(/^couldn’t \S.+: .+$/)
  expect(code).toBe(3)
  return stderr
}

/** The versions of the policy that a gateway would decide by at a moment. */
const counting = (moment: string) =>
  inForce(sealedPolicies(folder), moment.slice(0, 10), moment)
    .policies.filter(({ id }) => id === 'gb/assistance')
    .map(({ version }) => version)

describe('Two people who seal together', () => {
  test('put a version into force, which counted for nothing before', async () => {
    expect(counting('2026-12-01T10:00:00Z')).toEqual(['2017-01-01'])
    const { code, stdout, stderr } = await both(correction)
    expect(stderr).toBe('')
    expect(last(stdout)).toBe(`sealed ${correction}`)
    expect(code).toBe(0)
    expect(counting('2026-12-01T10:00:00Z')).toEqual(['2017-01-01.r2'])
  })

  test('only add to what is sealed', async () => {
    const before = links()
    await both(`policies/${correction}`)
    const after = links()
    expect(after.slice(0, -1)).toEqual(before)
    expect(after.at(-1)).toMatchObject({
      chain: 'seals/gb',
      number: before.length + 1,
      body: { act: 'seal', path: correction, why },
    })
    expect(after.at(-1).signatures).toHaveLength(2)
  })

  test.skipIf(spawnSync('sha256sum', ['--version']).status !== 0)(
    'leave digests that anybody can check with sha256sum',
    async () => {
      expect((await both(correction)).code).toBe(0)
      const options = { cwd: folder, encoding: 'utf8' } as const
      const check = () => spawnSync('sha256sum', ['-c', 'gb/seals.sha256'], options)
      expect(check()).toMatchObject({ status: 0, stderr: '' })
      expect(check().stdout).toContain(`${correction}: OK\n`)
      write(correction, read(correction).replace('Corrected', 'Changed'))
      expect(check().status).toBe(1)
      expect(check().stdout).toContain(`${correction}: FAILED\n`)
    },
  )
})

describe('Two people who seal one after the other', () => {
  test('leave a seal after the first that is seen and does not count', async () => {
    const before = digests()
    const { code, stdout } = await first()
    expect(code).toBe(0)
    expect(last(stdout)).toBe(`signed ${correction}: sealed by legal, waits for data protection`)
    const checked = await run(addCheck, folder, ['check', correction])
    expect(checked.stdout).toContain('it is a draft: sealed by legal, waits for data protection')
    expect(checked.code).toBe(0)
    expect(counting('2030-01-01T00:00:00Z')).toEqual(['2017-01-01'])
    expect(digests()).toBe(before)
  })

  // Kills: a seal that counts from its first signature (signed.ts, `completeAt`).
  test('put it into force at the second signature and not before', async () => {
    await first()
    vi.setSystemTime(new Date('2026-12-03T09:00:00Z'))
    const { stdout } = await second()
    expect(stdout).toContain(
      `Why, as whoever signed first said on 2026-12-01T10:00:00.000Z: ${why}`,
    )
    expect(last(stdout)).toBe(`sealed ${correction}`)
    expect(counting('2026-12-03T08:59:59Z')).toEqual(['2017-01-01'])
    expect(counting('2026-12-03T09:00:00Z')).toEqual(['2017-01-01.r2'])
    expect(links().at(-1)).toMatchObject({
      statedAt: '2026-12-01T10:00:00.000Z',
      body: { why },
    })
    expect(digests()).toContain(correction)
  })

  test('may come in either order', async () => {
    await first(dataProtection)
    expect(last((await second(legal)).stdout)).toBe(`sealed ${correction}`)
  })

  // Kills: a second signature over other bytes than the first (seal.ts, `sealOf`).
  test('cannot sign two different texts', async () => {
    await first()
    write(correction, read(correction).replace('Corrected', 'Changed'))
    expect(await refused(second())).toContain(`\`${correction}\` changed since legal signed it`)
    const checked = await run(addCheck, folder, ['check', correction])
    expect(checked.stdout).toContain('it is a draft, and changed since legal signed it')
    await first()
    expect(last((await second()).stdout)).toBe(`sealed ${correction}`)
  })

  test('are two: nobody signs twice', async () => {
    await first()
    expect(await refused(second(legal))).toContain(
      `legal has signed \`${correction}\` already; it waits for data protection`,
    )
    expect(await refused(second(sealer('legal')))).toContain('legal has signed')
  })

  test('sign one reason', async () => {
    await first()
    const other = seal([correction], [dataProtection], '--why', 'Another reason.', '--yes')
    expect(await refused(other)).toContain(`legal said why: “${why}”`)
  })

  test('are not turned back in time by a clock', async () => {
    await first()
    vi.setSystemTime(new Date('2026-11-30T00:00:00Z'))
    expect(await refused(second())).toContain('later than this machine’s clock')
  })
})

describe('Whoever signs', () => {
  test('reads the title, each sentence, and what changed since the version in force', async () => {
    const { stdout } = await first()
    const { title, applies, rules } = JSON.parse(read(correction))
    expect(stdout.split('\n')[0]).toBe(title)
    for (const { says } of [applies, ...rules])
      expect(stdout.replaceAll('\n  ', ' ')).toContain(says)
    expect(stdout).toContain('gb/assistance@2017-01-01 → gb/assistance@2017-01-01.r2')
    expect(stdout).toContain('title: {+Corrected:+} ')
  })

  test('signs nothing from a script without --yes', async () => {
    const before = chain()
    const { code, stdout, stderr } = await seal([correction], [legal], '--why', why)
    expect(stderr).toBe(
      'couldn’t ask whether you mean it, since nobody is at a terminal: add --yes once you have read what is signed',
    )
    expect(stdout).toContain('Corrected: ')
    expect(code).toBe(2)
    expect(chain()).toBe(before)
  })

  test.skipIf(spawnSync('script', ['--version']).status !== 0)(
    'types the version on a terminal',
    () => {
      const project = projectOfOwnLaw()
      for (const path of [correction, cases(correction)])
        writeFileSync(join(project, 'policies', path), read(path))
      const command = `${process.execPath} functions/comity.mjs policy seal ${correction} --key ${legal} --why "${why}"`
      const typing = (answer: string) =>
        spawnSync('script', ['-qec', command, '/dev/null'], {
          cwd: project,
          input: `${answer}\n`,
          encoding: 'utf8',
        })
      expect(typing('2017-01-01')).toMatchObject({
        status: 2,
        stdout: expect.stringContaining('couldn’t sign: that is not 2017-01-01.r2'),
      })
      expect(typing('2017-01-01.r2').stdout).toContain('sealed by legal, waits for data protection')
    },
  )
})

describe('A seal is refused', () => {
  test('to a file with a fault, whose place is told', async () => {
    write(correction, read(correction).replace('"kind": "limit"', '"kind": "opinion"'))
    expect(await refused(both(correction))).toMatch(
      /^couldn’t seal: gb\/assistance\/2017-01-01\.r2\.json\/kind: .+/,
    )
  })

  // Kills: a ground that is sealed and lets nobody know who decides (seal.ts, `refuseUndecided`).
  // Kills: a seal on letters that were lost, whose digest is not that of the file.
  test('to a file that is not UTF-8', async () => {
    writeFileSync(join(folder, correction), Buffer.from(corrected('Straße'), 'latin1'))
    expect(await refused(both(correction))).toContain('the file is not UTF-8')
  })
  test('to a ground that does not say who decides, and to a duty that comes too late', async () => {
    const own = 'de/police/2026-02-14.json'
    const draft = own.replace('.json', '.r99.json')
    const json = JSON.parse(read(own))
    const cited = { says: 'An officer decides.', cites: ['art. 1'], confidence: 'M' }
    const automation = { ...cited, nature: 'mandatory', byRule: [] }
    const early = { effect: 'oblige', obligations: [{ code: 'O-CONFIRM' }] }
    const late = { ...cited, id: 'late', nature: 'mandatory', when: true, then: early }
    write(draft, JSON.stringify({ ...json, automation: undefined }))
    expect(await refused(both(draft))).toContain(
      `${draft}/automation: a ground says what may leave`,
    )
    const says = 'What leaves is written down.'
    const rules = [...json.rules, { ...late, says }]
    write(draft, JSON.stringify({ ...json, automation, rules }))
    expect(await refused(both(draft))).toContain(
      '`O-CONFIRM` has to be done before anything leaves',
    )
  })
  test('to a file that is sealed already', async () => {
    expect(await refused(both(sealed))).toBe(
      `couldn’t seal: \`${sealed}\` is sealed already; correct the file itself, and seal it anew`,
    )
  })

  test('to all, if it is refused to one', async () => {
    expect(await refused(both(correction, sealed))).toContain(`\`${sealed}\` is sealed already`)
  })

  test('to a file that is not there', async () => {
    const path = 'gb/assistance/2099-01-01.json'
    expect(await refused(both(path))).toContain(`there is no policy or list file \`${path}\``)
  })

  test('with one key twice', async () => {
    for (const key of [legal, dataProtection])
      expect(await refused(seal([correction], [key, key], '--why', why, '--yes'))).toContain(
        'two different keys',
      )
  })

  test('with two keys of one role', async () => {
    const keys = [legal, sealer('legal')]
    expect(await refused(seal([correction], keys, '--why', why, '--yes'))).toContain(
      'it needs two people, a legal and a data-protection sealer',
    )
  })

  test('with a key that nobody trusts', async () => {
    expect(await refused(first(sealer()))).toContain('sealers.json names no key `another-2026`')
  })

  test('with a key that is registered for another folder', async () => {
    expect(await refused(first(sealer('legal', 'de')))).toContain(
      '`another-2026` may sign for de, not for gb',
    )
  })

  test('without a reason in a full sentence', async () => {
    for (const reason of [[], ['--why', 'slip']]) {
      const { code, stderr } = await seal([correction], [legal], ...reason, '--yes')
      expect(stderr).toContain('say why in a full sentence')
      expect(code).toBe(2)
    }
  })
})

describe('Of two drafts for one day', () => {
  const [a, b] = ['gb/assistance/2027-01-01.json', 'gb/assistance/2027-01-01.b.json']
  beforeEach(() => {
    for (const [path, title] of [
      [a, 'Newer'],
      [b, 'Another'],
    ] as const) {
      write(path, corrected(title))
      write(cases(path), casesOf(path, '2027-01-01'))
    }
  })
  const check = async () => (await run(addCheck, folder, ['check', 'gb/assistance'])).stdout

  test('each is a draft of the version', async () => {
    const stdout = await check()
    expect(stdout).toContain(`it is a draft: one of those for this day, with \`${b}\``)
    expect(stdout).toContain(`it is a draft: one of those for this day, with \`${a}\``)
    expect(stdout).toContain('0 errors, 0 warnings')
  })

  test('what differs is said in words', async () => {
    const { stdout } = await run(addPolicyDiff, folder, ['diff', join(folder, a), b])
    expect(stdout).toContain('title: [-Newer:-]{+Another:+} ')
  })

  test.each([
    [a, b],
    [b, a],
  ])('%s is sealed, and the other is superseded', async (one, other) => {
    expect(last((await bothUnnoticed(one)).stdout)).toBe(`sealed ${one}`)
    expect(await check()).toContain(`it is superseded, since \`${one}\` is sealed for the same day`)
    expect(await refused(both(other))).toContain(
      `\`${other}\` is superseded, since \`${one}\` is sealed`,
    )
    const version = one.slice('gb/assistance/'.length, -'.json'.length)
    const now = inForce(sealedPolicies(folder), '2027-01-01', '2027-01-01T00:00:00Z')
    expect(now.policies.find(({ id }) => id === 'gb/assistance')?.version).toBe(version)
  })

  test('not both can be sealed, by two pairs that did not know of each other either', async () => {
    await seal([a], [legal], '--why', why, '--yes', ...unnoticed)
    await seal([b], [legal], '--why', why, '--yes', ...unnoticed)
    await seal([a], [dataProtection], '--yes')
    expect(await refused(seal([b], [dataProtection], '--yes'))).toContain('is superseded')
    // What waits is in nobody's way: it is taken back.
    expect((await withdraw(b)).stdout).toBe(`taken back ${b}`)
    expect(chain()).not.toContain(b)
  })

  // Kills: one that is taken back and not told, since the next is refused; one refused that went with the one before.
  test('several are taken back together, or none', async () => {
    for (const each of [a, b]) await seal([each], [legal], '--why', why, '--yes', ...unnoticed)
    expect(await refused(withdraw(a, sealed))).toContain(`nothing on \`${sealed}\` waits`)
    const { stdout } = await withdraw(a, b)
    expect(stdout.split('\n')).toEqual([`taken back ${a}`, `taken back ${b}`])
    expect(chain()).not.toMatch(new RegExp(`${a}|${b}`))
  })

  // Kills: a folder that is written, and not told, since the next cannot be.
  test('of several folders that are written says which are, if one cannot be', () => {
    const own = readChain(folder, 'gb', sealersOf(folder))
    const all = new Map([
      ['gb', own],
      ['nowhere', own],
    ])
    expect(() => writeChains(folder, all)).toThrow(
      'couldn’t write the seals of `nowhere`: ENOENT; written: gb',
    )
  })

  // Kills: a second draft that counts beside the first (seal.ts, `counts`).
  test('not both count, whatever two people sign', () => {
    const sealing = (path: string): Said =>
      sealOf({ path, text: read(path) }, '2026-12-01T10:00:00Z')
    sealAgain(folder, 'gb', (said) => [...said, sealing(a), sealing(b)])
    expect(() => sealedPolicies(folder)).toThrow(`${b} cannot be sealed: ${a} is, for the same day`)
  })

  // Kills: the day of a retired file taken for ever, or given away before it ends (seal.ts, `counts`).
  test('the other can be sealed once the first is retired', async () => {
    await bothUnnoticed(a)
    const retire = await run(addPolicyRetire, folder, [
      ...['retire', a, '--key', legal, dataProtection],
      ...['--why', 'It was sealed by mistake.', '--yes'],
    ])
    expect(last(retire.stdout)).toBe(`retired ${a}`)
    const inNewYear = (asKnown: string) =>
      inForce(sealedPolicies(folder), '2027-01-01', asKnown).policies.find(
        ({ id }) => id === 'gb/assistance',
      )?.version
    expect(inNewYear('2026-12-01T09:59:59Z')).toBe('2017-01-01')
    expect(last((await bothUnnoticed(b)).stdout)).toBe(`sealed ${b}`)
    expect(inNewYear('2026-12-01T10:00:00Z')).toBe('2027-01-01.b')
  })
})

describe('A file whose cases', () => {
  /** The correction with other cases. */
  const withCases = (change: (file: { cases: Case[] }) => void) => {
    const file = JSON.parse(casesOf(correction))
    change(file)
    write(cases(correction), JSON.stringify(file))
  }
  type Case = { name: string; expect: Record<string, unknown> }

  // Kills: cases that are not run, or those of the version before alone (seal-cases.ts, `unnoticedIn`).
  test('fail is not sealed, and the first that fails is told', async () => {
    withCases(({ cases: [one] }) => {
      if (one !== undefined)
        one.expect = { outcome: one.expect.outcome === 'deny' ? 'release' : 'deny' }
    })
    const {
      cases: [one],
    } = JSON.parse(read(cases(correction)))
    expect(await refused(first())).toMatch(
      new RegExp(
        `^couldn’t seal: 1 of the \\d+ cases of \`gb/assistance\` fail: ${cases(correction)}, “${one.name}”: `,
      ),
    )
  })

  // Kills: a promise that nobody proves (seal-ready.ts, `refuseUnlike`).
  test('pass is not sealed if it says falsely that what it decides stays as it was', async () => {
    const file = JSON.parse(read(correction))
    const rules = file.rules.filter(
      (rule: { then: { effect: string } }) => rule.then.effect !== 'deny',
    )
    expect(rules.length).toBeLessThan(file.rules.length)
    const promised = { ...file, rules, change: 'What it decides stays as it was.' }
    write(correction, JSON.stringify(promised))
    expect(await refused(first())).toMatch(/what it decides does not stay as it was: More leaves/)
  })

  // Kills: a second signature that asks nothing (seal.ts, `signAll`).
  test('fail since the first signed gets no second signature', async () => {
    await first()
    withCases(({ cases: [one] }) => {
      if (one !== undefined)
        one.expect = { outcome: one.expect.outcome === 'deny' ? 'release' : 'deny' }
    })
    expect(await refused(second())).toContain('cases of `gb/assistance` fail')
  })

  // Kills: a reason that is asked of nobody, or that nobody signs (seal.ts, `sealing`).
  test('do not notice a change is sealed with a reason only, which both sign with the changes', async () => {
    withCases(({ cases }) => cases.splice(8))
    expect(await refused(first())).toMatch(
      /^couldn’t seal: no case notices \d+ changes? of `gb\/assistance\/2017-01-01\.r2\.json`, such as .+; add a case .+ --unnoticed/,
    )
    const reason = 'The cases of the version before say it.'
    const signing = ['--why', why, '--unnoticed', reason, '--yes']
    const { stdout } = await seal([correction], [legal], ...signing)
    expect(stdout).toContain(`Why they may stay: ${reason}`)
    const { unnoticed } = links().at(-1).body
    expect(unnoticed.why).toBe(reason)
    expect(unnoticed.changes.length).toBeGreaterThan(0)
    for (const each of unnoticed.changes) expect(stdout).toContain(`- ${each}`)
    expect((await second()).stdout).toContain(`Why they may stay: ${reason}`)
    expect(last((await run(addCheck, folder, ['check', correction])).stdout)).toContain('0 errors')
  })

  // Kills: a change noticed by the case of a version whose correction decides in its place (seal-cases.ts, `unnoticedIn`).
  test('do not notice a change that only cases of a corrected version show is not sealed without a reason', async () => {
    const about = 'gb/police-data@2026-02-05'
    const whole: { about: string } = JSON.parse(casesOf(correction))
    withCases(({ cases }) => cases.splice(8))
    const beside = 'gb/assistance/2017-01-02.test.json'
    write(beside, JSON.stringify({ ...whole, about }))
    expect(await refused(first())).toContain('couldn’t seal: no case notices')
    const newest = globSync('gb/police-data/2026-02-05*.test.json', { cwd: folder }).length
    write(beside, JSON.stringify({ ...whole, about: `${about}.r${newest}` }))
    expect(last((await first()).stdout)).toMatch(/^signed/)
  })

  // Kills: a second who signs less than is unnoticed now (seal.ts, `sealing`).
  test('notice less than the first said is not signed by the second', async () => {
    await first()
    withCases(({ cases }) => cases.splice(8))
    const now = seal([correction], [dataProtection], '--yes', ...unnoticed)
    expect(await refused(now)).toContain('whoever signed first did not list that')
  })
})

// Kills: a sentence taken over from the version before (seal-cases.ts, `refuseCopied`).
test('a version says itself what it changes', async () => {
  const { change } = JSON.parse(read(sealed))
  write(correction, read(correction).replace(/"change": ".*"/, `"change": "${change}"`))
  expect(await refused(first())).toBe(
    `couldn’t seal: ${correction}/change: it is the sentence of \`${sealed}\`; say what this version changes`,
  )
})

describe('A file that waits for its second signature', () => {
  const next = 'gb/assistance/2017-01-01.r3.json'
  const nextOne = (...keys: readonly string[]) =>
    seal([next], keys, '--why', why, '--yes', ...unnoticed)
  beforeEach(() => {
    write(next, corrected('Once more'))
    write(cases(next), casesOf(next))
  })

  // Kills: a seal that counts behind one that waits (seal.ts, `checkChain`; seal-chain.ts, `behind`).
  test('comes before those that were signed after it', async () => {
    await first()
    expect(await refused(nextOne(legal, dataProtection))).toContain(
      `\`${next}\` comes after \`${correction}\`, which waits for data protection; sign that first, or take it back`,
    )
    expect((await nextOne(legal)).code).toBe(0)
    expect(await refused(nextOne(dataProtection))).toContain('sign that first')
    expect(last((await second()).stdout)).toBe(`sealed ${correction}`)
    expect(last((await nextOne(dataProtection)).stdout)).toBe(`sealed ${next}`)
  })

  test('is taken back, with what waits behind it', async () => {
    const before = chain()
    await first()
    await nextOne(legal)
    const { stdout } = await withdraw(correction)
    expect(stdout).toBe(`taken back ${correction}\ntaken back ${next}`)
    expect(JSON.parse(chain())).toEqual(JSON.parse(before))
    expect((await withdraw(sealed)).stderr).toContain('nothing on')
  })
})

describe('A sealed file that was changed afterwards', () => {
  const message = `couldn’t load policies: ${sealed}: the file changed after it was sealed; undo the change, or seal it anew: \`comity policy seal\` with both keys`

  test('stops the gateway and the command line, which say which file it is', async () => {
    vi.useRealTimers()
    const project = projectOfOwnLaw()
    writeFileSync(join(project, 'policies', sealed), `${read(sealed).trimEnd()} \n`)
    const started = failToStart({ data: temporaryFolder(), folder: project })
    const facts = fileOf({ facts: {} })
    const ran = await comity(['policy', 'explain', '--facts', facts], { folder: project })
    expect(ran).toEqual({ code: 3, stdout: '', stderr: `${message}\n` })
    const { code, stdout, stderr } = await started
    expect(stderr).toContain(message)
    expect(stdout).toBe('')
    expect(code).toBe(1)
  })

  // What may be sealed anew, and by whom: `seal-anew.test.ts`.
  test('stops another from being sealed', async () => {
    write(sealed, `${read(sealed).trimEnd()} \n`)
    expect(await refused(both(correction))).toContain('the file changed after it was sealed')
  })
})

/** A copy of the project with the law that tests own. */
function projectOfOwnLaw(): string {
  const project = copyOfProject()
  rmSync(join(project, 'policies'), { recursive: true })
  writeOwnLaw(join(project, 'policies'))
  return project
}

/** A new key, in a file; with a role, of a sealer whom this copy trusts for a folder. */
function sealer(role?: 'legal' | 'data-protection', own = '*'): string {
  const { d, x } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  const jwk = { kty: 'OKP', crv: 'Ed25519', x }
  const kid = 'another-2026'
  if (role !== undefined) {
    const sealers = JSON.parse(read('sealers.json'))
    const trusted = { kid, name: 'Another invented sealer', role, folders: [own], jwk }
    write('sealers.json', JSON.stringify([...sealers, trusted]))
  }
  return fileOf({ kid, jwk: { ...jwk, d } })
}
