/** The guide to the decision log, `functions/ledger/README.md`: each command of its blocks, as it is written there. */

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Local,
  plainEnvironment,
  removeFolders,
  root,
  startLocal,
  temporaryFolder,
} from './process.ts'

afterAll(removeFolders)

const guide = readFileSync(join(root, 'functions/ledger/README.md'), 'utf8')
const blocks = [...guide.matchAll(/```sh\n([\s\S]+?)```/g)].map(([, code = '']) => code)
/** Each on one line, in their order. */
const commands = blocks
  .flatMap((code) => code.replaceAll(/\\\n\s*/g, ' ').split('\n'))
  .filter((line) => line !== '')
/** What the guide says of keys that are the demonstration's: whole, by its own word. */
const ownWord = /^npx comity (?:log (?:verify|watch)|evidence verify) /
const npx = `npx() { shift; "${process.execPath}" "${join(root, 'functions/comity.mjs')}" "$@"; }`

// It is written for a Unix shell.
describe.skipIf(process.platform === 'win32')('Whoever follows the guide to the log', () => {
  const folder = temporaryFolder()
  let gateway: Local
  beforeAll(async () => {
    gateway = await startLocal({ data: join(folder, '.comity') }, 60_000)
  })
  afterAll(() => gateway.interrupt())

  const said = new Map<string, string>()
  // Kills: a command, an option or a file of the guide that is not there, or that needs one that comes later.
  test.each(commands)('finds that it works: %s', { timeout: 60_000 }, (command) => {
    const { status, stdout, stderr } = spawnSync('bash', ['-c', `${npx}\n${command}`], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...plainEnvironment, PORT: String(gateway.port), COMITY_DATA: '.comity' },
    })
    expect(status, `${stdout}\n${stderr}`).toBe(ownWord.test(`${command} `) ? 7 : 0)
    said.set(command, stdout)
  })

  // Kills: commands that run, and do something else than the guide says.
  test('sees what the guide shows', () => {
    expect(commands.length).toBeGreaterThan(20)
    const of = (start: string) =>
      [...said].flatMap(([command, text]) => (command.startsWith(start) ? [text] : [])).join('')
    expect(of('npx comity log query --case')).toContain('gb/osja/death-penalty')
    expect(of('npx comity log verify')).toMatch(/ entries: whole as of .+ cosigned by 1 of 1\.\n/)
    expect(of('npx comity subject send')).toMatch(/^HELD in the log of DE\n/)
    expect(of('npx comity subject erase')).toMatch(/^ERASED in the log of GB\n/)
    expect(of('npx comity log query --kind erasure')).toContain('GB-POL officer-1')
  })
})
