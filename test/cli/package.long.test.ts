/** The package of the command line, as somebody has it who has nothing else of us. */

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { versionFiles } from '../../functions/adapters/policies-files.ts'
import { examples } from '../../functions/demo/demonstration.ts'
import {
  type Local,
  plainEnvironment,
  removeFolders,
  root,
  startLocal,
  temporaryFolder,
} from '../demo/process.ts'
import { installPackage } from './installed.ts'

let files: readonly string[]
let folder: string
let gateway: Local
beforeAll(async () => {
  const installed = installPackage()
  files = installed.files
  folder = installed.folder
  gateway = await startLocal({ data: join(temporaryFolder(), 'data') })
}, 120_000)
afterAll(async () => {
  await gateway?.interrupt()
  await removeFolders()
})

/** Runs the installed command in a folder that has nothing of ours. */
function comity(...args: readonly string[]) {
  const cwd = join(folder, 'elsewhere')
  mkdirSync(cwd, { recursive: true })
  const env = { ...plainEnvironment, COMITY_DATA: undefined, COMITY_PROFILE: undefined }
  return spawnSync(join(folder, 'node_modules/.bin/comity'), args, { cwd, env, encoding: 'utf8' })
}

describe('The package', () => {
  test('brings one command, the law and nothing to install besides', () => {
    const beside = readdirSync(join(folder, 'node_modules')).filter((each) => !each.startsWith('.'))
    expect(beside).toEqual(['comity'])
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    expect(comity('--version')).toMatchObject({ status: 0, stdout: `${version}\n`, stderr: '' })
  })

  // Kills: `files` that lets in what lies beside.
  test('has no tests, no private key and no place of the machine that made it', () => {
    expect(
      files.filter((each) => /\/test\/|\.test\.ts|demonstration-keys|\.comity/.test(each)),
    ).toEqual([])
    const installed = join(folder, 'node_modules/comity')
    const all = readdirSync(installed, { recursive: true, withFileTypes: true })
    for (const each of all.filter((one) => one.isFile())) {
      const text = readFileSync(join(each.parentPath, each.name), 'utf8')
      expect([each.name, text.includes(root), text.includes(`${homedir()}/`)]).toEqual([
        each.name,
        false,
        false,
      ])
      expect([
        each.name,
        /"d": ?"[A-Za-z0-9_-]{43}"|BEGIN [A-Z ]*PRIVATE KEY-----\n/.test(text),
      ]).toEqual([each.name, false])
    }
  })

  // Kills: a README whose guides, or whose picture, lie elsewhere; a page with a link to what only we have.
  test('has every page that README.md leads to, and every link of theirs leads to what is there', () => {
    const installed = join(folder, 'node_modules/comity')
    const read = (page: string) => readFileSync(join(installed, page), 'utf8')
    const pages = readdirSync(installed, { recursive: true, encoding: 'utf8' }).filter((each) =>
      each.endsWith('.md'),
    )
    const linksOf = (page: string) =>
      [...read(page).matchAll(/\]\(([^)\s:#]+)[)#]|^\[\w+\]: (\S+)/gm)].map(([, inline, named]) =>
        join(dirname(page), inline ?? named ?? ''),
      )
    const wrong = pages.flatMap((page) =>
      linksOf(page)
        .filter((to) => !existsSync(join(installed, to)))
        .map((to) => `${page}: ${to}`),
    )
    expect(wrong).toEqual([])
    // All of them but those to tests.
    const ours = [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/\]\(([^)\s:#]+)[)#]/g)]
    const packed = ours.map(([, to = '']) => to).filter((to) => !to.startsWith('test/'))
    expect(packed).toContain('functions/path.svg')
    expect(new Set(linksOf('README.md'))).toEqual(new Set(packed))
  })

  test('says what the law says, and lints a policy, in any folder', () => {
    const [{ path = '' } = {}] = versionFiles(join(root, 'policies'))
    const id = dirname(path)
    expect(comity('policy', 'say', id)).toMatchObject({ status: 0, stderr: '' })
    expect(comity('policy', 'say', id).stdout).toContain(`${id}@`)
  })

  test('asks a gateway with a key of one’s own, and verifies evidence', () => {
    const example = examples.find(({ file }) => file === 'release.json')
    const request = join(folder, 'request.json')
    writeFileSync(request, JSON.stringify(example?.request))
    const key = join(gateway.data, 'agencies/FR-SPOC.json')
    const who = ['--as', 'FR-SPOC', '--officer', 'officer-7', '--key', key, '--url', gateway.origin]
    const { stdout, stderr, status } = comity('request', 'send', request, ...who)
    expect([stdout.split('\n')[0], stderr, status]).toEqual(['RELEASED', '', 0])
    const none = comity('evidence', 'verify', request)
    expect([none.status, none.stderr.includes('Error')]).toEqual([5, false])
  })
})
