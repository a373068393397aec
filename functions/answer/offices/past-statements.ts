/** What an office said of a request that waits no more. */

import { actorOf, authorize } from '../../identity/authorize.ts'
import type { World } from '../../ports.ts'
import { requestOf } from '../ask/scope.ts'
import { open } from '../entries/reader.ts'
import type { PageCall } from '../entries/signed-call.ts'
import { vouchingFor } from '../reminders/progress.ts'
import { resourceOf } from './attestation.ts'
import { decisionsStanding, holdersOf, type StandingDecisions } from './expiry.ts'
import { type MatterStatement, saidFor } from './statements.ts'

/**
 * What an officer may take back of a request that waits no more, since it was asked again: a release stands for its
 * hours, for each who asks again. Nothing, for whoever's office, or one that it took over, said nothing of it.
 */
export async function pastStatements(
  call: PageCall,
  request: string,
  world: World,
): Promise<readonly MatterStatement[]> {
  for (const holder of await holdersOf(call.agency, world)) {
    const found = await requestOf(request, holder, world, open)
    if (found === undefined) continue
    const vouching = await vouchingFor(found.stored, found.opened, world)
    const said = await saidFor(actorOf(call), holder, vouching, world)
    return said.filter(({ may }) => may === 'take-back')
  }
  return []
}

/** Decisions on releases that stand, and that an officer may take back, each on the page of its request. */
export async function decisionsToTakeBack(
  call: PageCall,
  world: World,
): Promise<StandingDecisions> {
  const actor = actorOf(call)
  const { decisions, complete } = await decisionsStanding(call.agency, world)
  const may = await Promise.all(
    decisions.map(async ({ holder, value, officer }) => {
      const keeper = await world.register.agency(holder)
      // Those of another office it only sees.
      if (keeper === undefined || officer === undefined) return false
      const of = resourceOf(keeper, [{ fact: 'release.decision', value }])
      return authorize(actor, 'withdraw', { ...of, owner: actor.id }) !== undefined
    }),
  )
  return { decisions: decisions.filter((_, i) => may[i]), complete }
}
