/** Whoever signed and goes back finds the page as it was left, in a real Chromium. */

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { actAssets, statusHtml } from '../../functions/console/act.ts'
import { launch } from '../browser/chromium.ts'

const browser: Browser | undefined = await launch()
const [, script = ''] = actAssets['act.js'] ?? []
const form = `<!doctype html><title>Sign</title><form method="post" action="/acts" data-credential="AA" data-rp="localhost">
<input type="hidden" name="signed" value="a.b"><input type="hidden" name="assertion" value="">
<button>Send it</button>${statusHtml.write('en')}</form><script type="module" src="/act.js"></script>`
const sent: string[] = []
let server: Server
beforeAll(async () => {
  server = createServer(async (request, response) => {
    if (request.url === '/act.js')
      return response.setHeader('content-type', 'text/javascript').end(script)
    response.setHeader('content-type', 'text/html')
    if (request.method !== 'POST') return response.end(form)
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part)
    sent.push(Buffer.concat(parts).toString('utf8'))
    // A browser that is told of nothing new stays on the page, as it is when somebody goes back to it.
    response.statusCode = 204
    return response.end()
  })
  await new Promise<void>((done) => server.listen(0, 'localhost', done))
})
afterAll(async () => {
  await browser?.close()
  server.close()
})

// Kills: a button that does nothing, and says nothing, since the page is as it was left: in the midst of sending.
test.skipIf(browser === undefined)(
  'may send the same again by the same button, without the passkey, and is told so',
  async () => {
    if (browser === undefined) return
    const page = await browser.newPage()
    // The authenticator is not what is tried here: it signs soon, and says how often.
    await page.addInitScript(`
      const part = new ArrayBuffer(1)
      const response = { authenticatorData: part, clientDataJSON: part, signature: part }
      const get = async () => {
        document.title += ', signed'
        await new Promise((done) => setTimeout(done, 50))
        return { response }
      }
      Object.defineProperty(navigator, 'credentials', { value: { get } })`)
    const { port } = server.address() as AddressInfo
    await page.goto(`http://localhost:${port}/`)
    const [button, says] = [page.getByRole('button', { name: 'Send it' }), page.getByRole('status')]
    const pressed = async (times: number) => {
      await button.click()
      await expect.poll(() => sent.length).toBe(times)
    }
    await pressed(1)
    expect(await says.textContent()).toContain('Waiting for the answer')
    // HTML, 7.4.6.2: what a browser tells a page that it kept, and shows again.
    await page.evaluate(`dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))`)
    expect(await says.textContent()).toContain('To send the same again, press once more')
    await pressed(2)
    expect(new Set(sent).size).toBe(1)
    expect(await page.title()).toBe('Sign, signed')
  },
  60_000,
)
