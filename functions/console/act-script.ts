/** The scripts of officers' pages: one asks the browser for a passkey, to sign an act or to make one; one digests a file. */

import type { Assets } from './assets.ts'

/**
 * What it signs is the SHA-256 of the very text that the form sends, so a page can show one act and sign another only if
 * whoever serves it changes this script, too (SECURITY.md says what that means). It reads and writes fields of forms
 * alone, and sends nothing by itself.
 */
const actScript = `
const bytesOf = (text) =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (of) => of.charCodeAt(0))
const textOf = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
const digestOf = (text) => crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))

/** Has a passkey asked when a form is sent, and sends it with what came back. */
function asking(form, ask) {
  const says = form.querySelector('[role=status]')
  let isAsking = false
  let isDone = false
  // Whoever goes back finds the page as it was left, in the midst of sending.
  addEventListener('pageshow', ({ persisted }) => {
    if (!persisted || !isDone) return
    isAsking = false
    says.textContent = 'You signed and sent this. To send the same again, press once more: it counts once.'
  })
  form.addEventListener('submit', async (event) => {
    // A press while the passkey is asked, or once it signed and the form is on its way, is the same press.
    if (isDone && !isAsking) return
    event.preventDefault()
    if (isAsking) return
    isAsking = true
    says.textContent = 'Waiting for your passkey.'
    try {
      await ask(form.elements)
      isDone = true
      isAsking = false
      says.textContent = 'Signed. Waiting for the answer.'
      form.requestSubmit()
      isAsking = true
    } catch (error) {
      isAsking = false
      says.textContent =
        error.name === 'NotAllowedError'
          ? 'Nothing was signed: the passkey was not used, or not in time. You can try again.'
          : 'Nothing was signed: ' + error.message
    }
  })
}

for (const form of document.querySelectorAll('form[data-credential]'))
  asking(form, async ({ signed, assertion }) => {
    const { credential, rp } = form.dataset
    const { response } = await navigator.credentials.get({
      publicKey: {
        challenge: await digestOf(signed.value),
        rpId: rp,
        allowCredentials: [{ type: 'public-key', id: bytesOf(credential) }],
        userVerification: 'required',
        timeout: 120000,
      },
    })
    assertion.value = JSON.stringify({
      authenticatorData: textOf(response.authenticatorData),
      clientDataJSON: textOf(response.clientDataJSON),
      signature: textOf(response.signature),
    })
  })

for (const form of document.querySelectorAll('form[data-officer]'))
  asking(form, async ({ credential, alg, jwk }) => {
    const { officer, rp, site, has } = form.dataset
    const made = await navigator.credentials.create({
      publicKey: {
        rp: { id: rp, name: site },
        // Of this passkey alone: an authenticator holds one for each such id, and it says nothing of the officer
        // (WebAuthn 3, 5.4.3 and 14.6.1).
        user: { id: crypto.getRandomValues(new Uint8Array(32)), name: officer, displayName: officer },
        challenge: crypto.getRandomValues(new Uint8Array(32)),
        pubKeyCredParams: [-7, -8].map((alg) => ({ type: 'public-key', alg })),
        excludeCredentials: has.split(' ').filter(Boolean).map((id) => ({ type: 'public-key', id: bytesOf(id) })),
        authenticatorSelection: { userVerification: 'required' },
        attestation: 'none',
        timeout: 120000,
      },
    })
    const isEc = made.response.getPublicKeyAlgorithm() === -7
    const scheme = isEc ? { name: 'ECDSA', namedCurve: 'P-256' } : { name: 'Ed25519' }
    const key = await crypto.subtle.importKey('spki', made.response.getPublicKey(), scheme, true, ['verify'])
    const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', key)
    credential.value = textOf(made.rawId)
    alg.value = isEc ? 'ES256' : 'EdDSA'
    jwk.value = JSON.stringify(isEc ? { kty, crv, x, y } : { kty, crv, x })
  })
`.trimStart()

/** Writes the SHA-256 of a file that is chosen into the field beside it. The file itself goes nowhere. */
const digestScript = `
for (const chosen of document.querySelectorAll('input[data-digest-of]'))
  chosen.addEventListener('change', async () => {
    const [file] = chosen.files
    if (file === undefined) return
    const digest = await crypto.subtle.digest('SHA-256', await file.arrayBuffer())
    document.getElementById(chosen.dataset.digestOf).value = Array.from(new Uint8Array(digest), (of) =>
      of.toString(16).padStart(2, '0'),
    ).join('')
  })
`.trimStart()

/** The scripts, as they are served beside the stylesheet. */
export const actAssets: Assets = {
  'act.js': ['text/javascript; charset=utf-8', actScript],
  'digest.js': ['text/javascript; charset=utf-8', digestScript],
}
