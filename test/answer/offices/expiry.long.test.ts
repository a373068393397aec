/** What stands by an office's word: its decisions on releases, found without knowing the request of any. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { keptKey, keyOfItem, rowsIn } from '../../../functions/adapters/dynamodb.ts'
import { decisionsStanding, endingsSchema } from '../../../functions/answer/offices/expiry.ts'
import { pastStatements } from '../../../functions/answer/offices/statements.ts'
import { takeAgain } from '../../../functions/answer/upkeep/restoration.ts'
import { done, type Gateway } from '../../world.ts'
import { homicide, startHomicide } from '../homicide.ts'

let at: Awaited<ReturnType<typeof startHomicide>>
let gateway: Gateway
beforeAll(async () => {
  at = await startHomicide()
  gateway = at.gateway as Gateway
})
afterAll(() => at.gateway.close())

const decisionsOf = async (agency: string) => {
  const response = await gateway.call(agency, { path: '/v1/attestations' })
  return endingsSchema.parse(await response.json()).decisions
}
const hoursOn = (hours: number) => {
  gateway.clock.now = new Date(gateway.clock.now.getTime() + hours * 3_600_000)
}

// Kills: a release that leaves to each who asks again, and that its office finds by no list once it left.
test('A release stands on the list of its office from when it is made until it is taken back', async () => {
  const body = homicide()
  const { id: matter } = await at.ask(body)
  await at.assure(matter)
  const id = await at.release(matter)
  expect((await at.ask({ ...body, previous: matter })).outcome).toBe('release')
  const [stands, ...others] = await decisionsOf('GB-POL')
  expect(others).toEqual([])
  expect(stands).toMatchObject({
    ...{ id, matter, value: 'release', holder: 'GB-POL', decidedBy: 'GB-POL' },
    ...{ requester: 'US-POL', caseReference: body.caseReference, officer: expect.any(String) },
  })
  // The assurance is no decision; and no other agency reads that something was released.
  for (const other of ['GB-MIN', 'US-POL', 'DE-POL', 'GB-DPO'])
    expect(await decisionsOf(other), other).toEqual([])
  await done(await at.takeBack('GB-POL', id))
  expect(await decisionsOf('GB-POL')).toEqual([])
})

/** What an officer of an agency finds to take back on the page of a request that waits no more. */
async function onPage(office: string, request: string) {
  const agency = await gateway.world.register.agency(office)
  if (agency === undefined) throw new Error(`no agency ${office}`)
  const session = { iss: 'https://login.example', provedAt: gateway.clock.now.toISOString() }
  const call = { agency, officer: 'officer-1', method: 'GET', url: '/console/inbox', session }
  const said = await pastStatements(call, request, gateway.world)
  return said.map((each) => [each.id, each.office])
}

/** A matter that an officer may decide on, and what its decisions are said to be on the list. */
async function decidable() {
  const body = homicide()
  const { id: matter } = await at.ask(body)
  await at.assure(matter)
  const outcome = async () => (await at.ask({ ...body, previous: matter })).outcome
  const of = async () =>
    (await decisionsOf('GB-POL'))
      .filter((each) => each.matter === matter)
      .toSorted((a, b) => (a.enteredAt < b.enteredAt ? -1 : 1))
      .map(({ value, idle }) => [value, idle ?? 'counts'])
  const refuse = () =>
    gateway.attest('GB-POL', {
      ...{ holder: 'GB-POL', fact: 'release.decision', value: 'refuse' },
      scope: { kind: 'matter', matter },
    })
  return { matter, of, refuse, outcome }
}

// Kills: a list by which a colleague tells the requester to ask again, who is refused.
test('A release is said not to count while a refusal stands in its matter, whichever came first', async () => {
  for (const isFirst of [false, true]) {
    const { matter, of, refuse, outcome } = await decidable()
    const release = () => at.release(matter)
    for (const decide of isFirst ? [refuse, release] : [release, refuse]) {
      await decide()
      gateway.clock.pass(1000)
    }
    const both = [
      ['release', 'refused'],
      ['refuse', 'counts'],
    ]
    expect(await of()).toEqual(isFirst ? both.toReversed() : both)
    expect(await outcome()).toBe('deny')
  }
})

test('A release is said not to count while somebody objects to it', async () => {
  const { matter, of, outcome } = await decidable()
  const doubt = await done(await at.object('GB-POL', await at.release(matter)))
  expect(await of()).toEqual([['release', 'objected']])
  expect(await outcome()).toBe('deny')
  await done(await at.takeBack('GB-POL', doubt))
  expect(await of()).toEqual([['release', 'counts']])
  expect(await outcome()).toBe('release')
})

// Kills: an earlier release that is said to count again, once the later one was taken back.
test('A release that a later one replaced is said not to count, even once that is taken back', async () => {
  const { matter, of, outcome } = await decidable()
  await at.release(matter)
  gateway.clock.pass(1000)
  const later = await at.release(matter)
  expect(await of()).toEqual([
    ['release', 'replaced'],
    ['release', 'counts'],
  ])
  await done(await at.takeBack('GB-POL', later))
  expect(await of()).toEqual([['release', 'replaced']])
  expect(await outcome()).toBe('deny')
})

// Kills: a refusal that denies for ninety days and is on no list.
test('A decision to refuse stands there, too, and each goes once its time is over', async () => {
  const { id: matter } = await at.ask(homicide())
  const until = new Date(gateway.clock.now.getTime() + 48 * 3_600_000).toISOString()
  const id = await gateway.attest('GB-POL', {
    ...{ holder: 'GB-POL', fact: 'release.decision', value: 'refuse', until },
    scope: { kind: 'matter', matter },
  })
  const found = async () => (await decisionsOf('GB-POL')).find((each) => each.id === id)
  expect(await found()).toMatchObject({ value: 'refuse' })
  hoursOn(49)
  expect(await found()).toBeUndefined()
})

// Kills: a release that its office's successor may take back, and finds by no list.
test('It stands on the list, and on the page, of the office that took over, which takes it back', async () => {
  const body = homicide()
  const { id: matter } = await at.ask(body)
  await at.assure(matter)
  const id = await at.release(matter)
  await at.ask({ ...body, previous: matter })
  await gateway.change('GB-MIN', { succeeds: ['GB-POL'] })
  expect(await onPage('GB-MIN', matter)).toContainEqual([id, 'GB-POL'])
  expect(await onPage('GB-DPO', matter)).toEqual([])
  expect(await onPage('US-POL', matter)).toEqual([])
  const mine = (await decisionsOf('GB-MIN')).filter((each) => each.id === id)
  expect(mine).toMatchObject([{ decidedBy: 'GB-POL', officer: expect.any(String) }])
  await done(await at.takeBack('GB-MIN', id))
  expect((await decisionsOf('GB-MIN')).map((each) => each.id)).not.toContain(id)
  await gateway.change('GB-MIN', { succeeds: [] })
})

test('The row by its end says nothing of the person or the case', async () => {
  hoursOn(24 * 4)
  const { id: matter } = await at.ask(homicide())
  await at.assure(matter)
  const id = await at.release(matter)
  const { client, tables } = gateway.store
  const rows = await rowsIn(client, tables.attestations).all('E#GB-POL#decisions')
  const own = rows.find(({ sk }) => sk?.S?.split('#')[1] === id)
  expect(Object.keys(own ?? {}).sort()).toEqual(['pk', 'sk'])
})

// Kills: a decision from before there were such rows, which taking its entry again does not list.
test('One without a row by its end is listed once its entry is taken again', async () => {
  const { id: matter } = await at.ask(homicide())
  await at.assure(matter)
  const id = await at.release(matter)
  const { client, tables } = gateway.store
  const rows = rowsIn(client, tables.attestations)
  const isListed = async () => (await decisionsOf('GB-POL')).some((each) => each.id === id)
  for (const each of await rows.all('E#GB-POL#decisions')) await rows.remove(keyOfItem(each))
  expect(await isListed()).toBe(false)
  expect(await takeAgain([id], gateway.world)).toMatchObject({ failed: [] })
  expect(await isListed()).toBe(true)
  await done(await at.takeBack('GB-POL', id))
})

// Kills: a bound that what was erased, or another office decided, uses up: a release that nobody finds, and nobody is told so.
test('A decision stands on the list however many others end before it, and the list says where it is not all', async () => {
  const { id: matter } = await at.ask(homicide())
  await at.assure(matter)
  const id = await at.release(matter)
  const { client, tables } = gateway.store
  const rows = rowsIn(client, tables.attestations)
  const soon = new Date(gateway.clock.now.getTime() + 60_000).toISOString()
  const put = async (from: number, to: number) => {
    for (let i = from; i < to; i += 50)
      await Promise.all(
        Array.from({ length: 50 }, (_, one) =>
          rows.putNew(keptKey('E#GB-POL#decisions', `${soon}#erased-${i + one}`)),
        ),
      )
  }
  await put(0, 250)
  const read = async () =>
    endingsSchema.parse(await (await gateway.call('GB-POL', { path: '/v1/attestations' })).json())
  const all = await read()
  expect(all.decisions.map((each) => each.id)).toContain(id)
  expect(all.complete).toBe(true)
  await put(250, 2000)
  expect(await read()).toMatchObject({ decisions: [], complete: false })
  await done(await at.takeBack('GB-POL', id))
}, 60_000)

// Kills: an office with many decisions of several holders, whose list asks the store for thousands of rows at once, waits
// for connections until its calls end, and is told that the store is away.
test('A long list asks the store for some hundred rows at once', async () => {
  const { matter } = await decidable()
  const kept = await gateway.world.attestations.get(await at.release(matter))
  const agency = await gateway.world.register.agency('GB-POL')
  if (kept?.inCase === undefined || agency === undefined) throw new Error('no release to copy')
  const { inCase, ...rest } = kept
  const others = ['GB-ONE', 'GB-TWO']
  for (const holder of others)
    await Promise.all(
      Array.from({ length: 150 }, async (_, i) => {
        const id = `${holder}-${100 + i}`.padEnd(43, '-')
        const scope = { kind: 'matter', matter: id } as const
        const of = { holder, id, scope, inCase: { ...inCase, caseReference: id } }
        await gateway.world.attestations.put({ ...rest, ...of })
      }),
    )
  let [open, most] = [0, 0]
  const counted =
    <A extends readonly unknown[], R>(ask: (...given: A) => Promise<R>) =>
    async (...given: A): Promise<R> => {
      open += 1
      most = Math.max(most, open)
      return ask(...given).finally(() => {
        open -= 1
      })
    }
  const { attestations } = gateway.world
  const world = {
    ...gateway.world,
    attestations: {
      ...attestations,
      about: counted(attestations.about),
      decisions: counted(attestations.decisions),
    },
  }
  const attests = others.map((holder) => ({ holder, facts: ['*'] }))
  const { decisions } = await decisionsStanding({ ...agency, attests }, world)
  expect(decisions.length).toBeGreaterThanOrEqual(300)
  expect(most).toBeLessThanOrEqual(50)
})
