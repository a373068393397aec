/** Those of `who-may.ts` whom the local gateway does not have: an agency for each way to go wrong. */

import { agencies } from '../../functions/demo/agencies.ts'
import type { Agency } from '../../functions/identity/register.ts'
import { vocabulary } from '../../functions/policy/vocabulary.ts'
import type { Who } from './who-may.ts'

type Keyless = Omit<Agency, 'keys'>

const factsOf = (...kinds: readonly string[]): string[] =>
  Object.keys(vocabulary).filter((fact) => kinds.includes(vocabulary[fact]?.attester ?? ''))
const everything = ['DE-POL', 'GB-POL', 'DE-MIN'].map((holder) => ({ holder, facts: ['*'] }))

const made = (id: Who, more: Partial<Keyless> = {}): Keyless => ({
  id,
  name: `Invented ${id}`,
  jurisdiction: id.slice(0, 2),
  authorityType: 'police',
  status: 'active',
  timeZone: 'Europe/Berlin',
  channels: ['bilateral'],
  cannotHonour: [],
  attests: [],
  holdsRecords: false,
  requestsPerMinute: 60_000,
  ...more,
})

const ofEverybody: Partial<Keyless> = {
  holdsRecords: true,
  attests: everything,
  entersFor: ['DE-JUST', 'DE-MIN'],
  succeeds: ['DE-MIN', 'DE-POL', 'GB-MIN', 'BE-POL', 'DE-JUST'],
}

/** The agencies beside those of the local gateway. */
export const beside: readonly Keyless[] = [
  made('DE-LKA', {
    holdsRecords: true,
    // The second is a mistake of whoever registered it: it is no ministry.
    attests: [
      { holder: 'DE-LKA', facts: factsOf('holder-officer', 'originator') },
      { holder: 'DE-POL', facts: factsOf('holder-ministry') },
    ],
  }),
  // Every fact of its kind, which what officers judge is not.
  made('DE-JUST', {
    authorityType: 'central-authority',
    attests: [{ holder: 'DE-POL', facts: ['*'] }],
  }),
  made('DE-NEW', { authorityType: 'central-authority', succeeds: ['DE-MIN'] }),
  made('US-DOJ', { authorityType: 'prosecutor' }),
  made('FR-STAR', { authorityType: 'central-authority', attests: everything }),
  made('DE-BOTH', { ...ofEverybody, role: 'auditor', authorityType: 'central-authority' }),
  made('DE-GONE', { ...ofEverybody, status: 'suspended' }),
]

/** What differs from the local gateway in those that it has. */
export const changed: Readonly<Record<string, Partial<Keyless>>> = {
  'DE-MIN': { entersFor: ['DE-JUST'] },
}

/** Everybody as registered, by id. */
export const registeredAs = (who: Who): Keyless => {
  const found =
    beside.find(({ id }) => id === who) ??
    agencies.map((each) => ({ ...made(who), ...each })).find(({ id }) => id === who)
  if (found === undefined) throw new Error(`there is no ${who}`)
  return { ...found, ...changed[who] }
}
