/**
 * What may differ between two worlds that nobody may tell apart, each with its reason: one list. What is opaque is
 * named by the order in which a party first saw it, so that what is the same for that party stays the same, and
 * its length is kept.
 */

import { readZip } from '../../functions/ledger/zip.ts'

/** Of one party: gives what it saw a form in which two worlds are compared. */
export type Naming = (text: string) => string

type Difference = {
  readonly of: RegExp
  readonly why: string
  readonly as: (found: string, names: Naming) => string
}

/** One after the other, each on what those before it left. */
export const differences: readonly Difference[] = [
  {
    of: /eyJ[\w-]+\.[\w-]+\.[\w-]+/g,
    why: 'a receipt or signed word: ECDSA takes fresh randomness, so its payload is compared, and its length',
    as: (found, names) => `<signed ${found.length} ${names(payloadOf(found))}>`,
  },
  {
    of: /(?<![\w.-])([\w-]{4,})\.[\w-]{22}(?![\w.-])/g,
    why: 'a cursor: it is encrypted under a key of this gateway, so its length is compared, and when it changes',
    as: (found, names) => `<cursor ${found.length} ${named(found, names)}>`,
  },
  {
    of: /(?<=\.\.)[\w-]{86}/g,
    why: 'a detached signature: its length is compared',
    as: (found) => `<signature ${found.length}>`,
  },
  {
    of: /(?<=\u2014 \S+ )[A-Za-z0-9+/=]{90,}/g,
    why: 'the signature of a note, by the key of this log: its length is compared',
    as: (found) => `<signature ${found.length}>`,
  },
  {
    of: /(?<=00-[0-9a-f]{32}-)[0-9a-f]{16}/g,
    why: 'the span of a trace is of one call alone',
    as: () => '<span>',
  },
  {
    of: /"ms":[0-9.]+/g,
    why: 'how long a call took is measured by `npm run bench -- --only timing`, not here',
    as: () => '"ms":<time>',
  },
  {
    of: /\b[0-9a-f]{64}\b|\b[0-9a-f]{32}\b/g,
    why: 'a digest of what is encrypted or signed anew, or the id of a trace',
    as: named,
  },
  {
    of: /(?<=\+)[0-9a-f]{8}\+[A-Za-z0-9+/]{44}/g,
    why: 'the key of a log or witness, which each gateway makes',
    as: named,
  },
  {
    of: /(?<=\\n|[^\w+/=-])[A-Za-z0-9+/]{43}=/g,
    why: 'a root or hash: of entries whose salts and keys are drawn anew',
    as: named,
  },
  {
    of: /(?<![\w.+/=-])(?![a-z_-]+(?![\w-]))(?:[\w-]{43}|[\w-]{22})(?![\w+/=-])/g,
    why: 'an id that is made of a random key (a pseudonym, a look’s entry), or a salted commitment',
    as: named,
  },
  {
    of: /(?<![\w.-])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?=[\w-]*\d)[\w-]{44,}/g,
    why: 'a cursor or ciphertext: encrypted under a key of this gateway, so its length is compared',
    as: (found) => `<opaque ${found.length}>`,
  },
]

/** Set by `namesOf`: what stands for an opaque word is the number under which its party knows it. */
function named(found: string, names: Naming): string {
  return names(`\u0000${found}`)
}

/** A naming of one party, from its first sight on; `sight` is which of its sights it reads. */
export function namesOf(): (text: string, sight: number) => string {
  const known = new Map<string, string>()
  return (whole, sight) => {
    let fresh = 0
    // By where it was first seen, so that one sight that differs names nothing else in those after it.
    const name: Naming = (text) => {
      if (!text.startsWith('\u0000')) return comparable(text)
      const as = known.get(text) ?? `<${sight}.${++fresh}:${text.length - 1}>`
      known.set(text, as)
      return as
    }
    const comparable = (text: string): string =>
      differences.reduce((all, { of, as }) => all.replace(of, (found) => as(found, name)), text)
    return name(whole)
  }
}

const payloadOf = (signed: string): string => {
  const [, payload = ''] = signed.split('.')
  return Buffer.from(payload, 'base64url').toString('utf8')
}

/** What is in an answer, as text: of an archive each file, of other bytes how many. */
export function textOf(bytes: Uint8Array, type: string): string {
  if (type.startsWith('application/zip')) {
    const read = readZip(bytes)
    if ('wrong' in read) return `<no archive: ${read.wrong}>`
    return [...read.files]
      .map(([path, file]) => `${path}\n${Buffer.from(file).toString('utf8')}`)
      .join('\n')
  }
  // A tile has hashes alone, of leaves whose salts are drawn anew: how many is what it says.
  if (type === 'application/octet-stream') return `<${bytes.length} bytes>`
  return Buffer.from(bytes).toString('utf8')
}
