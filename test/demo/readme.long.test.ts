/** The story that README.md and each reader's guide tell, command by command as it is written there. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { examples } from '../../functions/demo/demonstration.ts'
import { type Local, removeFolders, root, startLocal } from './process.ts'
import { folderToType, typed } from './typed.ts'

afterAll(removeFolders)

/** How fast it starts is tested elsewhere; here the machine may be busy, ms. */
const startMsMax = 60_000
/** Longest that a section's commands take: the partner's acts, and what waits for a seal, ms. */
const sectionMsMax = 400_000

/** The commands of a page, by the titles of its sections. */
function commandsIn(page: string): ReadonlyMap<string, string> {
  const [, ...sections] = readFileSync(join(root, page), 'utf8').split('\n## ')
  const commands = sections.map((section) => {
    const blocks = [...section.matchAll(/```sh\n([\s\S]+?)```/g)]
    return [section.split('\n', 1)[0] ?? '', blocks.map(([, each]) => each).join('')] as const
  })
  return new Map(commands.filter(([, each]) => each !== ''))
}

/** Types a section's commands in the folder, with a gateway on the port. */
function type(page: string, title: string, folder: string, port: number) {
  const commands = commandsIn(page).get(title)
  if (commands === undefined) throw new Error(`${page} has no commands under “${title}”`)
  return typed(commands, folder, { PORT: String(port) })
}

/**
 * Follows a page from an empty folder, with one gateway; each section by its title, in the page's order. A page may
 * need what another left: `first`.
 */
function following(
  page: string,
  sections: Readonly<Record<string, Follow>>,
  first?: readonly [page: string, title: string],
): void {
  // It is written for a Unix shell.
  describe.skipIf(process.platform === 'win32')(`Whoever follows ${page}`, () => {
    const folder = folderToType()
    const data = join(folder, '.comity')
    let gateway: Local
    beforeAll(async () => {
      gateway = await startLocal({ data }, startMsMax)
      if (first) expect((await type(...first, folder, gateway.port)).failed).toEqual([])
    }, sectionMsMax)
    afterAll(() => gateway.interrupt())

    for (const [title, follow] of Object.entries(sections))
      test(
        `can type what stands under “${title}”`,
        () => follow(() => type(page, title, folder, gateway.port), folder),
        sectionMsMax,
      )

    // Kills: commands that nobody runs.
    test('finds no commands but those', () => {
      expect([...commandsIn(page).keys()].filter((title) => title !== notTyped)).toEqual(
        Object.keys(sections),
      )
    })
  })
}
/** Types a section, and says what must come of it. */
type Follow = (typed: () => ReturnType<typeof type>, folder: string) => Promise<void>

/** The section that installs and starts: every test here does that itself. */
const notTyped = 'Two commands'

following('README.md', {
  // Kills: a request of one's own that the page writes and the gateway does not take.
  'One request': async (typed) => {
    const { stdout, stderr, failed } = await typed()
    expect(failed).toEqual([])
    expect(stdout).toMatch(/^RELEASED\n- /)
    expect(stdout).toContain('\n- nc:PersonFullName: Anton Beispiel\n')
    expect(stdout).toContain('\n- nc:PersonFullName: Dora Phantasie\n')
    expect(stdout).toMatch(/FR-SPOC officer-7 asked +released/)
    expect(stdout).toMatch(/\nok +Gateway: /)
    expect(stderr).toMatch(/^(Asked as .+\n)+$/)
  },
})

test('README.md installs and starts by commands that are there', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>
  }
  expect(commandsIn('README.md').get(notTyped)).toBe('npm ci\nnpm start\n')
  const named = readFileSync(join(root, 'README.md'), 'utf8').matchAll(/`npm run ([\w:-]+)`/g)
  for (const [, script = ''] of named) expect(Object.keys(scripts)).toContain(script)
})

following('functions/http/README.md', {
  // Kills: a step that is missing between an empty folder and an agency's first answer.
  Join: async (typed) => {
    const { stdout, stderr, failed } = await typed()
    expect(stderr).toBe(
      'The private half is in .comity/agencies/SE-POL.json: keep it, and show it to nobody.\n',
    )
    expect(stdout).toContain('\nSE-POL joins: Invented Police of Sweden.\n')
    expect(stdout).toContain('\n- its desk: +46846500401, sv, en\n')
    expect(stdout).toMatch(/\nWhose signature is missing: 1 of .*registrar 2.*registrar 3/)
    expect(stdout).toContain('\nEntered. Every running gateway goes by it within a minute.\n')
    expect(failed).toEqual([])
  },
  Ask: async (typed) => {
    const { stdout, stderr, failed } = await typed()
    expect([stderr, failed]).toEqual(['', []])
    const [json = '', again = ''] = stdout.split(/^(?=\{|RELEASED)/m)
    const answer = JSON.parse(json) as { readonly id: string; readonly outcome: string }
    expect(answer.outcome).toBe('release')
    // The page shows one answer, with every member in its order.
    const shown = readFileSync(join(root, 'functions/http/README.md'), 'utf8')
      .split('\n## Ask\n')[1]
      ?.match(/```json\n([\s\S]+?)```/)?.[1]
    expect(Object.keys(JSON.parse(shown ?? '{}'))).toEqual(Object.keys(answer))
    expect(again).toMatch(/^RELEASED\n/)
    expect(again).toContain(`\nid ${answer.id}\n`)
  },
  'When a call is not answered': async (typed) => {
    const { stdout, stderr, failed } = await typed()
    expect([stderr, failed]).toEqual(['', []])
    expect(stdout).toContain('"code": "invalid-request"')
    expect(stdout).toContain('"pointer": "/purpose"')
    expect(stdout).toMatch(/\nexit code 1\n$/)
  },
  // Kills: a partner that does not release, `--previous` that is not sent.
  'Not decided yet': async (typed) => {
    const { stdout, stderr, failed } = await typed()
    expect([stderr, failed]).toEqual(['', []])
    expect(stdout).toMatch(/^NOT DECIDED YET \([\s\S]+ answerable [\s\S]+\nRELEASED\n/)
    expect(stdout).toMatch(/\nDecided by an officer of DE-TEST, /)
  },
  Events: async (typed) => {
    const { stdout, stderr, failed } = await typed()
    expect([stderr, failed]).toEqual(['', []])
    expect(stdout).toMatch(/ answerable +SE-POL asked DE-TEST/)
  },
  'When something was wrong': async (typed) => {
    const { stdout, stderr, failed } = await typed()
    expect([stderr, failed]).toEqual(['', []])
    expect(stdout).toMatch(/^RELEASED\n[\s\S]+ corrected +SE-POL asked DE-TEST/)
    expect(stdout).toMatch(/\nEntered\. The holder sees it\.\n/)
  },
  // Kills: a file that comes out as it went in; a command or a file of the page that is not there.
  'Photographs and prints': async (typed, folder) => {
    const data = join(folder, '.comity')
    expect(readFileSync(join(data, 'examples/portrait.jpg')).includes('GPS')).toBe(true)
    const { stdout, stderr, failed } = await typed()
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^Kept: image\/jpeg, \d+ bytes of \d+; the rest was no picture\.\n/)
    expect(stdout).toMatch(/\nWritten to .+ bytes, the file of the answer\.\n/)
    expect(stdout).toMatch(/\nDuties, by their codes: .*O-USE/)
    const fetched = readFileSync(join(data, 'portrait.jpg'))
    expect(fetched.subarray(0, 3).toString('hex')).toBe('ffd8ff')
    expect(fetched.includes('GPS')).toBe(false)
    expect(failed).toEqual([])
  },
  'Many requests at once': async (typed, folder) => {
    const { stderr, failed } = await typed()
    expect([stderr, failed]).toEqual(['', []])
    const summary = readFileSync(join(folder, '.comity/many/summary.json'), 'utf8')
    expect(summary.match(/"outcome": "/g)).toHaveLength(3)
  },
  'The bridge': async (typed) => {
    const { stdout, failed } = await typed()
    expect(failed).toEqual([])
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'release', holder: 'DE-TEST' })
  },
})

const officers = 'functions/console/README.md'
const officerDecides = 'A denial, and an officer who decides'

following(officers, {
  // Kills: a command, an option or a file that the page names and that is not there; `--previous` that is not sent.
  [officerDecides]: async (typed) => {
    const { stdout, stderr, failed } = await typed()
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^NOT DECIDED YET \(/)
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
    expect(failed).toEqual([])
  },
  'When you do not decide': async (typed) => {
    const { stdout, stderr, failed } = await typed()
    expect([stderr, failed]).toEqual(['', []])
    expect(stdout).toContain('asks back: Which court?')
    expect(stdout).toContain('No assurance was given.')
  },
  'What left, and what you owe': async (typed) => {
    const { stdout, stderr, failed } = await typed()
    expect([stderr, failed]).toEqual(['', []])
    expect(stdout).toMatch(/ to US-POL: .*GB-POL-0001, case US-2026-0009\n/)
  },
  // Kills: a collection that gives nothing, or something that was not shown.
  'Given unasked': async (typed) => {
    const { stdout, stderr, failed } = await typed()
    expect([stderr, failed]).toEqual(['', []])
    expect(stdout).toMatch(/^DE-POL gives FR-SPOC unasked, case DE-2026-0042\n/)
    expect(stdout.match(/nc:PersonFullName: Anton Beispiel/g)?.length).toBeGreaterThan(1)
  },
  // Kills: a look of the page that finds nothing, or does not say by which number an answer left.
  'Before the other side has joined': async (typed) => {
    const { stdout, stderr, failed } = await typed()
    expect(stdout).toMatch(/By: siena\n.*Number there: 2026-4711-2\n.*Sent: [0-9-]+T/)
    expect(stderr).toMatch(/^(Asked as .+\n)+$/)
    expect(failed).toEqual([])
  },
  Recall: async (typed) => {
    const { stdout, stderr, failed } = await typed()
    expect([stderr, failed]).toEqual(['', []])
    expect(stdout).toMatch(/\nMISSING, due .+ FR-SPOC: recalled, 5\n/)
  },
})

const ofAuditors: Readonly<Record<string, Follow>> = {
  'Look for a decision': async (typed) => {
    const { stdout, failed } = await typed()
    expect(stdout).toMatch(/US-POL agent-12 asked +not decided yet/)
    expect(stdout).toMatch(/\nDecision: not decided yet\n/)
    expect(failed).toEqual([])
  },
  'Verify, offline, with pinned keys': async (typed) => {
    const { stdout, failed } = await typed()
    expect(stdout.match(/: whole as of /g)).toHaveLength(3)
    expect(failed.map((each) => each.replace(/ --.*| \.comity.*/, ''))).toEqual(
      Array(3).fill('failed 7: npx comity log verify'),
    )
  },
  'Compare with what you saw': async (typed) => {
    const { stdout, failed } = await typed()
    expect(stdout).toContain('\nEvery log begins as it was seen at ')
    expect(failed.map((each) => each.slice(0, 9))).toEqual(Array(3).fill('failed 7:'))
  },
  'Replay, sample, report': async (typed) => {
    const { stdout, failed } = await typed()
    expect(stdout).toContain('decided again, the same')
    expect(stdout).toContain('FOR THE PERSON')
    expect(failed).toEqual([])
  },
  'Evidence for a court': async (typed) => {
    const { stdout, failed } = await typed()
    expect(stdout).toContain('by demonstration keys')
    expect(failed.map((each) => each.slice(0, 40))).toEqual(
      Array(2).fill('failed 7: npx comity evidence verify .co'),
    )
  },
  // Kills: an erasure without the order that the law asks for; one that erases nothing with it.
  'Erase, restrict, hold, lift, expire': async (typed) => {
    const { stdout, stderr, failed } = await typed()
    expect(stderr).toContain('nothing was erased (order-needed)')
    expect(stdout).toContain('ERASED in the log of GB\n')
    expect(stdout).toContain('HELD in the log of DE\n')
    expect(failed).toHaveLength(1)
    expect(failed[0]).toMatch(/^failed 1: npx comity subject erase .*--cite/)
  },
}
following('functions/audit/README.md', ofAuditors, [officers, officerDecides])

// Kills: the assurance of yesterday that helps a request of today.
test.skipIf(process.platform === 'win32')(
  'What an officer released once is denied again for whoever asks anew',
  async () => {
    const folder = folderToType()
    const data = join(folder, '.comity')
    const first = await startLocal({ data }, startMsMax)
    const { failed } = await type(officers, officerDecides, folder, first.port)
    expect(failed).toEqual([])
    await first.interrupt()
    const second = await startLocal({ data }, startMsMax)
    const asked = examples.find(({ file }) => file === 'deny.json')?.title ?? ''
    expect(second.output.stdout.split(asked)[1]).toMatch(
      /^\nNOT DECIDED YET \([\s\S]+\n- assurance\.deathPenalty = given-and-verified, by the holder's ministry\n/,
    )
    await second.interrupt()
  },
  180_000,
)
