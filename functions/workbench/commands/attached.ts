/** Signatures that people make in programs of their own: the statement as they sign it, and what they bring back. */

import { attachedBytesMax } from '../../policy/attached.ts'
import { derIn } from '../../policy/ber.ts'
import { type Link, textOfLink } from '../../policy/chain.ts'
import { attachedTo, type FolderSeals, sealersFor } from '../../policy/check-seals.ts'
import { readSignedData, sortAttributes } from '../../policy/cms.ts'
import { valueIn } from '../../policy/json.ts'
import { folderOf } from '../../policy/seal.ts'
import { type SealBody, type Sealer, sealLinkSchema } from '../../policy/sealers.ts'
import { misuse } from '../../terminal/exit.ts'
import type { SealSigner, Stating } from './seal-chain.ts'
import { waitingOn } from './seal-chain.ts'
import { refused } from './signing.ts'

/** What a person brings back: the signature, and the text that it is over, unless that is within or known. */
export type Brought = {
  /** What the reader calls the file of the signature. */
  readonly file: string
  readonly cms: Uint8Array
  readonly text?: string | undefined
}

/** Furthest that a signature may be ahead of this machine's clock, ms. Our choice. */
const aheadMs = 5 * 60_000

/** The statement that was signed, and by whom; refuses what was not signed by somebody who may. */
export function attachedSigner(
  { file, cms, text }: Brought,
  { act, path, now }: Pick<Stating, 'act' | 'path' | 'now'>,
  before: FolderSeals,
  sealers: readonly Sealer[],
): { readonly prepared: Link<SealBody>; readonly signer: SealSigner } {
  const wrong = (why: string) => refused(`couldn’t attach ${file}: ${why}`)
  const der = derIn(cms)
  if (der === undefined || der.length > attachedBytesMax)
    throw wrong(`it is no signature in CMS (.p7s, DER or PEM) of up to ${attachedBytesMax} bytes`)
  const prepared = statementIn(text ?? withinText(der)) ?? waitingOn(before, { act, path })?.seal
  if (prepared === undefined)
    throw misuse(
      `couldn’t attach ${file}: give the statement that was signed, too, as it was written: --statement FILE`,
    )
  const { statedAt } = prepared
  const own = sealersFor(folderOf(path), sealers)
  const judged = (bytes: Uint8Array) => {
    const encoded = Buffer.from(bytes).toString('base64')
    return { encoded, signed: attachedTo(textOfLink(prepared), statedAt, encoded, own) }
  }
  const asWritten = judged(der)
  // Verifiers, OpenSSL too, read attributes in the order in which they stand: it is kept as it was signed.
  const sorted = 'wrong' in asWritten.signed ? judged(sortAttributes(der)) : asWritten
  const { encoded, signed } = 'wrong' in sorted.signed ? asWritten : sorted
  if ('wrong' in signed) throw wrong(signed.wrong)
  if (Date.parse(signed.at) > Date.parse(now) + aheadMs)
    throw wrong(`it was made at ${signed.at}, which is later than this machine’s clock, ${now}`)
  if (Date.parse(signed.at) < Date.parse(statedAt))
    throw wrong(
      `it was made at ${signed.at}, before what it signs was written, at ${statedAt}: mend the clock of the machine that signs`,
    )
  const { by, certificate } = signed
  return { prepared, signer: { by, certificate, sign: () => ({ cms: encoded }) } }
}

/** The text within a signature, if its program put it there. */
function withinText(der: Uint8Array): string | undefined {
  const signed = readSignedData(der)
  return 'wrong' in signed || signed.content === undefined
    ? undefined
    : Buffer.from(signed.content).toString('utf8')
}

/** A statement from its text; undefined without one. Refuses a text that was changed since it was written. */
function statementIn(text: string | undefined): Link<SealBody> | undefined {
  if (text === undefined) return undefined
  const { data } = sealLinkSchema.safeParse(valueIn(text))
  if (data !== undefined && textOfLink(data) === text) return data
  throw refused(
    'couldn’t attach: the statement is not as it was written, byte for byte; write it anew (--statement), and sign that',
  )
}
