/** A login that lasts: who looks by a browser, and for how long that is believed. A session never acts. */

import type { Login, Officer } from './officers.ts'
import type { Agency } from './register.ts'

/** Who logged in by which provider, and when. Times are milliseconds since the epoch. */
export type Session = {
  readonly login: Login
  readonly agency: string
  readonly officer: string
  /** When the provider last saw the person prove who they are (`auth_time`). */
  readonly provedAt: number
  /** When the session began, and when it was last used, to a minute. */
  readonly since: number
  readonly usedAt: number
  /** SHA-256, base64url, of the form tokens of sessions that this one goes on from, newest first: `formersMax` at most. */
  readonly former: readonly string[]
}

/** From how many logins before a form still counts. */
export const formersMax = 8

/** After how long without use a session ends, ms. Source: NIST SP 800-63B-4 §2.3.3, its highest level. */
export const sessionIdleMs = 15 * 60_000
/** After how long a session ends at all, ms. Source: as above. */
export const sessionMaxMs = 12 * 3_600_000
/** How long a person may act after proving who they are, ms. */
export const actMs = 5 * 60_000
/** How far ahead a provider's clock may be, ms. */
const aheadMs = 60_000

/** Whether a person is said to have proved who they are later than now: later on, such a login would look new. */
export const isAhead = (provedAt: number, now: number): boolean => !(provedAt - now <= aheadMs)

/** Whether a session is over. One that seems to begin later than now is over, too. */
export const isOver = ({ since, usedAt }: Session, now: number): boolean =>
  now - usedAt > sessionIdleMs || now - since > sessionMaxMs || since - now > aheadMs

/** Whether the person proved who they are so lately that they may act. */
export const mayActNow = ({ provedAt }: Session, now: number): boolean =>
  now - provedAt <= actMs && !isAhead(provedAt, now)

/** An agency, and the officer that it named. */
export type Named = { readonly agency: Agency; readonly officer: Officer }

/** Everybody whom agencies name for a login: one person may have an office in several. */
export const namedFor = (login: Login, agencies: readonly Agency[]): readonly Named[] =>
  agencies
    .filter(({ status }) => status === 'active')
    .flatMap((agency) =>
      (agency.officers ?? [])
        .filter((officer) => isSame(officer.login, login))
        .map((officer) => ({ agency, officer })),
    )

/** The officer of a session, as the register has them now; undefined if it no longer names them for this login. */
export const officerOf = (
  { login, officer }: Session,
  agency: Agency | undefined,
): Named | undefined =>
  agency && namedFor(login, [agency]).find((each) => each.officer.id === officer)

/** The office of a login: the one that the browser had by the same login before, if it is one still; else the first. */
export const officeFor = (
  login: Login,
  before: Session | undefined,
  agencies: readonly Agency[],
): Named | undefined => {
  const all = namedFor(login, agencies)
  const had =
    before !== undefined && isSame(before.login, login)
      ? all.find(
          ({ agency, officer }) => agency.id === before.agency && officer.id === before.officer,
        )
      : undefined
  return had ?? all[0]
}

/** The session from which a login goes on: of the same person, in the same office. What they typed there still counts. */
export const goesOn = (
  { agency, officer }: Named,
  login: Login,
  before: Session | undefined,
): Session | undefined =>
  before &&
  isSame(before.login, login) &&
  agency.id === before.agency &&
  officer.id === before.officer
    ? before
    : undefined

const isSame = (a: Login | undefined, b: Login): boolean => a?.iss === b.iss && a.sub === b.sub
