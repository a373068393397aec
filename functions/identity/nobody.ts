/** Makes looking up an unknown name cost as much as the first look-up of an agency. */

import { emptyTip, nextLink } from '../policy/chain.ts'
import { unmade } from '../policy/signed.ts'
import { kind, type Registrars, setFor, signersMin } from './registrars.ts'
import { type AgencyProfile, type AgencyStatement, agencyInRows, chainOf } from './statements.ts'

/** Does for an unknown name what the first look-up of an agency costs: one statement, two signatures. */
export function lookAtNobody(registrars: Registrars): void {
  const rows = decoys.get(registrars) ?? [decoyFor(registrars)]
  decoys.set(registrars, rows)
  agencyInRows(nobody.id, rows, registrars, emptyTip)
}

/** Made once for each set of registrars, since making one costs time, too. */
const decoys = new WeakMap<Registrars, readonly unknown[]>()

function decoyFor(registrars: Registrars): AgencyStatement {
  const link = nextLink(chainOf(nobody.id), emptyTip, '2026-01-01T00:00:00Z', {
    act: 'join' as const,
    agency: nobody,
    keys: [],
    why: 'Nobody of this name has joined.',
  })
  const signers = setFor(registrars, nobody.id, 1).registrars.slice(0, signersMin)
  return { ...link, signatures: signers.map((each) => unmade(kind, each)) }
}

const nobody: AgencyProfile = {
  id: 'XX-NONE',
  name: 'An agency that is not there',
  jurisdiction: 'XX',
  authorityType: 'police',
  timeZone: 'Europe/Berlin',
  channels: [],
  cannotHonour: [],
  attests: [],
  holdsRecords: false,
  requestsPerMinute: 60,
}
