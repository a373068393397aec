/** A data folder with keys and a profile, as `npm start` leaves it for the commands. */

import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Profile } from '../../functions/client/profile.ts'

/** Anybody's keys, by their agencies. */
type Keys = { get(agency: string): unknown }

/** Leaves the keys of these agencies, and no others; the auditors among them are asked in this order. */
export function writeProfile(
  data: string,
  url: string,
  keys: Keys,
  agencies: readonly string[],
): void {
  const folder = join(data, 'agencies')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  for (const each of agencies)
    writeFileSync(join(folder, `${each}.json`), JSON.stringify(keys.get(each)), {
      mode: 0o600,
    })
  const auditors = agencies.filter((each) => /-(DPA|OIG)$/.test(each))
  const profile: Profile = {
    url,
    keys: 'agencies',
    identities: Object.fromEntries(
      auditors.map((agency) => [agency, { agency, officer: 'auditor-1', purpose: 'lawfulness' }]),
    ),
  }
  writeFileSync(join(data, 'profile.json'), JSON.stringify(profile))
}
