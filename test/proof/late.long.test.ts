/**
 * Entries that were sealed long after their time. The gateway holds every key but its agencies': their
 * signed calls alone show that an entry is late, and was not made up since. Both verifiers are asked.
 */

import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openAny } from '../../functions/answer/entries/reader.ts'
import { entryId, makeEntry, requestDigest } from '../../functions/ledger/entry.ts'
import { looksLogOf } from '../../functions/ledger/looks-log.ts'
import type { Verdict } from '../../functions/proof/verify-log.ts'
import { seal } from '../../functions/sealing/seal.ts'
import { requestOf } from '../answer/people.ts'
import { answered } from '../world.ts'
import { type Case, eidOf, filesIn, placed, startSealed, startVerifiers } from './exported.ts'

let sealed: Awaited<ReturnType<typeof startSealed>>
let verifiers: ReturnType<typeof startVerifiers>
const log = 'comity.test/de/2026'
/** No witness sees it grow, so nothing shows that a look came into it late. */
const looks = looksLogOf(log)
/** Asked before the backlog, and sealed long after what was asked later. */
const late: string[] = []
let invented: string
let looked: string
/** A look on a page, which nobody signed. */
let onPage: string
let then: string
beforeAll(async () => {
  verifiers = startVerifiers()
  sealed = await startSealed()
  for (let i = 0; i < 3; i += 1) late.push(eidOf(await sealed.ask('DE-POL')))
  // A record that its holder changed: another kind of call, signed as any.
  looked = await sealed.gateway.putRecord('DE-POL', {
    id: 'R-9',
    names: [],
    birthDates: [],
    documents: [],
    items: [],
  })
  late.push(looked)
  then = sealed.gateway.clock.now.toISOString()
  onPage = await sealed.look(log, then)
  await sealed.look(looks, then)
  for (let newer = 0; newer < 2; newer += 1) {
    sealed.pass(20 * 60)
    const eid = eidOf(await sealed.ask('DE-POL'))
    sealed.pass(2)
    await seal(log, [eid], sealed.world)
    const page = await sealed.look(looks)
    await seal(looks, [page], sealed.world)
  }
  // Made up now, with every key of the gateway, for a moment of that hour.
  ;[invented = ''] = await sealed.append('DE', 1, then)
  await sealed.seal()
  sealed.pass(60)
})
afterAll(async () => {
  await verifiers.stop()
  await sealed.close()
})

/** A line for each entry of which an agency signed a call. */
async function callsOf(eids: readonly string[]): Promise<string> {
  const lines = eids.map(async (eid) => {
    const stored = await sealed.world.ledger.read(eid)
    const opened = stored && (await openAny(stored, sealed.world))
    if (opened === undefined) throw new Error('there is no entry')
    return `${JSON.stringify({ eid, jws: opened.evidence.jws })}\n`
  })
  return (await Promise.all(lines)).join('')
}

async function trust(
  change: (keys: readonly object[], id: string) => readonly object[] = (keys) => keys,
) {
  const agencies = await Promise.all(
    ['FR-SPOC', 'DE-POL'].map(async (id) => {
      const agency = await sealed.gateway.world.register.agency(id)
      const keys = (agency?.keys ?? []).map(({ channel: _, ...key }) => key)
      return { id, keys: change(keys, id) }
    }),
  )
  return { ...sealed.keys, agencies }
}

async function judge(of: Case): Promise<Verdict> {
  const exportFolder = await sealed.export()
  const now = sealed.gateway.clock.now.getTime()
  return verifiers.of({ ...sealed, exportFolder, files: filesIn(exportFolder), now })({
    keys: await trust(),
    ...of,
  })
}
const named = ({ findings }: Verdict) =>
  findings.map(({ code, where }) => `${code} ${where.entry}`).sort()
const all = (code: string, eids: readonly string[]) => eids.map((eid) => `${code} ${eid}`).sort()
const held = (text: string) => ({ calls: [{ name: 'calls.ndjson', text }] })

describe('An hour’s backlog that was sealed late', () => {
  // Kills: an honest log that is not whole for ever; a late entry that is passed over.
  test('is whole and late, each entry named with its delay; nobody says why', async () => {
    const verdict = await judge({})
    expect(verdict).toMatchObject({ whole: true, late: 6 })
    expect(named(verdict)).toEqual(all('late', [...late, onPage, invented]))
    expect(verdict.logs).toContainEqual(expect.objectContaining({ log: looks, entries: 3 }))
    for (const { says, where } of verdict.findings) {
      expect(says).toMatch(/a time 40 min before the tree that has it/)
      expect(says).toMatch(
        where.entry === onPage
          ? /the gateway made it by itself, and says so alone$/
          : /signed call would show whether it was made then$/,
      )
    }
  })

  // Kills: an entry of the operator's own that passes for one that an agency signed in time.
  test('is explained by its agencies’ signed calls, and what was made up in that hour is not', async () => {
    const verdict = await judge(held(await callsOf([...late, invented])))
    // A look on a page is late by the gateway's own word: no call can show more.
    expect(verdict).toMatchObject({ whole: false, late: 5 })
    expect(named(verdict)).toEqual(
      [...all('late', [...late, onPage]), `unexplained ${invented}`].sort(),
    )
    // Whoever keeps its call back explains nothing either.
    expect(named(await judge(held(await callsOf(late.slice(1)))))).toEqual(
      [
        ...all('late', [...late.slice(1), onPage]),
        ...all('unexplained', [late[0] ?? '', invented]),
      ].sort(),
    )
  })

  // Kills: each check of a call dropped, one at a time.
  test('is not explained by a call of another entry, another time, another key or by nobody’s', async () => {
    const [first = '', second = ''] = late
    const [mine = '', other = ''] = (await callsOf([first, second])).trim().split('\n')
    const swap = JSON.stringify({ eid: first, jws: JSON.parse(other).jws })
    const { jws } = JSON.parse(mine)
    const spoilt = JSON.stringify({ eid: first, jws: jws.replace(/.{5}$/, 'AAAAA') })
    const of = (text: string, keys?: object) => judge({ ...held(text), ...(keys && { keys }) })
    for (const text of [swap, spoilt, JSON.stringify({ eid: first, jws: 'a.b.c' })])
      expect(named(await of(text))).toContain(`unexplained ${first}`)
    expect(named(await of(mine))).toContain(`late ${first}`)
    const x = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({
      format: 'jwk',
    }).x
    const keys = {
      'of nobody': await trust(() => []),
      'another of that name': await trust((own) =>
        own.map((key) => ({ ...key, jwk: { ...(key as { jwk: object }).jwk, x } })),
      ),
      'not yet valid': await trust((own) =>
        own.map((key) => ({ ...key, from: sealed.gateway.clock.now.toISOString() })),
      ),
      'no longer valid': await trust((own) =>
        own.map((key) => ({ ...key, until: '2026-01-02T00:00:00.000Z' })),
      ),
    }
    for (const [what, pinned] of Object.entries(keys))
      expect(named(await of(mine, pinned)), what).toContain(`unexplained ${first}`)
    const lines = await of(`no call\n${mine}`)
    expect(lines.findings.map(placed)).toContain('form  calls.ndjson line 1')
  })

  // Kills: the keys of agencies left out of the word.
  test('is explained by no stronger word than that of its agencies’ keys', async () => {
    const own = ((await trust()).agencies[0]?.keys ?? []) as { kid: string }[]
    const weak = {
      from: 'gateway',
      what: 'asked of it',
      on: '2026-11-25',
      keys: own.map(({ kid }) => `FR-SPOC/${kid}`),
    }
    const keys = { ...(await trust()), sources: [...sealed.keys.sources, weak] }
    const calls = held(await callsOf(late))
    expect((await judge({ ...calls, keys })).word).toBe('gateway')
    expect((await judge({ ...calls })).word).toBe('paper')
  })
})

describe('A token that an agency signed', () => {
  // Kills: `typ` that is not looked at; a call that was signed only after the time that its entry says.
  test('explains no entry but that of a call, signed by then', async () => {
    const begun = Date.parse(then) / 1000
    const call = 'comity-request+jwt'
    const tokens = {
      call: await signed(call, begun),
      approval: await signed('comity-approval+jwt', begun),
      // Beyond what clocks may differ by.
      later: await signed(call, begun + 61),
    }
    const eids: Record<string, string> = {}
    for (const [what, token] of Object.entries(tokens)) eids[what] = await enter(token, then)
    await sealed.seal()
    const lines = Object.entries(tokens).map(([what, { jws }]) =>
      JSON.stringify({ eid: eids[what], jws }),
    )
    const verdict = await judge(held(lines.join('\n')))
    const found = named(verdict)
    expect(found).toContain(`late ${eids.call}`)
    expect(found).toContain(`unexplained ${eids.approval}`)
    expect(found).toContain(`unexplained ${eids.later}`)
    const says = verdict.findings.find(({ where }) => where.entry === eids.approval)?.says
    expect(says).toMatch(/, and no signed call of its agency shows it$/)
  })

  /** What an agency signed with its true key. */
  async function signed(typ: string, iat: number) {
    const key = sealed.gateway.keys.get('FR-SPOC')
    if (key === undefined) throw new Error('there is no key')
    const jti = randomUUID()
    const claims = { iss: 'FR-SPOC', sub: 'officer-7', jti, iat, exp: iat + 300 }
    const jws = await new SignJWT({ ...claims, htm: 'POST', htu: 'https://gateway.example/v1' })
      .setProtectedHeader({ alg: key.alg, typ, kid: key.kid })
      .sign(key.privateJwk)
    return { jti, jws }
  }

  /** The operator enters it, for a time of its choice. */
  async function enter({ jti, jws }: { jti: string; jws: string }, ts: string): Promise<string> {
    const { subjectKeys, ledger, secrets } = sealed.gateway.world
    const subject = { asked: secrets.pseudonym('DE', jti) }
    const key = await subjectKeys.keyFor('DE', subject.asked, ts)
    const eid = entryId('FR-SPOC', jti)
    const req = requestDigest(jws.slice(0, jws.lastIndexOf('.')))
    const rest = { hj: 'DE', aj: 'FR', eng: 'test', req } as const
    const call = { agency: 'FR-SPOC', officer: 'officer-7' }
    await ledger.append(
      makeEntry(
        { t: 'record', log, eid, ts, ...rest },
        { call, subject, act: { what: 'put', recordId: 'r-1' } },
        { jws, body: '' },
        key,
        randomUUID(),
        randomBytes,
      ),
    )
    return eid
  }
})

describe('An entry that waited for more than hours', () => {
  // Kills: a signature of yesterday that explains an entry of today.
  test('is unexplained, though its agency signed the call then', async () => {
    const eid = eidOf(await sealed.ask('DE-POL'))
    sealed.pass(6 * 3600)
    for (let newer = 0; newer < 2; newer += 1) {
      sealed.pass(120)
      const later = await answered(
        await sealed.gateway.ask('FR-SPOC', 'officer-7', requestOf({ holder: 'DE-POL' })),
      )
      sealed.pass(2)
      await seal(log, [later.id], sealed.world)
    }
    await sealed.seal()
    const verdict = await judge(held(await callsOf([...late, eid])))
    expect(named(verdict)).toContain(`unexplained ${eid}`)
    const says = verdict.findings.find(({ where }) => where.entry === eid)?.says
    expect(says).toMatch(/a time 6 h before the tree that has it, .*: hours too long$/)
  })
})
