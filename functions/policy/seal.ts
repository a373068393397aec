/** Seals: two people's signatures that make a policy file count. */

import * as z from 'zod'
import { type Fault, withoutLetter } from './book.ts'
import { type Seal, sealerSchema, sealSchema } from './policy.ts'
import { checkSignatures, type Signed, type Statement } from './signed.ts'

/** What a sealer signs: which bytes, when, and why. */
export const sealed = ({ path, sha256, sealedAt, why }: Omit<Seal, 'signatures'>): Statement => ({
  path,
  sha256,
  sealedAt,
  why,
})

/** When a path with a digest was sealed; undefined for a draft and for a changed file. */
export type SealedAt = (path: string, digest: string) => string | undefined

/** A seal that one person has signed and the second has not: it does not count. */
export type Waiting = Signed & { readonly seal: Seal }

/** What a deployment's seals come to. */
export type Seals = {
  readonly sealedAt: SealedAt
  /** By path. */
  readonly waiting: ReadonlyMap<string, Waiting>
  readonly faults: readonly Fault[]
}

/**
 * Checks seals against the sealers that a deployment trusts. A seal counts with the signatures of a
 * legal and a data-protection sealer, two different keys, both registered for the folder, and from
 * the moment of the second. Of two drafts for one day one can be sealed.
 */
export function checkSeals(seals: unknown, sealers: unknown): Seals {
  const faults: Fault[] = []
  const fault = (place: string, code: string, message: string) =>
    faults.push({ path: 'seals.json', place, code, message })
  const known = z.array(sealerSchema).safeParse(sealers)
  const stated = z.array(sealSchema).safeParse(seals)
  if (!known.success) fault('', 'sealers', 'sealers.json is not a list of sealers')
  if (!stated.success) fault('', 'seals', 'seals.json is not a list of seals')
  const good = new Map<string, { readonly sha256: string; readonly completeAt: string }>()
  const waiting = new Map<string, Waiting>()
  const days = new Map<string, string>()
  for (const [i, seal] of (stated.data ?? []).entries()) {
    const { path, sha256, sealedAt, signatures } = seal
    const signed = checkSignatures(kind, sealed(seal), sealedAt, signatures, known.data ?? [])
    const other = days.get(withoutLetter(path))
    if ('wrong' in signed)
      fault(`/${i}`, 'seal', `the seal of ${path} does not count: ${signed.wrong}`)
    else if (good.has(path) || waiting.has(path)) fault(`/${i}`, 'seal', `${path} is sealed twice`)
    else if (signed.completeAt === undefined) waiting.set(path, { ...signed, seal })
    else if (other !== undefined)
      fault(`/${i}`, 'seal', `${path} cannot be sealed: ${other} is, for the same day`)
    else {
      good.set(path, { sha256, completeAt: signed.completeAt })
      days.set(withoutLetter(path), path)
    }
  }
  const sealedAt: SealedAt = (path, digest) => {
    const seal = good.get(path)
    if (seal === undefined) return undefined
    if (seal.sha256 === digest) return seal.completeAt
    faults.push({
      path,
      place: '',
      code: 'changed',
      message: 'the file changed after it was sealed; undo the change, or write a new version',
    })
    return undefined
  }
  return { sealedAt, waiting, faults }
}

const kind = 'comity-seal+jws'
