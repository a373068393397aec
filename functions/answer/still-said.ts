/** What an office said of a request that waits no more. */

import { actorOf } from '../identity/authorize.ts'
import type { World } from '../ports.ts'
import { vouchingFor } from './cured.ts'
import { decidable } from './propose.ts'
import { type SaidInMatter, saidFor } from './said-in-matter.ts'
import type { PageCall } from './signed-call.ts'

/**
 * What an officer of the holder may take back of a request that waits no more, since it was asked again: a release
 * stands for its hours, for each who asks again. Nothing, for whoever may not decide on it.
 */
export async function stillSaid(
  call: PageCall,
  request: string,
  world: World,
): Promise<readonly SaidInMatter[]> {
  const actor = actorOf(call)
  const found = await decidable(request, actor, world)
  if (found === undefined) return []
  const vouching = await vouchingFor(found.stored, found.opened, world)
  const said = await saidFor(actor, found.holder.id, vouching, world)
  return said.filter(({ may }) => may === 'take-back')
}
