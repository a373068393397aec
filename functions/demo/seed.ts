/** Fills a new gateway through its own API, so that every record and attestation has an entry. */

import { createHash } from 'node:crypto'
import * as z from 'zod'
import { signedCall } from '../client/send.ts'
import type { AttestationBody } from '../decision/attestation.ts'
import { ComityError } from '../failure.ts'
import type { Agency } from '../identity/register.ts'
import { agencies } from './agencies.ts'
import { generalAttestations } from './attestations.ts'
import { type AgencyKeyFile, registered } from './keys.ts'
import { recordsOf } from './records.ts'

/** The keys of the agencies, by id. */
export type Keys = ReadonlyMap<string, AgencyKeyFile>

/** How long the general attestations of the example last, days. */
const generalDays = 365

/** The invented agencies, or others, as the register has them, with their keys. */
export const registeredAgencies = (
  keys: Keys,
  from: string,
  all: typeof agencies = agencies,
): readonly Agency[] =>
  all.map((agency) => {
    const key = keys.get(agency.id)
    return {
      ...agency,
      status: 'active',
      cannotHonour: [],
      requestsPerMinute: 60_000,
      // A key belongs to one channel: the first that the agency is on.
      keys: key === undefined ? [] : [registered(key, from, agency.channels[0])],
    }
  })

/** The API in this process. */
type App = { request(url: string, init: RequestInit): Response | Promise<Response> }

/** Signs a call for an agency and gives it to the API in this process. */
export async function callAs(
  app: App,
  origin: string,
  keys: Keys,
  agency: string,
  officer: string,
  call: {
    readonly method: string
    readonly path: string
    /** A value, which goes as JSON, or the bytes of a file of this type. */
    readonly body?: unknown
    readonly type?: string
    readonly jti: string
  },
  now: Date,
): Promise<Response> {
  const key = keys.get(agency)
  if (key === undefined) throw new ComityError(`couldn’t sign: there is no key of ${agency}`)
  const { jti, body: given, ...rest } = call
  const bytes = Buffer.isBuffer(given)
    ? Buffer.from(given)
    : Buffer.from(JSON.stringify(given ?? null))
  const body = given === undefined ? undefined : bytes
  const sender = { agency, officer, url: origin, jti }
  const { url, init } = await signedCall(sender, key, { ...rest, body }, now)
  return app.request(url, init)
}

/**
 * Puts records, and general attestations that two offices sign. A second run repeats its calls and changes
 * nothing.
 */
export async function seed(app: App, origin: string, keys: Keys, now: Date): Promise<void> {
  const from = now.toISOString()
  const until = new Date(now.getTime() + generalDays * 86_400_000).toISOString()
  const calls = [
    ...agencies
      .filter(({ holdsRecords }) => holdsRecords)
      .flatMap(({ id: holder }) =>
        recordsOf(holder).map(({ id, ...body }) => ({
          holder,
          method: 'PUT',
          path: `/v1/records/${id}`,
          body,
        })),
      ),
    ...generalAttestations.map((attestation) => {
      const body: AttestationBody = { ...attestation, from, until }
      return { holder: attestation.holder, method: 'POST', path: '/v1/attestations', body }
    }),
  ]
  const made = async (agency: string, call: { method: string; path: string; body?: unknown }) => {
    const jti = createHash('sha256')
      .update(JSON.stringify([agency, call.path, call.body, from]))
      .digest('base64url')
    const response = await callAs(app, origin, keys, agency, 'officer-1', { ...call, jti }, now)
    if (!response.ok)
      throw new ComityError(`couldn’t seed: ${call.path} was answered ${response.status}`)
    return z.looseObject({ id: z.string() }).parse(await response.json()).id
  }
  for (const { holder, ...call } of calls) {
    const id = await made(holder, call)
    if (call.method !== 'POST') continue
    // A general attestation counts only once data protection has signed it, too.
    const path = `/v1/attestations/${id}/signatures`
    await made(`${holder.slice(0, 2)}-DPO`, { method: 'POST', path })
  }
}
