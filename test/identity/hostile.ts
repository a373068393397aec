/** Every token that must not get in, with the refusal it must meet: send each to any front door. */

import type { CallRefusal } from '../../functions/identity/signature.ts'
import type { Stage } from './forge.ts'
import { hostileCallClaims } from './hostile-calls.ts'
import { hostileClaims } from './hostile-claims.ts'
import { hostileForms } from './hostile-forms.ts'
import { hostileHeaders } from './hostile-headers.ts'
import { hostileSignatures } from './hostile-signatures.ts'

export type Hostile = {
  /** What the forger does, as one would say it. */
  readonly says: string
  readonly code: CallRefusal
  readonly authorization: string | undefined
  /** The body to send; `stage.body` where the forger leaves it alone. */
  readonly body: Uint8Array | undefined
  /** False if no HTTP client would put this text in a header. */
  readonly sendable: boolean
}

/**
 * The hostile calls, all by `stage.method` to `stage.url` at `stage.now`.
 * They suppose a register that holds `castAt(stage.now)` and a `stage.body` that is not empty.
 */
export function hostileCalls(stage: Stage): readonly Hostile[] {
  const forgeries = [
    ...hostileForms(stage),
    ...hostileHeaders(stage),
    ...hostileSignatures(stage),
    ...hostileClaims(stage),
    ...hostileCallClaims(stage),
  ]
  return forgeries.map(([code, says, authorization, body = stage.body]) => ({
    says,
    code,
    authorization,
    body: body === 'none' ? undefined : body,
    // RFC 9110 §5.5: a field value has no CR, LF or NUL inside.
    sendable: authorization === undefined || /^[\t\x20-\xff]*$/.test(authorization),
  }))
}
