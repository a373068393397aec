/** A key that others may have had since a moment: what it vouched for from then on lets nothing go. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { textOf } from '../../../functions/adapters/dynamodb.ts'
import { takeAgain } from '../../../functions/answer/upkeep/restoration.ts'
import { replay } from '../../../functions/audit/replay.ts'
import { chainOf } from '../../../functions/identity/statements.ts'
import { done, type Gateway, removeChain } from '../../world.ts'
import { codesOf, homicide, startHomicide, todoOf } from '../homicide.ts'

let at: Awaited<ReturnType<typeof startHomicide>>
let gateway: Gateway
beforeAll(async () => {
  at = await startHomicide()
  gateway = at.gateway
})
afterAll(() => gateway.close())

const assurance = 'assurance.deathPenalty'
const given = 'given-and-verified'

const pass = (seconds = 60) => gateway.clock.pass(seconds * 1000)
const now = () => gateway.clock.now.toISOString()

/** Runs with the keys of an agency revoked, of which others may have had each since a moment. */
async function stolen(id: string, since: string, look: () => Promise<void>): Promise<void> {
  const agency = await gateway.world.register.agency(id)
  if (agency === undefined) throw new Error(`no agency ${id}`)
  const keys = agency.keys.map((key) => ({
    ...key,
    status: 'revoked' as const,
    compromisedSince: since,
  }))
  await gateway.change(id, { keys })
  try {
    await look()
  } finally {
    await gateway.change(id, {})
  }
}

/** A homicide of a case of its own, and what is known of it when it is asked again. */
async function asking() {
  const body = homicide()
  const { id } = await at.ask(body)
  const again = () => at.ask({ ...body, previous: id })
  const known = async (fact = assurance) => at.factIn((await again()).id, fact)
  const say = (agency: string, fact: string, value: string | number | boolean) =>
    gateway.attest(agency, { holder: 'GB-POL', fact, value, scope: { kind: 'matter', matter: id } })
  return { body, id, again, known, say }
}

/** The rows of an attestation: by its id, and by its scope. */
async function rowsOf(id: string) {
  const find = gateway.store.rows.attestations.all
  const [own] = await find(`A#${id}`)
  if (own === undefined) throw new Error(`no attestation ${id}`)
  const row = (await find(textOf(own, 'at'))).find((each) => textOf(each, 'sk').endsWith(id))
  return [own, ...(row === undefined ? [] : [row])]
}

/** Rows as a gateway of before wrote them: no key is named. */
async function withoutKeys(id: string): Promise<void> {
  for (const row of await rowsOf(id)) {
    const { kid: _, ...before } = JSON.parse(textOf(row, 'attestation'))
    const kept = Object.entries(row).filter(([name]) => !name.startsWith('use#'))
    const Item = { ...Object.fromEntries(kept), attestation: { S: JSON.stringify(before) } }
    await gateway.store.rows.attestations.put(Item)
  }
}

describe('What a key attested since others may have had it', () => {
  // Kills: a time that is not compared; a time compared the wrong way round.
  test('lets nothing go any more; what it attested before stays', async () => {
    const before = await asking()
    await at.assure(before.id)
    pass()
    const since = now()
    const after = await asking()
    await at.assure(after.id)
    await stolen('GB-MIN', since, async () => {
      expect(await before.known()).toBe(given)
      expect(await after.known()).toBe('none')
      expect(todoOf(await after.again())).toContain(assurance)
    })
    expect(await after.known()).toBe(given)
  })

  // Kills: a compromised key that makes what was found against a disclosure go away.
  test('goes on where it is against a disclosure', async () => {
    const { known, say } = await asking()
    const since = now()
    await say('GB-MIN', 'approval.minister', 'refused')
    await stolen('GB-MIN', since, async () => {
      expect(await known('approval.minister')).toBe('refused')
    })
  })

  // Kills: another agency's key, or another key of the agency, taken for it.
  test('is not what another key, or another agency, attested', async () => {
    const { id, known } = await asking()
    const since = now()
    await at.assure(id)
    await stolen('GB-POL', since, async () => expect(await known()).toBe(given))
    const agency = await gateway.world.register.agency('GB-MIN')
    const [key] = agency?.keys ?? []
    if (key === undefined) throw new Error('GB-MIN has no key')
    const other = { ...key, kid: 'another', status: 'revoked' as const, compromisedSince: since }
    await gateway.change('GB-MIN', { keys: [key, other] })
    expect(await known()).toBe(given)
    await gateway.change('GB-MIN', {})
  })

  test('makes unknown what the agency says otherwise, until it is taken back', async () => {
    const fact = 'request.offence.maxCustodyMonthsHolder'
    const { known, say } = await asking()
    // As a rule the police say five years.
    expect(await known(fact)).toBe(60)
    pass()
    const since = now()
    await say('GB-POL', fact, 12)
    expect(await known(fact)).toBe(12)
    // Its own word of before would let more go than what it seems to have said since.
    await stolen('GB-POL', since, async () => expect(await known(fact)).toBeUndefined())
  })

  test('is judged by any key of the agency where its row names none', async () => {
    const { id, known } = await asking()
    pass()
    const since = now()
    await withoutKeys(await at.assure(id))
    expect(await known()).toBe(given)
    await stolen('GB-MIN', since, async () => expect(await known()).not.toBe(given))
    pass()
    await stolen('GB-MIN', now(), async () => expect(await known()).toBe(given))
  })

  test('lets nothing go where nobody can read the keys of the agency', async () => {
    const { id, known } = await asking()
    await at.assure(id)
    await removeChain(gateway.store, chainOf('GB-MIN'))
    pass(61)
    expect(await known()).not.toBe(given)
    await gateway.change('GB-MIN', {})
    expect(await known()).toBe(given)
  })

  test('keeps its keys when what its entries say takes effect again', async () => {
    const { id } = await asking()
    const attestation = await at.assure(id)
    const withdrawal = await done(await at.takeBack('GB-MIN', attestation))
    const [own, kept] = [
      await rowsOf(attestation),
      await gateway.world.attestations.get(attestation),
    ]
    for (const { pk = { S: '' }, sk = { S: '' } } of own)
      await gateway.store.rows.attestations.remove({ pk, sk })
    await takeAgain([attestation, withdrawal], gateway.world)
    const agency = await gateway.world.register.agency('GB-MIN')
    const kid = agency?.keys[0]?.kid
    expect(await gateway.world.attestations.get(attestation)).toEqual(kept)
    expect(kept).toMatchObject({ kid, uses: [{ did: 'withdraw', agency: 'GB-MIN', kid }] })
  })
})

describe('What a key signed for another office', () => {
  const country = { kind: 'general', requester: 'US' } as const

  // Kills: a countersignature that counts whoever made it.
  test('counts for data protection no more, until it signs again', async () => {
    const fact = 'assurance.reciprocity'
    const { known } = await asking()
    const said = { holder: 'GB-POL', fact, value: 'given', scope: country }
    const id = await gateway.attest('GB-MIN', said)
    pass()
    const since = now()
    await done(await gateway.sign('GB-DPO', id))
    expect(await known(fact)).toBe('given')
    await stolen('GB-DPO', since, async () => expect(await known(fact)).toBe('none'))
    expect(await known(fact)).toBe('given')
    // Without a key in the row nobody knows which it was, nor when.
    await withoutKeys(id)
    pass()
    await stolen('GB-DPO', now(), async () => expect(await known(fact)).toBe('none'))
    await at.takeBack('GB-MIN', id)
  })

  test('goes on where it makes a risk count', async () => {
    const fact = 'risk.persecution'
    const { known } = await asking()
    const said = { holder: 'GB-POL', fact, value: 'real', scope: country }
    const id = await gateway.attest('GB-POL', said)
    const since = now()
    await done(await gateway.sign('GB-DPO', id))
    await stolen('GB-DPO', since, async () => expect(await known(fact)).toBe('real'))
    await at.takeBack('GB-POL', id)
  })
})

describe('What a key released', () => {
  // Kills: a release that is compared by its fact alone; one of before that comes back.
  test('leaves no more, and no older release comes back in its place', async () => {
    const { id, again } = await asking()
    await at.assure(id)
    await at.release(id)
    expect((await again()).outcome).not.toBe('deny')
    pass()
    const since = now()
    await at.release(id)
    const released = await again()
    expect(released.outcome).not.toBe('deny')
    await stolen('GB-POL', since, async () => {
      // What was decided before is decided again alike: its entry has the facts.
      const { stored } = await gateway.entry(released.id)
      expect(await replay(stored, gateway.world)).toEqual({ kind: 'same' })
      const answer = await again()
      expect(answer).toMatchObject({ outcome: 'deny', standing: 'open', records: [] })
      expect(codesOf(answer)).toContain('human-decision')
    })
  })
})

describe('What a key took back', () => {
  // Kills: a withdrawal that counts whoever made it.
  test('is there again where it is against a disclosure, and is not where it lets go', async () => {
    const { known, say, id } = await asking()
    const refused = await say('GB-MIN', 'approval.minister', 'refused')
    const assured = await at.assure(id)
    pass()
    const since = now()
    for (const each of [refused, assured]) await done(await at.takeBack('GB-MIN', each))
    expect(await known('approval.minister')).not.toBe('refused')
    await stolen('GB-MIN', since, async () => {
      expect(await known('approval.minister')).toBe('refused')
      expect(await known()).not.toBe(given)
    })
  })

  test('is there again where it is a doubt', async () => {
    const { id, known } = await asking()
    const objection = await done(await at.object('GB-POL', await at.assure(id)))
    expect(await known()).toBeUndefined()
    pass()
    const since = now()
    await done(await at.takeBack('GB-POL', objection))
    expect(await known()).toBe(given)
    await stolen('GB-POL', since, async () => expect(await known()).toBeUndefined())
  })
})
