/**
 * Numbered chains of statements. Each names the digest of the one before, so that none can be left out,
 * inserted, changed or moved to another chain. Who must sign a statement is decided elsewhere.
 */

import { hash } from 'node:crypto'
import canonicalize from 'canonicalize'
import * as z from 'zod'

/** One statement of a chain. */
export type Link<Body> = {
  /** Which chain it belongs to, such as `seals/de`. */
  readonly chain: string
  /** From 1, without a gap. */
  readonly number: number
  /** Digest of the statement before; for the first, `noLink`. */
  readonly previous: string
  /** When it was made; RFC 3339, UTC. Never before the previous statement. */
  readonly statedAt: string
  readonly body: Body
}

/** How far a chain has been read: the number and digest of its last statement. */
export type Tip = { readonly number: number; readonly digest: string }

/** What the first statement of a chain has as `previous`. */
const noLink = '0'.repeat(64)

/** The tip of a chain without a statement. */
export const emptyTip: Tip = { number: 0, digest: noLink }

/** A tip in JSON. */
export const tipSchema = z.strictObject({
  number: z.int().nonnegative(),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
})

/** The schema of a chain's statement with this body. */
export const linkSchema = <Body extends z.ZodType>(body: Body) =>
  z.strictObject({
    chain: z.string().min(1).max(100),
    number: z.int().positive(),
    previous: z.string().regex(/^[0-9a-f]{64}$/),
    statedAt: z.iso.datetime(),
    body,
  })

/** What is signed, and digested: the statement as canonical JSON (RFC 8785). */
export const textOfLink = ({ chain, number, previous, statedAt, body }: Link<unknown>): string =>
  canonicalize({ chain, number, previous, statedAt, body }) ?? ''

/** SHA-256 of a statement, in hex. It excludes the signatures, since one text may have several. */
export const digestOfLink = (link: Link<unknown>): string => hash('sha256', textOfLink(link), 'hex')

/** Why a statement does not follow the one before. */
export type Break = 'another-chain' | 'gap' | 'another-predecessor' | 'earlier'

/** Each kind of break in words. */
export const breakWords = {
  'another-chain': 'it belongs to another chain',
  gap: 'its number is not the next one',
  'another-predecessor': 'it does not follow the statement before it',
  earlier: 'it was made before the statement that it follows',
} as const satisfies Record<Break, string>

/**
 * Follows a chain from its first statement. Gives the tip after each statement as far as the chain holds, and
 * where it breaks, if it does. Nothing after a break counts.
 */
export function followChain(
  chain: string,
  links: readonly Link<unknown>[],
): {
  readonly tips: readonly Tip[]
  readonly broken?: { readonly at: number; readonly why: Break }
} {
  const tips: Tip[] = []
  let before: Link<unknown> | undefined
  for (const [at, link] of links.entries()) {
    const why = breakOf(chain, link, before, tips.at(-1) ?? emptyTip)
    if (why !== undefined) return { tips, broken: { at, why } }
    tips.push({ number: link.number, digest: digestOfLink(link) })
    before = link
  }
  return { tips }
}

/** Why a statement does not follow `before`, after which the chain had this tip; undefined if it does. */
export function breakOf(
  chain: string,
  link: Link<unknown>,
  before: Link<unknown> | undefined,
  tip: Tip,
): Break | undefined {
  if (link.chain !== chain) return 'another-chain'
  if (link.number !== tip.number + 1) return 'gap'
  if (link.previous !== tip.digest) return 'another-predecessor'
  if (before !== undefined && Date.parse(link.statedAt) < Date.parse(before.statedAt))
    return 'earlier'
  return undefined
}

/** Whether a chain with these tips contains `seen`. */
export const reaches = (tips: readonly Tip[], seen: Tip): boolean =>
  seen.number === 0 || tips[seen.number - 1]?.digest === seen.digest

/** The next statement of a chain. */
export const nextLink = <Body>(
  chain: string,
  tip: Tip,
  statedAt: string,
  body: Body,
): Link<Body> => ({ chain, number: tip.number + 1, previous: tip.digest, statedAt, body })
