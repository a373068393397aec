/** A gateway that seals, where members of the Union ask and a holder changes its records. */

import { eventsPageSchema } from '../../functions/answer/messages/events.ts'
import { recipientsPageSchema } from '../../functions/answer/messages/recipients.ts'
import type { AnswerBody } from '../../functions/answer/reply/reply-schema.ts'
import { tick } from '../../functions/answer/upkeep/clock.ts'
import type { AccessRequest } from '../../functions/decision/request.ts'
import type { World } from '../../functions/ports.ts'
import { sealAll } from '../../functions/sealing/sweep.ts'
import { startSealing } from '../sealing/sealed-log.ts'
import { answered, type Call, freshJti, type Options } from '../world.ts'
import { attestAll, benignOfMember, requestOfMember } from './people.ts'

/** An hour, ms. */
export const hourMs = 3_600_000

/** A call that does something. */
export const post = (path: string, body?: unknown, jti = freshJti()): Call => ({
  ...{ method: 'POST', path, jti },
  ...(body === undefined ? {} : { body }),
})

/** Starts it; FR, NL and BE are answered by DE-POL for a day. */
export async function startTelling(options: Options = {}) {
  const sealing = await startSealing(options)
  const { gateway } = sealing
  const vouch = async () => {
    for (const requester of ['FR', 'NL', 'BE'])
      await attestAll(gateway, 'DE-POL', { kind: 'general', requester }, benignOfMember)
  }
  await vouch()
  let cases = 0
  const sealed = () => sealAll(sealing.world(), { what: 'whole' })
  return {
    sealing,
    gateway,
    sealed,
    /** Attests once more what lasts a day. */
    vouch,
    close: () => sealing.close(),

    wait(ms: number) {
      gateway.clock.pass(ms)
    },

    /** Seals, has the clock look, and seals what it entered. */
    async turn(world: World = gateway.world) {
      await sealed()
      const ticked = await tick(world, new Date(gateway.clock.now.getTime() + hourMs))
      await sealed()
      return ticked
    },

    /** What an agency is told of what became of something, from the beginning. */
    async toldTo(agency: string) {
      const all = []
      for (let after = ''; ; ) {
        const path = `/v1/events${after && `?after=${after}`}`
        const response = await gateway.call(agency, { path })
        const { events, next, more } = eventsPageSchema.parse(await response.json())
        all.push(...events.filter(({ cause }) => cause !== undefined))
        if (!more) return all
        after = next
      }
    },

    /** Whom a change was told to, and who acted, as its holder sees it. */
    async listed(cause: string) {
      const response = await gateway.call('DE-POL', { path: `/v1/corrections/${cause}` })
      return recipientsPageSchema.parse(await response.json())
    },

    async ask(
      agency: string,
      record: string,
      classes: AccessRequest['classes'] = ['identification'],
    ): Promise<AnswerBody> {
      cases += 1
      const subject = { recordId: record }
      const body = requestOfMember({ subject, classes, caseReference: `CASE-${cases}` })
      return answered(await gateway.ask(agency, 'officer-7', body))
    },

    change: (record: string, items: readonly object[]) =>
      gateway.call('DE-POL', { method: 'PATCH', path: `/v1/records/${record}`, body: { items } }),
  }
}
