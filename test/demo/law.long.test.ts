/** Twenty ways to change the law's folder, and the gateway, as a process of its own, starts on none. */

import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Seal } from '../../functions/policy/sealers.ts'
import { addPolicySet } from '../../functions/workbench/commands/policy-set.ts'
import { run, sealAgain } from '../cli/in-process.ts'
import { sealOf } from '../policy/sealing.ts'
import { keepFewStates } from './few-states.ts'
import {
  copyOfProject,
  failToStart,
  removeFolders,
  startLocal,
  temporaryFolder,
} from './process.ts'

const osja = 'gb/osja/2017-01-01.json'
const dpa = 'gb/dpa-2018-part-3/2018-05-25.json'

let project: string
let policies: string
/** The folder as it was when the set was signed. */
let kept: string
beforeAll(async () => {
  project = copyOfProject()
  policies = join(project, 'policies')
  keepFewStates(policies)
  const keys = [1, 2].map((n) => join(policies, `demonstration-keys/release-${n}.json`))
  const { code, stderr } = await run(addPolicySet, policies, ['set', '--key', ...keys, '--yes'])
  expect(stderr).toBe('')
  expect(code).toBe(0)
  kept = temporaryFolder()
  cpSync(policies, kept, { recursive: true })
})
afterAll(removeFolders)

const at = (path: string) => join(policies, path)
const change = (path: string, to: (text: string) => string) =>
  writeFileSync(at(path), to(readFileSync(at(path), 'utf8')))
const seals = (folder: string, to: (links: Seal[]) => unknown) =>
  change(`${folder}/seals.json`, (text) => JSON.stringify(to(JSON.parse(text))))
const set = (to: (json: SetFile) => unknown) =>
  change('set.json', (text) => JSON.stringify(to(JSON.parse(text))))
type SetFile = { madeAt: string; folders: Record<string, { files: number }>; signatures: string[] }

/** What is done, and which sentence answers it. */
const changes: readonly (readonly [string, () => void, RegExp])[] = [
  [
    'a file is deleted',
    () => rmSync(at(osja)),
    /gb\/osja\/2017-01-01\.json: it is sealed and not there; restore it/,
  ],
  [
    'a file is renamed',
    () => renameSync(at(osja), at('gb/osja/2099-01-01.json')),
    /its text lies at `gb\/osja\/2099-01-01\.json`/,
  ],
  [
    'a file goes to another folder',
    () => renameSync(at(osja), at('de/bkag/2099-01-01.json')),
    /its text lies at `de\/bkag/,
  ],
  [
    'a byte is changed',
    () => change(osja, (text) => text.replace('"title": "', '"title": "A')),
    /2017-01-01\.json: the file changed/,
  ],
  [
    'a policy is deleted',
    () => rmSync(at('gb/osja'), { recursive: true }),
    /gb\/osja\/2017-01-01\.json: it is sealed and not there/,
  ],
  [
    'a folder is deleted',
    () => rmSync(at('gb'), { recursive: true }),
    /gb\/seals\.json: the set names seal \d+ of `gb`/,
  ],
  [
    'a folder’s seals are deleted',
    () => rmSync(at('gb/seals.json')),
    /gb\/seals\.json: the set names seal/,
  ],
  [
    'a folder’s seals are emptied',
    () => seals('gb', () => []),
    /gb\/seals\.json: the set names seal/,
  ],
  [
    'a seal and its file are cut',
    () => {
      rmSync(at(osja))
      sealAgain(policies, 'gb', (said) => said.filter(({ body }) => body.path !== osja))
    },
    /gb\/seals\.json: the set names seal/,
  ],
  [
    'the last seal is cut',
    () => seals('gb', (links) => links.slice(0, -1)),
    /it is older than the set, or cut/,
  ],
  [
    'a seal in the middle is cut',
    () => seals('gb', (links) => links.toSpliced(1, 1)),
    /gb\/seals\.json\/1: the chain breaks here: its number is not the next one/,
  ],
  [
    'two seals are swapped',
    () => seals('gb', ([a, b, ...more]) => [b, a, ...more]),
    /gb\/seals\.json\/0: the chain breaks here/,
  ],
  [
    'two folders’ chains are swapped',
    () => {
      renameSync(at('gb/seals.json'), at('gb/seals.tmp'))
      renameSync(at('interpol/seals.json'), at('gb/seals.json'))
      renameSync(at('gb/seals.tmp'), at('interpol/seals.json'))
    },
    /\/seals\.json\/0: the chain breaks here: it belongs to another chain/,
  ],
  [
    'why a file was sealed is changed',
    () =>
      seals('gb', ([a, ...more]) => [
        { ...a, body: { ...a?.body, why: 'Somebody says so.' } },
        ...more,
      ]),
    /gb\/seals\.json\/0: the statement on gb\/.+ does not count/,
  ],
  [
    'a signature is taken away',
    () => seals('gb', ([a, ...more]) => [{ ...a, signatures: a?.signatures.slice(1) }, ...more]),
    /gb\/seals\.json\/1: the statement on .+ follows that on .+, which waits/,
  ],
  [
    'another history is signed by the same two',
    () =>
      sealAgain(policies, 'gb', (said) =>
        said.toReversed().map((each, i) => ({ ...each, statedAt: said[i]?.statedAt ?? '' })),
      ),
    /gb\/seals\.json: seal \d+ of `gb` is another than the set names/,
  ],
  [
    'more is sealed before what was sealed',
    () =>
      sealAgain(policies, 'gb', (said) => [
        sealOf({ path: dpa, text: readFileSync(at(dpa), 'utf8') }, said[0]?.statedAt ?? ''),
        ...said.filter(({ body }) => body.path !== dpa),
      ]),
    /gb\/seals\.json: seal \d+ of `gb` is another/,
  ],
  [
    'a folder is left out of the set',
    () => set((json) => ({ ...json, folders: { ...json.folders, gb: undefined } })),
    /set\.json: it needs the signatures of two different release keys/,
  ],
  [
    'a signature of the set is taken away',
    () => set((json) => ({ ...json, signatures: json.signatures.slice(1) })),
    /set\.json: there is no signed set of the law/,
  ],
  [
    'the sealers are taken away',
    () => writeFileSync(at('sealers.json'), '[]'),
    /a signature is not of a sealer trusted here/,
  ],
]

describe('The gateway', () => {
  test('starts on the set, with a broken draft and a seal beside it that came later', async () => {
    change(osja, (text) => text)
    writeFileSync(at('gb/osja/2099-01-01.json'), '{')
    const fresh = 'gb/osja/2017-01-01.r2.json'
    cpSync(at(osja), at(fresh))
    const text = readFileSync(at(fresh), 'utf8')
    sealAgain(policies, 'gb', (said) => [
      ...said,
      sealOf({ path: fresh, text }, said.at(-1)?.statedAt ?? ''),
    ])
    const gateway = await startLocal({ data: temporaryFolder(), folder: project })
    const law = await (await fetch(`${gateway.origin}/v1/policies`)).text()
    expect(law).toContain('"gb/osja"')
    expect(law).not.toContain('2017-01-01.r2')
    await gateway.interrupt()
  })

  test.each(changes)('does not start once %s, and says why', async (_, spoil, why) => {
    rmSync(policies, { recursive: true })
    cpSync(kept, policies, { recursive: true })
    spoil()
    const { code, stderr, stdout } = await failToStart({ data: temporaryFolder(), folder: project })
    expect(stderr).toMatch(/^couldn’t load policies: /)
    expect(stderr).toMatch(why)
    expect([code, stdout]).toEqual([1, ''])
  })
})
