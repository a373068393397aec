/** What the console needs from outside, with the promises of each port. */

import type { Login } from './identity/officers.ts'
import type { Agency } from './identity/register.ts'
import type { Session } from './identity/session.ts'
import type { AuditWorld } from './log-ports.ts'

/** What a login that was begun must come back with. */
export type BegunLogin = {
  /** The issuer of the provider that was asked. */
  readonly iss: string
  readonly state: string
  readonly nonce: string
  /** The verifier of PKCE (RFC 7636). */
  readonly verifier: string
  /** Whether the person must prove anew who they are. */
  readonly anew: boolean
  /** Where the person goes afterwards: a path of the console. */
  readonly next: string
  /** Until when the person may come back, ms since the epoch. */
  readonly until: number
}

/** A login provider (OpenID Connect). */
export type LoginProvider = {
  readonly iss: string
  /** What people call it. */
  readonly name: string
  /**
   * The address to send a browser to, and what must come back. The person comes back to `redirect`. With `anew`, they
   * must prove again who they are, and a login that is older than five minutes is refused when they come back. Undefined if the provider does not answer, or does not say who it is.
   */
  begin(
    redirect: string,
    anew: boolean,
  ): Promise<
    | ({ readonly url: string } & Pick<BegunLogin, 'state' | 'nonce' | 'verifier' | 'anew'>)
    | undefined
  >
  /**
   * Who came back, at `url` with its query; or why nobody did. A code is taken once, from the provider that was
   * asked, for the browser that began (RFC 9207, RFC 7636, OpenID Connect Core §3.1.3.7).
   */
  finish(
    url: string,
    begun: BegunLogin,
  ): Promise<
    | { readonly kind: 'known'; readonly login: Login; readonly provedAt: number }
    | { readonly kind: 'refused' | 'away'; readonly why: string }
  >
  /**
   * The address at which a person logs out at the provider, too, and from which they come back to `back` (OpenID Connect
   * RP-Initiated Logout 1.0 §2). It names nobody, so the provider asks them first. Undefined if the provider does not
   * answer, or has no such address.
   */
  leave(back: string): Promise<string | undefined>
}

/**
 * Sessions and logins that were begun. The browser has a secret for each; what is kept has only its digest, so that
 * nobody who reads the table has a session.
 */
export type Sessions = {
  begin(secret: string, login: BegunLogin): Promise<void>
  /** Takes a login that was begun, once: undefined the second time. */
  take(secret: string): Promise<BegunLogin | undefined>
  put(secret: string, session: Session): Promise<void>
  /** The session as last written; undefined if there is none, or it ended. */
  get(secret: string): Promise<Session | undefined>
  /** Notes a use of a session that has not ended. */
  use(secret: string, at: number): Promise<void>
  /** Ends a session: once it returns, nobody has it. Of several at once, one is told that it ended it. */
  end(secret: string): Promise<boolean>
  /** Removes what ended before `now`, ms since the epoch; for a store that does not do so by itself. */
  forget(now: number): Promise<void>
}

/** The script with which a browser checks the log by itself, and its SHA-256 in hex. */
export type VerifyScript = { readonly text: string; readonly sha256: string }

/** What the console needs. */
export type ConsoleWorld = AuditWorld & {
  readonly sessions: Sessions
  readonly providers: readonly LoginProvider[]
  /** Absent where none was shipped: pages then say what one can do instead. */
  readonly verifyScript?: (() => VerifyScript) | undefined
  /**
   * The API for agencies: an act of the console is a call to it, signed by an officer's passkey and checked there as any
   * call is. Absent where this console only shows.
   */
  readonly api?: {
    readonly origin: string
    call(signed: Request): Response | Promise<Response>
    /** A picture that an officer's own signed look showed: its sight is an entry before it is given. */
    picture(
      call: {
        readonly agency: Agency
        readonly officer: string
        readonly method: string
        readonly url: string
        readonly session: { readonly iss: string; readonly provedAt: string }
      },
      asked: {
        readonly request: string
        readonly look: string
        readonly item: string
        /** What the answer to that look says, and nothing else. */
        readonly pass: string
      },
    ): Promise<
      | { readonly kind: 'seen'; readonly type: string; readonly content: Uint8Array }
      | { readonly kind: 'not-found' }
      | { readonly kind: 'unavailable'; readonly why: string }
    >
  }
}
