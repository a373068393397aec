/** The story that README.md tells, command by command as it is written there. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, describe, expect, test } from 'vitest'
import { examples } from '../../functions/demo/demonstration.ts'
import { plainEnvironment, removeFolders, root, startLocal, temporaryFolder } from './process.ts'

afterAll(removeFolders)

/** How fast it starts is tested elsewhere; here the machine may be busy, ms. */
const startMsMax = 60_000

/** The commands of a section, in their order. */
function commandsOf(title: string): string {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const [, section = ''] = readme.split(`\n## ${title}\n`)
  const [own = ''] = section.split('\n## ')
  return [...own.matchAll(/```sh\n([\s\S]+?)```/g)].map(([, commands]) => commands).join('')
}

/** Runs commands as a shell does that stands in the folder of the project, with `.comity` in it. */
async function inShell(commands: string, folder: string, port: number) {
  const npx = `npx() { shift; "${process.execPath}" "${join(root, 'functions/comity.mjs')}" "$@"; }`
  const child = spawn('bash', ['-euo', 'pipefail', '-c', `${npx}\n${commands}`], {
    cwd: folder,
    env: { ...plainEnvironment, PORT: String(port), COMITY_DATA: '.comity' },
  })
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return { stdout, stderr, code: Number(code) }
}

// It is written for a Unix shell.
describe.skipIf(process.platform === 'win32')('Whoever follows the README', () => {
  const folder = temporaryFolder()
  const data = join(folder, '.comity')

  // Kills: a command, an option or a file that README.md names and that is not there; `--previous` that
  // is not sent. The assurance of yesterday helps no request of today.
  test('sees a denial released by an officer, and denied again for whoever asks anew', async () => {
    const first = await startLocal({ data }, startMsMax)
    const commands = commandsOf('One request, and an officer who decides')
    const { code, stdout, stderr } = await inShell(commands, folder, first.port)
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^DENIED \(open: /)
    expect(stdout).toContain("\n- release.decision = release, by the holder's officer\n")
    expect(stdout).toMatch(/\nAttested; it counts from now on\.\n/)
    expect(stdout).toMatch(
      /\n[0-9-]+ [0-9:]+ +US-POL, case +your decision: comity release +[0-9-]+ [0-9:]+\n/,
    )
    expect(stdout).toContain('\nWould leave:\n- nc:PersonFullName: Alice Fictional  [item 1]\n')
    expect(stdout).toMatch(/\nReleased, until .+\n/)
    expect(stdout).toMatch(/\nRELEASED\n/)
    expect(stdout).toContain('\n- nc:PersonFullName: Alice Fictional\n')
    expect(stdout).toMatch(/ lead.* to a death sentence.+\[O-DP, requester\]\n/)
    expect(stdout).toMatch(/\nDecided by an officer of GB-POL, attestation [A-Za-z0-9_-]{43}\.\n/)
    expect(code).toBe(0)

    await first.interrupt()
    const second = await startLocal({ data }, startMsMax)
    const title = examples.find(({ file }) => file === 'deny.json')?.title ?? ''
    expect(second.output.stdout.split(title)[1]).toMatch(
      /^\nDENIED \(open: [\s\S]+\n- assurance\.deathPenalty = given-and-verified, by the holder's ministry\n/,
    )
    await second.interrupt()
  }, 180_000)

  // Kills: a file that comes out as it went in; a command or a file of the README that is not there.
  test('has a photograph kept without the place where it was taken, and fetched by whoever asked', async () => {
    const gateway = await startLocal({ data }, startMsMax)
    expect(readFileSync(join(data, 'examples/portrait.jpg')).includes('GPS')).toBe(true)
    const { code, stdout, stderr } = await inShell(
      commandsOf('Photographs and prints'),
      folder,
      gateway.port,
    )
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^Kept: image\/jpeg, \d+ bytes of \d+; the rest was no picture\.\n/)
    expect(stdout).toMatch(/\nWritten to .+ bytes, the file of the answer\.\n/)
    expect(stdout).toMatch(/\nDuties, by their codes: .*O-USE/)
    const fetched = readFileSync(join(data, 'portrait.jpg'))
    expect(fetched.subarray(0, 3).toString('hex')).toBe('ffd8ff')
    expect(fetched.includes('GPS')).toBe(false)
    expect(code).toBe(0)
    await gateway.interrupt()
  }, 180_000)

  // Kills: a look of the README that finds nothing, or does not say by which number an answer left.
  test('answers a letter, and has an auditor see how the answer left, and the story of a case', async () => {
    const gateway = await startLocal({ data }, startMsMax)
    const { code, stdout, stderr } = await inShell(
      commandsOf('Before the other side has joined'),
      folder,
      gateway.port,
    )
    expect(stdout).toMatch(/By: siena\n.*Number there: 2026-4711-2\n.*Sent: [0-9-]+T/)
    expect(stderr).toMatch(/^(Asked as .+\n)+$/)
    expect(code).toBe(0)
    const story = await inShell(commandsOf('Until it is answered'), folder, gateway.port)
    expect(story.stdout).toMatch(/US-POL agent-12 asked +denied, open/)
    await gateway.interrupt()
  }, 180_000)

  // Kills: a step that is missing between an empty folder and an agency's first answer.
  test('has an agency of their own join, and its first call answered', async () => {
    const gateway = await startLocal({ data }, startMsMax)
    symlinkSync(join(root, 'policies'), join(folder, 'policies'))
    const { code, stdout, stderr } = await inShell(
      commandsOf('An agency joins'),
      folder,
      gateway.port,
    )
    expect(stderr).toBe(
      'The private half is in .comity/agencies/SE-POL.json: keep it, and show it to nobody.\n',
    )
    expect(stdout).toContain('\nSE-POL joins: Invented Police of Sweden.\n')
    expect(stdout).toMatch(/\nWhose signature is missing: 1 of .*registrar 2.*registrar 3/)
    expect(stdout).toContain('\nEntered. Every running gateway goes by it within a minute.\n')
    expect(stdout).toMatch(/\n(RELEASED|RELEASED IN PART|DENIED)/)
    expect(code).toBe(0)
    await gateway.interrupt()
  }, 180_000)
})
