/** Two people of one case, whom Britain asks Germany for by their records, and what offices say of them. */

import { checkActs } from '../../functions/cli/doctor/acts.ts'
import type { AttestationBody } from '../../functions/decision/attestation.ts'
import { accessApi } from '../../functions/http/access-api.ts'
import type { World } from '../../functions/ports.ts'
import { requestOf } from '../answer/people.ts'
import { type Acting, startActing } from '../audit/acting.ts'
import { answered, type Call } from '../world.ts'

/** What the holder's officers say of a case: that it was looked at and is clean, or gives concerns. */
export const clean = { fact: 'transfer.caseCheck', value: 'clean' } as const
export const concerns = { ...clean, value: 'concerns' } as const

const fact = clean.fact
let cases = 0

/** Starts a gateway, and what is done there. */
export async function startTwo() {
  const acting = await startActing()
  /** An instance that has just started: it remembers no row. */
  const cold = (): World => ({ ...acting.world, register: { ...acting.world.register } })

  async function people() {
    const caseReference = `TWO-${++cases}`
    const body = (recordId: string) => requestOf({ subject: { recordId }, caseReference })
    const ask = async (recordId: string) => {
      await acting.keepPerson(recordId)
      const { id } = await answered(await acting.ask('GB-POL', 'officer-7', body(recordId)))
      return { recordId, id, pseudonym: acting.pseudonym({ recordId }), body: body(recordId) }
    }
    const [one, two] = [await ask(`GONE-${cases}`), await ask(`STAYS-${cases}`)]
    const ofOne = { kind: 'matter', matter: one.id } as const
    const ofCase = (persons: string[]): AttestationBody['scope'] => ({
      ...{ kind: 'case', requester: 'GB-POL', caseReference, persons },
    })
    return { one, two, ofOne, ofCase }
  }

  return {
    acting,
    people,
    cold,
    say: (body: Partial<AttestationBody>) =>
      acting.attest('DE-POL', { holder: 'DE-POL', ...clean, ...body }),
    object: (id: string, more: object = {}) =>
      acting.call('DE-POL', {
        ...{ method: 'POST', path: `/v1/attestations/${id}/objections` },
        body: { ground: 'There is reason to doubt it.', ...more },
      } as Call),
    takeBack: (id: string) =>
      acting.call('DE-POL', { method: 'DELETE', path: `/v1/attestations/${id}` }),
    async erase(pseudonym: string) {
      await acting.seal()
      await acting.act({ act: 'erase', subjects: [pseudonym] })
    },
    /** What an instance answers, what it knows of the case check, and of which rows it tells its operator. */
    async asks(body: object, world = cold()) {
      const told: string[] = []
      const app = accessApi({ ...world, rowChanged: (eid) => told.push(eid) }, () => undefined)
      const call = { method: 'POST', path: '/v1/access-requests', body, officer: 'officer-7' }
      const response = await (await acting.gateway.prepare('GB-POL', call as Call, app))()
      const { status } = response
      if (!response.ok) return { status, told, known: undefined }
      const { id } = await answered(response)
      return { status, told, known: (await acting.entry(id)).opened.facts.facts[fact] }
    },
    look: () => checkActs(acting.store, cold()),
  }
}
/** Such a gateway. */
export type Two = Awaited<ReturnType<typeof startTwo>>

/** Has `before` happen before each command to the store. Gives how to end it. */
export function beforeEachCommand(
  { store }: Pick<Acting, 'store'>,
  before: (command: { readonly name: string; readonly input: object }) => Promise<void>,
) {
  const { client } = store
  const send = client.send.bind(client)
  // Casts: the client has many forms of `send`, and each is passed on as it is.
  const through = send as (...args: readonly unknown[]) => Promise<unknown>
  client.send = (async (command: { readonly input: object }, ...rest: readonly unknown[]) => {
    await before({ name: command.constructor.name, input: command.input })
    return through(command, ...rest)
  }) as typeof client.send
  return () => {
    client.send = send
  }
}
