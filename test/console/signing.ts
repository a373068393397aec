/** Acts on pages as a browser does them: the fields of a form, and what it sends once a passkey was used. */

import { assertionOver, type Doing, type passkeyOf } from '../identity/authenticator.ts'
import { origin } from '../world.ts'
import type { Seen } from './browsing.ts'

const decoded = (text = '') =>
  text.replaceAll(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))

/** The hidden fields of a form of a page. */
export const fieldsIn = ({ text }: Seen, form: RegExp): Record<string, string> => {
  const [found = ''] = form.exec(text) ?? []
  return Object.fromEntries(
    [...found.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(([, name, value]) => [
      decoded(name),
      decoded(value),
    ]),
  )
}
/** The form that is signed, and one by where it goes. */
export const signForm = /<form[^>]*data-credential[\s\S]*?<\/form>/
export const formTo = (path: string) => new RegExp(`<form[^>]*action="${path}"[\\s\\S]*?</form>`)

/** What the browser sends once the passkey was used on a page of `origin`. */
export const signedBy = (
  page: Seen,
  of: Pick<ReturnType<typeof passkeyOf>, 'pair'>,
  doing: Doing = {},
): Record<string, string> => {
  const fields = fieldsIn(page, signForm)
  const part = assertionOver(fields.signed ?? '', of.pair, { origin, ...doing })
  return { ...fields, assertion: Buffer.from(part, 'base64url').toString() }
}
