/** Seals as two people make them, and sets as a release signs them, with the demonstration keys. */

import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SourceFile } from '../../functions/policy/book.ts'
import type { RunLaw } from '../../functions/policy/carried.ts'
import { digestOfLink, emptyTip, nextLink } from '../../functions/policy/chain.ts'
import { judge, signSeal } from '../../functions/policy/check-seals.ts'
import { type LawBody, type LawStatement, stateLaw } from '../../functions/policy/law-chain.ts'
import { folderOf, sealChain } from '../../functions/policy/seal.ts'
import type { Seal } from '../../functions/policy/sealers.ts'
import { type FoundLaw, type LawSet, setOf, signSet } from '../../functions/policy/set.ts'
import type { SealingKey } from '../../functions/policy/signed.ts'

const policies = join(import.meta.dirname, '../../policies')

/** A private key of `policies/demonstration-keys`. */
export const demonstrationKey = (name: string): SealingKey =>
  JSON.parse(readFileSync(join(policies, `demonstration-keys/${name}.json`), 'utf8'))

/** Those with which two people seal, and those with which a release signs. */
export const sealingKeys = ['legal', 'data-protection'].map(demonstrationKey)
export const releaseKeys = ['release-1', 'release-2'].map(demonstrationKey)

/** What one statement of a chain says, and when. */
export type Said = Pick<Seal, 'statedAt' | 'body'>

/** The chain of a folder in which all of this was said, each statement signed with these keys at once. */
export function chainOf(
  folder: string,
  said: readonly Said[],
  keys: readonly SealingKey[] = sealingKeys,
): readonly Seal[] {
  let tip = emptyTip
  return said.map(({ statedAt, body }) => {
    const link = nextLink(sealChain(folder), tip, statedAt, body)
    tip = { number: link.number, digest: digestOfLink(link) }
    return { ...link, signatures: keys.map((key) => signSeal(link, key)) }
  })
}

const trusted = (file: string): unknown => JSON.parse(readFileSync(join(policies, file), 'utf8'))

/** A seal of a file, as the first of two said it. */
export const sealOf = ({ path, text }: SourceFile, statedAt: string): Said => ({
  statedAt,
  body: { act: 'seal', path, sha256: hash('sha256', text, 'hex'), why: 'It was agreed on.' },
})

/** The law of these files, each sealed at a moment, and the set of it that a release signed. */
export function lawOf(files: readonly SourceFile[], statedAt: string): RunLaw {
  const byFolder = Map.groupBy(files, ({ path }) => folderOf(path))
  const seals = Object.fromEntries(
    [...byFolder].map(([folder, own]) => [
      folder,
      chainOf(
        folder,
        own.map((each) => sealOf(each, statedAt)),
      ),
    ]),
  )
  const found = { files, seals, sealers: trusted('sealers.json') }
  return { ...found, releaseKeys: trusted('release-keys.json'), set: setIn(found) }
}

/** The chain `law` in which all of this was stated, each with these keys; a day apart unless said. */
export function statedLaw(
  ...all: readonly (readonly [LawBody, keys: readonly SealingKey[], at?: string])[]
): readonly LawStatement[] {
  const statements: LawStatement[] = []
  for (const [i, [body, keys, at = day(i + 1)]] of all.entries()) {
    const last = statements.at(-1)
    const tip = last ? { number: last.number, digest: digestOfLink(last) } : emptyTip
    statements.push(stateLaw(tip, at, body, keys))
  }
  return statements
}

/** The n-th of November. */
export const day = (n: number): string => new Date(Date.UTC(2026, 10, n)).toISOString()

/** The set of all that is sealed in a law, as a release signs it. */
export const setIn = (found: FoundLaw, keys: readonly SealingKey[] = releaseKeys): LawSet =>
  signSet(setOf(judge({ ...found, releaseKeys: undefined }).folders, '2026-12-01T00:00:00Z'), keys)
