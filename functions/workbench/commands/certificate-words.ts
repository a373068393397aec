/** Certificates in words: whose they are, who issued them, and what the issuer says of them. */

import type { Certificate } from '../../policy/certificate.ts'
import { namesIn, quoted, textOf } from '../../policy/certificate-names.ts'
import { oidOf } from '../../policy/der.ts'

/**
 * Such as `by the certificate of “Erika Muster”, issued by “Example Trust”`. Names stand in quotes, or one could go on
 * as if it were our word. What an issuer claims is told as its claim: whether it may is for a trusted list to say (Regulation (EU) No 910/2014 art. 22).
 */
export const certificateWords = (certificate: Certificate): string =>
  [`by the certificate of ${namesIn(certificate)}`, ...claimsOf(certificate)].join('; ')

const qcStatements = '1.3.6.1.5.5.7.1.3'
/** Statements of ETSI EN 319 412-5 §4. */
const compliance = '0.4.0.1862.1.1'
const device = '0.4.0.1862.1.4'
const types = '0.4.0.1862.1.6'
const forSignatures = '0.4.0.1862.1.6.1'
const legislation = '0.4.0.1862.1.7'

/** What the issuer states of a certificate for electronic signatures. Without a type, it is for those. */
function claimsOf({ extensions }: Certificate): readonly string[] {
  const statements = new Map(
    extensions.get(qcStatements)?.value.parts.map(({ parts }) => [oidOf(parts[0]), parts[1]]) ?? [],
  )
  const type = statements.get(types)
  const signs = type === undefined || type.parts.some((each) => oidOf(each) === forSignatures)
  if (!statements.has(compliance) || !signs) return []
  const countries = statements.get(legislation)?.parts.map(textOf) ?? []
  const law = countries.length === 0 ? '' : `, under the law of ${countries.map(quoted).join(', ')}`
  const key = statements.has(device) ? 'with its key in' : 'without a word of'
  return [
    `its issuer calls it qualified for electronic signatures${law}, ${key} a qualified device`,
  ]
}
