/** Acts on pages as a browser does them: the fields of a form, and what it sends once a passkey was used. */

import { assertionOver, type Doing, passkeyOf } from '../identity/authenticator.ts'
import { stateByItself } from '../identity/entered-passkey.ts'
import { origin } from '../world.ts'
import type { Seen, Site } from './browsing.ts'

/** A passkey of an officer of DE-POL, entered two minutes ago, since the register believes what is a minute old. */
export async function passkeyAt(site: Site) {
  const passkey = passkeyOf('officer-1', 'ES256', origin)
  site.clock.now = new Date(Date.now() - 120_000)
  const act = { act: 'add-passkey', key: passkey.entered, why: 'She acts here.' } as const
  await stateByItself(site, 'DE-POL', act, site.data)
  site.clock.now = new Date()
  return passkey
}

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
