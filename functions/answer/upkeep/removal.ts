/**
 * What is removed once the law's period for the log is over: what agencies were told of its entries, and whom officers
 * asked for. Nobody who was away for less misses anything; where no list sets a period, it stays.
 */

import type { Agency } from '../../identity/register.ts'
import { keptFrom, periodOf } from '../../policy/retention.ts'
import type { World } from '../../ports.ts'
import { toAgency, toOffice } from '../messages/event-kinds.ts'
import { officesOf } from '../offices/inboxes.ts'

/** Removes what is over for one agency, as a reader and as a holder, until there is no more or `until`. */
export async function forgetFor(agency: Agency, world: World, until: Date): Promise<void> {
  const at = world.now().toISOString()
  const { book } = await world.law.now()
  /** The first year that is kept of a state; none is over where no list sets a period. */
  const keptYear = (jurisdiction: string): string => {
    const { yearsMax } = periodOf(book, jurisdiction, at) ?? {}
    return yearsMax === undefined ? '' : keptFrom(yearsMax, at).slice(0, 4)
  }
  const whole = async (forget: () => Promise<boolean>): Promise<void> => {
    while (world.now() < until && !(await forget()));
  }
  const offices = await officesOf(agency, world)
  const readers = [toAgency(agency.id), ...offices.map((of) => toOffice(of.holder, of.audience))]
  for (const to of readers)
    for (const log of await world.events.logs(to)) {
      // `gateway/de/2026`, as every log is named, or `gateway/de/looks-2026`.
      const [year = '', jurisdiction = ''] = log.split('/').reverse()
      if (year.slice(-4) < keptYear(jurisdiction.toUpperCase()))
        await whole(() => world.events.forget(to, log))
    }
  const before = keptYear(agency.jurisdiction)
  if (agency.holdsRecords && before !== '')
    await whole(() => world.personsAsked.forget(agency.id, before))
}
