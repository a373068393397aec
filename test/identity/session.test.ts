/** For how long a login counts, and for whom. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { agencies } from '../../functions/demo/agencies.ts'
import {
  isOver,
  mayActNow,
  namedFor,
  officerOf,
  type Session,
  sessionIdleMs,
  sessionMaxMs,
} from '../../functions/identity/session.ts'

const login = { iss: 'https://login.police.example', sub: 'p-1' }
const now = Date.parse('2026-11-28T12:00:00Z')
const minute = 60_000
const session = (more: Partial<Session> = {}): Session => ({
  ...{ login, agency: 'DE-DPA', officer: 'auditor-1' },
  ...{ provedAt: now, since: now, usedAt: now, former: [] },
  ...more,
})

// Source: NIST SP 800-63B-4 §2.3.3: 15 minutes without use, 12 hours at all. Kills: a limit that is never reached.
test('A session lasts a quarter of an hour unused and half a day used, and no longer', () => {
  expect(sessionIdleMs).toBe(15 * minute)
  expect(sessionMaxMs).toBe(720 * minute)
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2000 }), fc.integer({ min: 0, max: 60 }), (age, idle) => {
      const each = session({ since: now - age * minute, usedAt: now - idle * minute })
      expect(isOver(each, now)).toBe(age > 720 || idle > 15)
    }),
  )
})

// Kills: a proof of an hour ago, or of a provider whose clock is wrong, that lets somebody act.
test('Who proved who they are more than five minutes ago, or in times to come, may look but not act', () => {
  const proved = (minutes: number) => mayActNow(session({ provedAt: now - minutes * minute }), now)
  expect([0, 4.9, 5].map(proved)).toEqual([true, true, true])
  expect([5.1, 60, -2].map(proved)).toEqual([false, false, false])
})

const named = (id: string, officer: string, of: typeof login | undefined = login) => {
  const agency = agencies.find((each) => each.id === id)
  if (agency === undefined) throw new Error(`there is no ${id}`)
  return {
    ...{ ...agency, status: 'active' as const, cannotHonour: [], requestsPerMinute: 1, keys: [] },
    officers: [{ id: officer, may: ['audit' as const], ...(of && { login: of }) }],
  }
}

// Kills: a `sub` that counts whoever's word it is.
test('A login is somebody only by the word of the provider that the agency named', () => {
  const all = [named('DE-DPA', 'auditor-1'), named('GB-DPA', 'auditor-7'), named('FR-DPA', 'a-2')]
  const officers = (of: typeof login) => namedFor(of, all).map(({ officer }) => officer.id)
  expect(officers(login)).toEqual(['auditor-1', 'auditor-7', 'a-2'])
  expect(officers({ ...login, iss: 'https://login.evil.example' })).toEqual([])
  expect(officers({ ...login, sub: 'p-2' })).toEqual([])
  const suspended = [{ ...named('DE-DPA', 'auditor-1'), status: 'suspended' as const }]
  expect(namedFor(login, suspended)).toEqual([])
})

test('A session is of one officer, as the register names them now', () => {
  const officer = (agency: ReturnType<typeof named> | undefined) =>
    officerOf(session(), agency)?.officer.id
  expect(officer(named('DE-DPA', 'auditor-1'))).toBe('auditor-1')
  expect(officer(named('DE-DPA', 'auditor-2'))).toBe(undefined)
  expect(officer(named('DE-DPA', 'auditor-1', { ...login, sub: 'p-2' }))).toBe(undefined)
  expect(officer(undefined)).toBe(undefined)
})
