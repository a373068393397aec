/** The archive for third parties: it checks a log and evidence in a folder that has nothing else of us, and no AWS. */

import { execFileSync, spawnSync } from 'node:child_process'
import { globSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { itemOf, personOf, requestOf, subjectsOf } from '../answer/people.ts'
import { startEvidencing } from '../audit/evidencing.ts'
import { plainEnvironment, removeFolders, root, temporaryFolder } from '../demo/process.ts'
import { startSealed } from '../proof/exported.ts'
import { answered } from '../world.ts'

let archive: string
let folder: string
beforeAll(() => {
  const args = ['infra/pack.ts', 'proof', temporaryFolder()]
  const said = execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
  archive = said.split('\n')[0] ?? ''
  const to = temporaryFolder()
  execFileSync('tar', ['-xf', archive, '-C', to])
  folder = globSync(join(to, 'comity-proof-*'))[0] ?? ''
}, 120_000)
afterAll(removeFolders)

/** Runs the archive's command with no other Node than this one. */
function comity(...args: readonly string[]) {
  const env = { ...plainEnvironment, PATH: `${dirname(process.execPath)}:/usr/bin:/bin` }
  const cwd = temporaryFolder()
  const { status, stdout, stderr } = spawnSync(join(folder, 'bin/comity'), args, {
    ...{ cwd, env, encoding: 'utf8' },
  })
  return { status, said: stdout + stderr }
}

describe('The archive for third parties', () => {
  // Kills: a list of packages that somebody keeps by hand; AWS by way of an adapter.
  test('has the packages that it imports, and no other', () => {
    const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    expect(Object.keys(dependencies)).toEqual([
      'canonicalize',
      'commander',
      'jose',
      'json-logic-js',
      'jsonc-parser',
      'zod',
    ])
    const there = globSync('node_modules/**/package.json', { cwd: folder })
      .map((path) => JSON.parse(readFileSync(join(folder, path), 'utf8')).name)
      .filter((name) => name !== undefined)
    expect(there.filter((name) => name.startsWith('@aws') || name.startsWith('@smithy'))).toEqual(
      [],
    )
    const rooms = globSync('functions/*', { cwd: folder }).map((path) => path.slice(10))
    for (const room of ['adapters', 'http', 'console', 'machine', 'client', 'workbench', 'demo'])
      expect(rooms).not.toContain(room)
    expect(statSync(archive).size).toBeLessThan(2_000_000)
  })

  // Kills: an archive without a page that says how to run it; a command, option or exit code there that is none.
  test('says how it is run, with every exit code', () => {
    const page = readFileSync(join(folder, 'README.md'), 'utf8')
    const typed = [...page.matchAll(/^bin\/comity (\S+) (\S+)(.*)$/gm)]
    expect(typed.map(([, group, command]) => `${group} ${command}`)).toEqual([
      ...['log verify', 'log watch', 'evidence verify', 'evidence calls', 'log pin'],
    ])
    for (const [, group = '', command = '', rest = ''] of typed) {
      const { status, said } = comity(group, command, '--help')
      expect(status).toBe(0)
      for (const [option] of rest.matchAll(/--\S+/g)) expect(said).toContain(option)
    }
    const [, codes = ''] = comity('--help').said.split('Exit codes:')
    expect([...page.matchAll(/^\| (\d) \|/gm)].map(([, code]) => code)).toEqual(
      codes.match(/\b\d\b/g),
    )
  })

  // Kills: a file that is imported and was left out.
  test('checks the log that a gateway exported, and finds a byte that was changed', async () => {
    const sealed = await startSealed({ now: new Date(Date.now() - 3_600_000).toISOString() })
    try {
      await sealed.append('DE', 2)
      await sealed.seal()
      const exported = await sealed.export()
      const trust = join(temporaryFolder(), 'trust.json')
      writeFileSync(trust, JSON.stringify(sealed.keys))
      const verify = () => comity('log', 'verify', exported, '--trust', trust)
      expect(verify()).toMatchObject({
        status: 0,
        said: expect.stringMatching(/2 entries: whole as of .* In the tree, proved, signed/),
      })
      const [entries = ''] = globSync('**/entries.ndjson', { cwd: exported })
      const text = readFileSync(join(exported, entries), 'utf8')
      writeFileSync(join(exported, entries), text.replace(/"lh":"./, '"lh":"_'))
      expect(verify()).toMatchObject({ status: 5, said: expect.stringContaining('NOT whole') })
    } finally {
      await sealed.close()
    }
  })

  test('checks evidence, decides again what it shows, and finds a byte that was changed', async () => {
    const evidencing = await startEvidencing()
    try {
      await evidencing.putRecord('DE-POL', personOf('R-1', [itemOf('name')]))
      const body = requestOf({ subject: subjectsOf('R-1').recordId, caseReference: 'CASE 1' })
      const { id } = await answered(await evidencing.ask('FR-SPOC', 'officer-7', body))
      await evidencing.sealLogs()
      const zip = await evidencing.evidence({ entries: [id] })
      const file = join(temporaryFolder(), 'evidence.zip')
      const verify = () =>
        comity('evidence', 'verify', file, '--fingerprint', evidencing.fingerprint)
      writeFileSync(file, zip)
      // A fingerprint alone: the keys of logs and agencies are those of the file.
      expect(verify()).toMatchObject({
        status: 7,
        said: expect.stringContaining('decided again, the same'),
      })
      const at = Math.floor(zip.length / 2)
      zip[at] = (zip[at] ?? 0) ^ 1
      writeFileSync(file, zip)
      expect(verify()).toMatchObject({ status: 5 })
    } finally {
      await evidencing.stop()
    }
  })
})
