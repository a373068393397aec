/** What officers do at the command line, at a gateway with the invented agencies and their records. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { toAgency } from '../../functions/answer/messages/event-kinds.ts'
import { addEvents } from '../../functions/client/events.ts'
import { addInbox } from '../../functions/client/inbox.ts'
import { addOfficers, addSending } from '../../functions/client/officers.ts'
import { addRelease } from '../../functions/client/release.ts'
import { examples } from '../../functions/demo/demonstration.ts'
import { seed } from '../../functions/demo/seed.ts'
import { run } from '../cli/in-process.ts'
import { writeProfile } from '../cli/profile.ts'
import { serving } from '../serving.ts'
import { type Gateway, startGateway } from '../world.ts'

let gateway: Gateway
let server: Awaited<ReturnType<typeof serving>>
let data: string
let url: string
beforeAll(async () => {
  // The commands sign for now; the gateway's clock stands still there.
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-25T09:00:00Z') })
  server = await serving((request) => gateway.app.fetch(request))
  url = server.url
  gateway = await startGateway({
    change: (world) => ({
      ...world,
      origin: url,
      // Nothing is sealed here: what is filed counts as marked.
      sealed: { ...world.sealed, marked: async () => 2 },
    }),
  })
  await seed(gateway.app, url, gateway.keys, gateway.clock.now)
  data = mkdtempSync(join(tmpdir(), 'comity-officers-'))
  writeProfile(data, url, gateway.keys, [...gateway.keys.keys()])
})
afterAll(async () => {
  await server.close()
  await gateway.close()
  rmSync(data, { recursive: true })
  vi.useRealTimers()
})

const officer = ['--as', 'GB-POL', '--officer', 'officer-1']
const ministry = ['--as', 'GB-MIN', '--officer', 'officer-2']
const protection = ['--as', 'GB-DPO', '--officer', 'officer-3']
const requester = ['--as', 'US-POL', '--officer', 'agent-12']
const ground = ['--ground', 'Seen, and weighed.']

const comity = (...args: readonly string[]) =>
  run(
    (program: Command) => {
      const at = { data, url }
      addSending(program.command('request'), program.command('attestation'), at)
      const [request, attestation] = program.commands
      if (request === undefined || attestation === undefined) throw new Error('no commands')
      addOfficers(request, attestation, at)
      addRelease(program.command('release'), at)
      addInbox(program, at)
      addEvents(program, at)
    },
    '',
    args,
  )

const idIn = ({ stdout }: { readonly stdout: string }): string =>
  /(?:^|\n)id ([A-Za-z0-9_-]{43})/.exec(stdout)?.[1] ?? `no id in ${stdout}`

const fileOf = (value: unknown): string => {
  const file = join(data, 'file.json')
  writeFileSync(file, JSON.stringify(value))
  return file
}

let cases = 0
/** A request of the United States of the United Kingdom, in a case of its own: which is denied. */
async function denied(change: object = {}) {
  const example = examples.find(({ file }) => file === 'deny.json')
  const caseReference = `US-${++cases}`
  const file = fileOf({ ...example?.request, caseReference, ...change })
  const told = await comity('request', 'send', file, ...requester)
  expect(told.stdout).toMatch(/^NOT DECIDED YET \(/)
  return { id: idIn(told), caseReference, change }
}

/** The same, asked again. */
function askAgain({ id, caseReference, change }: Awaited<ReturnType<typeof denied>>) {
  const example = examples.find(({ file }) => file === 'deny.json')
  const file = fileOf({ ...example?.request, caseReference, ...change })
  return comity('request', 'send', file, ...requester, '--previous', id)
}

const attest = (said: object, who: readonly string[], more: readonly string[] = []) =>
  comity(
    'attestation',
    'send',
    fileOf({
      holder: 'GB-POL',
      fact: 'assurance.deathPenalty',
      value: 'given-and-verified',
      ground: 'Written assurance, checked.',
      from: '2026-11-25T00:00:00Z',
      until: '2026-12-25T00:00:00Z',
      decidedBy: who[1],
      ...said,
    }),
    ...who,
    ...more,
  )

const attestationId = async (said: object, who: readonly string[]): Promise<string> =>
  JSON.parse((await attest(said, who, ['--json'])).stdout).id

const necessary = ['--fact', 'necessity.case=necessary']
const shownIn = (stdout: string): string => /\nshown (\S{22})$/.exec(stdout)?.[1] ?? 'none'

// Kills: a key that only a profile may name.
test('An agency signs with a key of its own, without a profile', async () => {
  const elsewhere = { data: join(data, 'nowhere'), url }
  const key = ['--key', join(data, 'agencies/US-POL.json')]
  const example = examples.find(({ file }) => file === 'deny.json')
  const file = fileOf({ ...example?.request, caseReference: 'US-OWN-KEY' })
  const send = (...more: readonly string[]) =>
    run(
      (program: Command) =>
        addSending(program.command('request'), program.command('attestation'), elsewhere),
      '',
      ['request', 'send', file, ...requester, ...more],
    )
  expect((await send(...key)).stdout).toMatch(/^NOT DECIDED YET \(/)
  expect((await send()).stderr).toContain('there is no profile')
})

describe('An officer of the holder', () => {
  // Kills: an option that does not reach the look or the decision; a hint that decides otherwise.
  test('sees what would leave, takes an item out, and releases exactly the rest', async () => {
    const asked = await denied()
    await attest({ scope: { kind: 'matter', matter: asked.id } }, ministry)
    const choice = [...necessary, '--take-out', '5']
    const { stdout, code } = await comity('release', 'propose', asked.id, ...choice, ...officer)
    expect(stdout).toMatch(/^US-POL asks GB-POL, case US-\d+\nAbout the record GB-POL-0001\n/)
    expect(stdout).toContain('stage charged, urgency none\nAsks for identification, criminal-')
    expect(stdout).toContain('\nWould leave:\n- nc:PersonFullName: Alice Fictional  [item 1]\n')
    expect(stdout).not.toContain('[item 5]')
    expect(stdout).toMatch(/\nWhy:\n- .+\n {2}art\. 1 .+\n/)
    expect(stdout).toMatch(/\nDuties:\n(- .+\n)*- .+ \[O-DOC, holder\]\n/)
    expect(code).toBe(0)

    const hint = /\n {2}comity (release decide .+--shown .+) --ground "WHY"\n/.exec(stdout)
    const decided = await comity(...(hint?.[1] ?? '').split(' '), ...ground)
    expect(decided.stdout).toMatch(/^Released, until 2026-11-26T09:00:00\.000Z: it leaves when /)
    const told = await askAgain(asked)
    expect(told.stdout).toMatch(/^RELEASED/)
    expect(told.stdout).not.toContain('j:Conviction')
    const { length } = idIn(decided)
    expect(told.stdout).toContain(
      `\nDecided by an officer of GB-POL, attestation ${idIn(decided)}.\n`,
    )
    expect(length).toBe(43)
  })

  test('is told what would still be missing, and is given nothing to release', async () => {
    const { id } = await denied()
    const { stdout } = await comity('release', 'propose', id, ...officer)
    expect(stdout).toContain('\nThe record was not looked at')
    expect(stdout).toContain("\n- necessity.case = necessary, by the holder's officer\n")
    expect(stdout).not.toContain('--shown')
    expect(stdout).toContain(`\n  comity release decide ${id} --refuse `)
  })

  // Kills: a refusal that ends the next day; `--refuse` that releases.
  test('refuses, and then the denial is final and waits for nobody', async () => {
    const asked = await denied()
    await attest({ scope: { kind: 'matter', matter: asked.id } }, ministry)
    const refusal = ['release', 'decide', asked.id, '--refuse', ...ground, ...officer]
    expect((await comity(...refusal)).stdout).toMatch(/^Refused, until 2027-02-23T09:00:00\.000Z\./)
    expect((await comity('inbox', ...officer)).stdout).not.toContain(asked.id)
    expect((await askAgain(asked)).stdout).toMatch(/^DENIED \(final\)/)
    // It is found among what stands by the office's word, and by no other office.
    const stands = await comity('release', 'standing', ...officer)
    expect(stands.stdout).toContain(`, of the request ${asked.id}`)
    expect(stands.stdout).not.toContain('More may stand')
    const none = await comity('release', 'standing', ...ministry)
    expect(none).toMatchObject({ stdout: 'No decision on a release stands.', code: 0 })
  })

  test('finds denials in the inbox, threats to life first, and the rest by page', async () => {
    const ordinary = await denied()
    const urgent = await denied({ urgency: 'imminent-threat-to-life' })
    const { stdout } = await comity('inbox', ...officer)
    const row = /\n2026-11-25 09:00 +US-POL, case US-\d+ +your decision: .+\nTHREAT TO LIFE /
    expect(stdout).toMatch(row)
    expect(stdout.indexOf(urgent.id)).toBeLessThan(stdout.indexOf(ordinary.id))
    for (let i = 0; i < 50; i += 1) await denied()
    const first = (await comity('inbox', ...officer)).stdout
    const [, more = ''] = /\nThere is more: add --after (\S+)$/.exec(first) ?? []
    const rest = await comity('inbox', '--after', more, ...officer)
    expect(rest.stdout).not.toContain(urgent.id)
    // All are of one moment, so that it stands on either page, and on one alone.
    expect([first, rest.stdout].filter((page) => page.includes(ordinary.id))).toHaveLength(1)
    const wrong = await comity('inbox', '--after', 'nowhere', ...officer)
    expect(wrong.stderr).toContain('ask without it')
    const own = await comity('inbox', ...ministry)
    expect(own.stdout).toContain('(1) assurance.deathPenalty =')
    expect(own.stdout).not.toContain('your decision')
    const nobody = await comity('inbox', ...requester)
    expect(nobody).toMatchObject({ stdout: 'Nothing waits for your office.', code: 0 })
  })

  test('is asked for a second look once, and answers it', async () => {
    // The newest comes first, and not every denial of one instant is on one page.
    gateway.clock.now = new Date('2026-11-25T09:00:10Z')
    vi.setSystemTime(gateway.clock.now)
    const { id } = await denied()
    const asked = await comity('request', 'review', id, ...ground, ...requester)
    expect(asked.stdout).toMatch(/^Entered\. It changes no decision\.\nid /)
    expect((await comity('inbox', ...officer)).stdout).toContain('a second look')
    const again = await comity('request', 'review', id, ...ground, ...requester)
    expect(again.stderr).toContain('(already-reviewed)')
    expect(again.code).toBe(1)
    expect((await comity('request', 'review', id, ...ground, ...officer)).code).toBe(0)
    expect((await comity('inbox', ...officer)).stdout).not.toContain('a second look')
  })
})

describe('An office that attests', () => {
  test('is told for whose signature a general attestation waits, and that office signs', async () => {
    const general = {
      fact: 'transfer.assessment',
      value: 'safeguards-found',
      scope: { kind: 'general', requester: 'BR', purpose: 'missing-person' },
    }
    const sent = await attest(general, officer)
    expect(sent.stdout).toMatch(/^Attested; it counts once it is signed by data protection: /)
    const id = await attestationId(general, officer)
    const refused = await comity('attestation', 'sign', id, ...requester)
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toContain('(not-found)')
    expect(await comity('attestation', 'sign', id, ...protection)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Signed\.\nid /),
    })
    const { stdout } = await comity('attestation', 'ending', ...officer)
    expect(stdout).toContain(
      `- 2026-12-25: transfer.assessment = safeguards-found, for GB-POL, of BR, missing-person\n  id ${id}`,
    )
  })

  // Kills: an objection without its scope; a withdrawal that is sent as an objection.
  test('objects within a matter, and takes the objection back', async () => {
    const [one, other] = [await denied(), await denied()]
    const scope = (id: string) => ({ scope: { kind: 'matter', matter: id } })
    const ids = [await attestationId(scope(one.id), ministry)]
    await attest(scope(other.id), ministry)
    const objection = ['attestation', 'object', ids[0] ?? '', '--matter', one.id, ...ground]
    const objected = await comity(...objection, ...officer)
    expect(objected.stdout).toMatch(/^The objection stands from now on; /)
    const wants = async ({ id }: typeof one) =>
      (await comity('release', 'propose', id, ...necessary, ...officer)).stdout
    expect(await wants(one)).toContain('\n- assurance.deathPenalty\n')
    expect(await wants(other)).toContain('\nWould leave:\n')
    const back = await comity('attestation', 'withdraw', idIn(objected), ...officer)
    expect(back.stdout).toMatch(/^Taken back; /)
    expect(await wants(one)).toContain('\nWould leave:\n')
    const another = await comity('attestation', 'withdraw', ids[0] ?? '', ...officer)
    expect(another.stderr).toContain('(not-found)')
  })

  test('adds a person to those of a case', async () => {
    const { id, caseReference } = await denied()
    const second = await denied({ caseReference, subject: { recordId: 'GB-POL-0002' } })
    const scope = { kind: 'case', requester: 'US-POL', caseReference, persons: [id] }
    const attestation = await attestationId({ scope }, ministry)
    const wants = async () =>
      (await comity('release', 'propose', second.id, ...necessary, ...officer)).stdout
    expect(await wants()).toContain('assurance.deathPenalty = given-and-verified')
    const added = ['attestation', 'add-person', attestation, '--request', second.id]
    expect((await comity(...added, ...ministry)).stdout).toMatch(/^Added; /)
    expect(await wants()).not.toContain('assurance.deathPenalty = given-and-verified')
  })
})

describe('Whoever types', () => {
  test('may give an id that begins with a hyphen', async () => {
    const id = `-${'x'.repeat(42)}`
    const { stderr } = await comity('release', 'propose', id, ...necessary, ...officer)
    expect(stderr).toContain('(not-found)')
  })

  test.each([
    ['necessity.case=nope', /write necessity.case=VALUE, one of .+necessary/],
    ['necessity.case', /write necessity.case=VALUE/],
    ['request.purpose=investigation', /no office vouches for `request.purpose`/],
    ['threat.death=1', /no office vouches for `threat.death`/],
    ['request.offence.isOffenceForHolder=yes', /one of true, false/],
    ['request.offence.maxCustodyMonthsHolder=many', /one of numbers/],
  ])('is told how a fact is written, not %s', async (fact, says) => {
    const args = ['release', 'propose', 'x'.repeat(43), '--fact', fact, ...officer]
    const { code, stderr } = await comity(...args)
    expect(stderr).toMatch(says)
    expect(code).toBe(2)
  })

  test('decides on nothing that was not shown', async () => {
    const { code, stderr } = await comity(
      ...['release', 'decide', 'x'.repeat(43), ...ground, ...officer],
    )
    expect(stderr).toMatch(/^say what you were shown: --shown VALUE/)
    expect(code).toBe(2)
  })

  test('gets what a program reads with --json', async () => {
    // On the first page, however many wait.
    const { id } = await denied({ urgency: 'imminent-threat-to-life' })
    const { stdout } = await comity('release', 'propose', id, '--json', ...officer)
    expect(JSON.parse(stdout)).toMatchObject({ matter: id, outcome: 'deny', items: [] })
    const { open } = JSON.parse((await comity('inbox', '--json', ...officer)).stdout)
    expect(open.map(({ request }: { request: string }) => request)).toContain(id)
    expect(shownIn((await comity('release', 'propose', id, ...officer)).stdout)).not.toBe('none')
  })
})

describe('An office', () => {
  test('sees in its inbox about whom it judges, asks back, and refuses', async () => {
    const { id } = await denied()
    const waiting = await comity('inbox', ...ministry)
    expect(waiting.stdout.replace(/\s+/g, ' ')).toContain('about ')
    const question = ['--question', 'Which sentence is sought?']
    const asked = await comity('request', 'ask-back', id, ...question, ...ministry)
    expect(asked.stdout).toMatch(
      /^Entered\. Whoever asked here reads it beside the answer\. .* by that way\.\nid /,
    )
    expect((await comity('inbox', ...ministry)).stdout).toContain('you asked back')
    await comity('request', 'refuse', id, '--ground', 'We give no assurance.', ...ministry)
    const looked = await comity('request', 'show', id, ...requester)
    expect(looked.stdout).toContain('We give no assurance.')
  })
})

describe('An agency', () => {
  const state = () => join(data, 'cursor')
  const file = (index: number, of: object = {}) =>
    gateway.world.events.file([
      {
        ...{ to: toAgency('DE-POL'), log: 'comity.test/de/2026', index },
        event: {
          ...{ kind: 'disclosed', entry: String(index).repeat(43), at: '2026-11-25T09:00:00.000Z' },
          ...{ requester: 'FR-SPOC', holder: 'DE-POL', classes: ['identification'], ...of },
        },
      },
    ])

  // Kills: a cursor that is kept before its page is out; events that come again with the cursor.
  test('reads its events on from where it was, and follows them', async () => {
    await file(0)
    const who = ['--as', 'DE-POL', '--officer', 'officer-1']
    const first = await comity('events', ...who, '--cursor-file', state())
    expect(first.stdout).toContain('disclosed  FR-SPOC asked DE-POL  identification')
    expect((await comity('events', ...who, '--cursor-file', state())).stdout).toMatch(
      /^Nothing new\./,
    )
    await file(1)
    const more = ['--follow', '--rounds', '1', '--json', '--cursor-file', state()]
    const { stdout } = await comity('events', ...who, ...more)
    expect(stdout.split('\n').map((line) => JSON.parse(line).entry)).toEqual(['1'.repeat(43)])
    expect((await comity('disclosures', ...who)).stdout).toContain('to FR-SPOC: identification')
  })

  // Kills: one event that a newer gateway filed, after which nobody reads any, since the cursor stays before it.
  test('reads on over an event of a kind that is newer than its command, and than its gateway', async () => {
    const duties = [{ code: 'O-LATER', weight: 3 }]
    await file(0, { kind: 'lent', weight: 3, classes: ['scent'], ask: 'returned', duties })
    await file(1)
    const cursor = join(data, 'another-cursor')
    const who = ['--as', 'DE-POL', '--officer', 'officer-1', '--cursor-file', cursor]
    const { stdout } = await comity('events', ...who)
    expect(stdout).toContain(
      'lent  (newer than this version, which cannot say more)  FR-SPOC asked DE-POL  scent',
    )
    expect(stdout).toContain('disclosed  FR-SPOC asked DE-POL  identification')
    // Nobody here knows who may be told the rest.
    expect(stdout).not.toContain('weight')
    expect((await comity('events', ...who)).stdout).toMatch(/^Nothing new\./)
  })
})
