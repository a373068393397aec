/** The test partner of the local gateway, which plays in the same process. */

import { callAs, type Keys } from './seed.ts'
import { type Play, prepare, roundMs, testOfficer } from './test-partner.ts'

/** The countries whose invented agencies ask by the Union's directive, and one that joins in their guide. */
const countries = ['FR', 'ES', 'NL', 'BE', 'SE']

/** What is to be done once, and what starts and stops its officer. */
export function playLocally(app: Parameters<typeof callAs>[0], origin: string, keys: Keys) {
  const play: Play = async (agency, call) => {
    const response = await callAs(app, origin, keys, agency, 'officer-1', call, new Date())
    return { status: response.status, body: await response.json() }
  }
  const officer = testOfficer(play, () => new Date())
  let timer: NodeJS.Timeout | undefined
  let isStopped = false
  const next = () => {
    if (!isStopped) timer = setTimeout(round, roundMs)
  }
  // What failed is done in a later round.
  const round = () => officer().then(next, next)
  return {
    prepare: () => prepare(play, 'DE-DPO', countries, new Date()),
    start: next,
    stop: () => {
      isStopped = true
      clearTimeout(timer)
    },
  }
}
