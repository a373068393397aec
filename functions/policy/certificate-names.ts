/** Whose a certificate is, and who issued it, as it says: a stranger's words, which stand in quotes and are bounded. */

import type { Certificate } from './certificate.ts'
import { type Der, oidOf, readDer } from './der.ts'

/** Such as `“Erika Muster”, issued by “Example Trust”`. */
export const namesIn = ({ subject, issuer }: Certificate): string =>
  `${nameIn(subject)}, issued by ${nameIn(issuer)}`

/** A stranger's words in quotes, which they cannot end. */
export const quoted = (name: string): string => `“${name.replace(/["“”„‟]/gu, "'")}”`

const commonName = '2.5.4.3'
const organisation = '2.5.4.10'

/** The common name of a distinguished name (RFC 5280 §4.1.2.4), or else the organisation. */
function nameIn(name: Uint8Array): string {
  const pairs = (readDer(name)?.parts ?? []).flatMap((set) =>
    set.parts.map(({ parts: [type, value] }) => [oidOf(type), textOf(value)] as const),
  )
  const of = (oid: string) => pairs.findLast(([type]) => type === oid)?.[1]
  const found = of(commonName) ?? of(organisation)
  return found === undefined ? 'somebody whom it does not name' : quoted(found)
}

/** The tags of strings in UTF-16 and in Latin-1; all others are of UTF-8, or a part of it. */
const [wide, latin] = [0x1e, 0x14]

/** A string of a certificate, without what is no letter or sign; of 200 at most. */
export function textOf(value: Der | undefined): string {
  const bytes = Buffer.from(value?.content ?? [])
  const text =
    value?.tag === wide
      ? new TextDecoder('utf-16be').decode(bytes)
      : bytes.toString(value?.tag === latin ? 'latin1' : 'utf8')
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, ' ').slice(0, 200)
}
