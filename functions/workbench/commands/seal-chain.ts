/** Adds a statement, or the second signature that one lacks, to the chain of a folder's seals. */

import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { faultOf } from '../../failure.ts'
import type { Certificate } from '../../policy/certificate.ts'
import { digestOfLink, emptyTip, type Link, nextLink } from '../../policy/chain.ts'
import { checkChain, type FolderSeals, signSeal, type Waiting } from '../../policy/check-seals.ts'
import { folderOf, sealChain, sealsFile } from '../../policy/seal.ts'
import {
  type Seal,
  type SealBody,
  type Sealer,
  type SealSignature,
  sealSchema,
} from '../../policy/sealers.ts'
import { missingRole, signedBy } from '../../policy/signed.ts'
import { Failure } from '../../terminal/exit.ts'
import { readJson } from '../../terminal/files.ts'
import { type Key, refused } from './signing.ts'

/** What is stated about a file, by whom, and when. */
export type Stating = {
  readonly act: SealBody['act']
  readonly path: string
  readonly sha256: string
  readonly why: string | undefined
  readonly now: string
  /** Who signs; nobody while the statement is only written down. */
  readonly signers: readonly SealSigner[]
  /** The statement as it was written down before, which signers signed elsewhere. */
  readonly prepared?: Link<SealBody> | undefined
}

/** One who signs, and how: at `signedAt`, if that is later than the statement's own time. */
export type SealSigner = {
  readonly by: Sealer
  readonly sign: (link: Link<SealBody>, signedAt?: string) => SealSignature
  /** Of one who signed in a program of their own. */
  readonly certificate?: Certificate
}

/** One who signs with a key. */
export const keySigner = ({ key, by }: Key): SealSigner => ({
  by,
  sign: (link, signedAt) => signSeal(link, key, signedAt),
})

/** Reads the chain of a folder; refuses one with a fault. */
export function readChain(folder: string, name: string, sealers: readonly Sealer[]): FolderSeals {
  const file = join(folder, sealsFile(name))
  const stated = existsSync(file) ? readJson(file, z.array(sealSchema)) : []
  return unbroken(checkChain(name, stated, sealers))
}

function unbroken(seals: FolderSeals): FolderSeals {
  const [bad] = seals.faults
  if (bad === undefined) return seals
  throw refused(`couldn’t seal: ${bad.path}${bad.place}: ${bad.message}`)
}

/** The statement of this kind on a file that waits for its second signature. */
export const waitingOn = (
  { waiting }: FolderSeals,
  { act, path }: Pick<Stating, 'act' | 'path'>,
): Waiting | undefined =>
  waiting.find(({ seal: { body } }) => body.path === path && body.act === act)

/**
 * The chain once this is stated. `body` gives the first signer's words; the second signs the same words. A
 * first signer who signs a changed file anew takes back their first statement, and what waited behind it.
 */
export function stated(
  seals: FolderSeals,
  stating: Stating,
  sealers: readonly Sealer[],
  body: () => SealBody,
): FolderSeals {
  const { path, sha256, signers } = stating
  const own = waitingOn(seals, stating)
  const isFirst = ({ by }: SealSigner) =>
    own?.signatures.some((each) => each.by.role === by.role) ?? false
  const anew = own === undefined || (own.seal.body.sha256 !== sha256 && signers.some(isFirst))
  const links = anew
    ? begun(seals, own, stating, body)
    : seconded(
        seals,
        own,
        signers.filter((each) => !isFirst(each)),
        stating,
      )
  return unbroken(checkChain(folderOf(path), links, sealers))
}

/**
 * The chain begun anew without the seal of a file, which is then sealed once more after the others. Each of those says
 * what it said and since when; the same two demonstration keys sign it again.
 */
export function withoutSeal(
  { counted, waiting }: FolderSeals,
  { act, path, signers }: Stating,
  sealers: readonly Sealer[],
): FolderSeals {
  const [open] = waiting
  if (open !== undefined) throw behind(act, path, open)
  if (signers.length < 2)
    throw refused(
      `couldn’t seal: \`${path}\` was changed after it was sealed; demonstration keys seal it anew, both at once: --key A B`,
    )
  const name = folderOf(path)
  const kept = counted.filter(({ body }) => body.path !== path)
  const links = anew(name, kept, (link, { statedAt, countsAt }) => {
    const later = countsAt === statedAt ? undefined : countsAt
    return signers.map(({ sign }, i) => sign(link, i === 0 ? undefined : later))
  })
  return unbroken(checkChain(name, links, sealers))
}

/** The links of a chain that begins with the first of these, in their order. */
export function anew<T extends Pick<Seal, 'body' | 'statedAt'>>(
  name: string,
  all: readonly T[],
  signed: (link: Link<SealBody>, each: T) => Seal['signatures'],
): readonly Seal[] {
  let tip = emptyTip
  return all.map((each) => {
    const link = nextLink(sealChain(name), tip, each.statedAt, each.body)
    tip = { number: link.number, digest: digestOfLink(link) }
    return { ...link, signatures: signed(link, each) }
  })
}

function begun(
  seals: FolderSeals,
  own: Waiting | undefined,
  stating: Stating,
  body: () => SealBody,
): readonly Seal[] {
  const { act, path, signers, prepared } = stating
  const kept = keptBefore(seals, own)
  const before = seals.waiting.find(({ seal }) => seal.number <= kept.length)
  if (signers.length > 1 && before !== undefined) throw behind(act, path, before)
  const next = nextOn(seals, own, stating, body())
  if (prepared !== undefined && digestOfLink(prepared) !== digestOfLink(next))
    throw refused(
      `couldn’t ${act}: \`${path}\` has another place among the seals than when this statement was written; write it anew (--statement), and sign that`,
    )
  return [...kept, { ...next, signatures: signers.map(({ sign }) => sign(next)) }]
}

/** The statements that stay when one is begun in the place of `own`. */
const keptBefore = ({ links }: FolderSeals, own: Waiting | undefined): readonly Seal[] =>
  own === undefined ? links : links.slice(0, own.seal.number - 1)

/** The next statement, as it is to be signed first; of a time that was written down before, at that. */
function nextOn(
  seals: FolderSeals,
  own: Waiting | undefined,
  { path, now, prepared }: Stating,
  body: SealBody,
): Link<SealBody> {
  const kept = keptBefore(seals, own)
  const at = prepared?.statedAt ?? now
  refuseEarlier(kept.at(-1), at)
  return nextLink(sealChain(folderOf(path)), seals.tips[kept.length - 1] ?? emptyTip, at, body)
}

/** The statement on a file that somebody is to sign: the one that waits, or else the next. */
export function toSign(seals: FolderSeals, stating: Stating, body: () => SealBody): Link<SealBody> {
  const own = waitingOn(seals, stating)
  if (own === undefined || own.seal.body.sha256 !== stating.sha256)
    return nextOn(seals, own, stating, body())
  refuseOtherWhy(stating, own)
  return own.seal
}

function seconded(
  { links, waiting }: FolderSeals,
  own: Waiting,
  added: readonly SealSigner[],
  stating: Stating,
): readonly Seal[] {
  const { seal, ...signed } = own
  const { act, path, sha256, now, prepared } = stating
  const first = signedBy(signed)
  const [before] = waiting
  if (seal.body.sha256 !== sha256)
    throw refused(
      `couldn’t ${act}: \`${path}\` changed since ${first} signed it; let ${first} sign it anew, then sign`,
    )
  if (added.length === 0)
    throw refused(
      `couldn’t ${act}: ${first} has signed \`${path}\` already; it waits for ${missingRole(signed)}`,
    )
  refuseOtherWhy(stating, own)
  if (prepared !== undefined && digestOfLink(prepared) !== digestOfLink(seal))
    throw refused(
      `couldn’t ${act}: ${first} has signed another statement on \`${path}\` than this one; write down that which waits (--statement), and sign it`,
    )
  if (before !== undefined && before.seal !== seal) throw behind(act, path, before)
  refuseEarlier(seal, now)
  const signatures = added.map(({ sign }) => sign(seal, now))
  return links.with(seal.number - 1, { ...seal, signatures: [...seal.signatures, ...signatures] })
}

function refuseOtherWhy({ act, why }: Stating, { seal, ...signed }: Waiting): void {
  if (why === undefined || why === seal.body.why) return
  throw refused(
    `couldn’t ${act}: ${signedBy(signed)} said why: “${seal.body.why}”; leave --why away`,
  )
}

/** The refusal while an earlier statement waits: they count in order, so it is signed or taken back first. */
const behind = (act: string, path: string, { seal: { body }, ...signed }: Waiting) =>
  refused(
    `couldn’t ${act}: \`${path}\` comes after \`${body.path}\`, which waits for ${missingRole(signed)}; sign that first, or take it back: \`comity policy withdraw ${body.path}\``,
  )

function refuseEarlier(last: Seal | undefined, now: string): void {
  if (last !== undefined && Date.parse(now) < Date.parse(last.statedAt))
    throw refused(
      `couldn’t sign: \`${last.body.path}\` was signed at ${last.statedAt}, which is later than this machine’s clock`,
    )
}

/** The chain without the statement that waits on a file, and without those that wait behind it. */
export function chainBefore(seals: FolderSeals, path: string, sealers: readonly Sealer[]) {
  const own = seals.waiting.find(({ seal: { body } }) => body.path === path)
  if (own === undefined)
    throw refused(`couldn’t take it back: nothing on \`${path}\` waits for a second signature`)
  return unbroken(checkChain(folderOf(path), seals.links.slice(0, own.seal.number - 1), sealers))
}

/** Writes the chains of folders. If one cannot be written, says which are. */
export function writeChains(folder: string, chains: ReadonlyMap<string, FolderSeals>): void {
  const written: string[] = []
  for (const [name, chain] of chains) {
    try {
      writeChain(folder, name, chain)
    } catch (error) {
      const before = written.length === 0 ? 'none was written before' : `written: ${written}`
      throw new Failure(`couldn’t write the seals of \`${name}\`: ${faultOf(error)}; ${before}`)
    }
    written.push(name)
  }
}

/** Writes a folder's chain, and the digests of what is sealed in it for `sha256sum`. */
function writeChain(folder: string, name: string, { links, sealed }: FolderSeals): void {
  writeFileSync(join(folder, sealsFile(name)), `${JSON.stringify(links, null, 2)}\n`)
  const digests = [...sealed].map(([path, { sha256 }]) => `${sha256}  ${path}\n`)
  writeFileSync(join(folder, name, 'seals.sha256'), digests.join(''))
}
