/** The demonstration's keys, of which everybody has the private half (`policies/demonstration-keys`). */

import * as z from 'zod'
import { type Sealer, sealerSchema } from './sealers.ts'

/** Whoever sealed the law that this project ships, as `policies/sealers.json` names them. */
export const demonstrationSealers: readonly Sealer[] = [
  {
    kid: 'demonstration-legal-2026',
    name: 'Demonstration key of a legal team',
    role: 'legal',
    folders: ['*'],
    jwk: { kty: 'OKP', crv: 'Ed25519', x: '0eb4VqzkiL1DJD5ntoebwKE1xvfbixNSu5R59Quakfk' },
  },
  {
    kid: 'demonstration-data-protection-2026',
    name: 'Demonstration key of a data-protection officer',
    role: 'data-protection',
    folders: ['*'],
    jwk: { kty: 'OKP', crv: 'Ed25519', x: 'lXMp5-wry-Ph1JQoSeFVewx_iqyZu4KQWdx2fNrf8eo' },
  },
]

/** The public halves of all of them. None is recognised by `kid`, which anybody may give to any key. */
const demonstrationKeys: ReadonlySet<string | undefined> = new Set([
  ...demonstrationSealers.map(({ jwk }) => jwk?.x),
  'Xb1CURTzb9wOIkVHfhur2_IQkZzMqu1kdy66ynBP7n8',
  'jHf4KYz18zvXry3n8PUQdgLWHN6DXdN0ea_-UGp_Y1M',
])

/** Whether everybody has the private half of the key with this public half (`x` of its JWK). */
export const isDemonstrationKey = (x: string | undefined): boolean =>
  x !== undefined && demonstrationKeys.has(x)

/**
 * Whether demonstration keys alone seal here, so that no seal proves anything. Only then may a sealed file change, and
 * be sealed once more where it lies. Anything else than a list of sealers is none.
 */
export function isDemonstration(sealers: unknown): boolean {
  const { data = [] } = z.array(sealerSchema).safeParse(sealers)
  return (
    data.length > 0 &&
    data.every(({ jwk, certificate }) => certificate === undefined && isDemonstrationKey(jwk?.x))
  )
}
