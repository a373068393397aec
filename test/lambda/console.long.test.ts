/**
 * The console as it is deployed: under Lambda's own runtime client, with the rights of the template, cookies in and out
 * as an HTTP API carries them, and a real login provider that is told of KMS's key.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rowsIn } from '../../functions/adapters/dynamodb.ts'
import { examples } from '../../functions/demo/demonstration.ts'
import { type Browser, tokenIn } from '../console/browsing.ts'
import { fieldsIn, formTo, signedBy } from '../console/signing.ts'
import { removeFolders } from '../demo/process.ts'
import { everything } from '../dynalite.ts'
import { passkeyOf } from '../identity/authenticator.ts'
import { startPages } from './browsed.ts'
import { type Deployed, deploy } from './deployed.ts'
import { eventOf, resultSchema } from './event.ts'
import { grantedTo, usedBy } from './rights.ts'
import type { Instance } from './runtime.ts'
import { tick } from './stream.ts'

let deployed: Deployed
let browsed: Awaited<ReturnType<typeof startPages>>
let instances: readonly Instance[] = []
let pages: Instance
let fleurs: ReturnType<typeof passkeyOf>
let friedas: ReturnType<typeof passkeyOf>

beforeAll(async () => {
  deployed = await deploy(['access', 'console', 'seal', 'sign'])
  const { keys } = deployed
  const access = await deployed.start('access')
  const [seal, sign] = await Promise.all([deployed.start('seal'), deployed.start('sign')])
  const { audit: origin } = deployed.origins
  fleurs = passkeyOf('officer-7', 'ES256', origin)
  friedas = passkeyOf('officer-1', 'ES256', origin)
  const passkeys = { 'FR-SPOC': fleurs, 'DE-POL': friedas }
  browsed = await startPages(deployed, {}, undefined, passkeys)
  pages = browsed.pages
  // The one that started before believes for a minute that nobody has a passkey.
  const answering = await deployed.start('access')
  instances = [access, answering, seal, sign, pages]
  const ours = examples.filter(({ agency }) => keys.has(agency))
  for (const { agency, officer, request: body } of ours)
    await deployed.call(access, agency, { path: '/v1/access-requests', body, officer })
  await seal.send(tick)
}, 180_000)

afterAll(async () => {
  await Promise.all(instances.map((each) => each.stop()))
  await browsed?.login.stop()
  await deployed?.end()
  await removeFolders()
})

const browser = () => browsed.browser()

describe('An auditor at a gateway in the cloud', () => {
  test('logs in, finds a decision, takes it along and logs out', async () => {
    const paula = browser()
    expect((await paula.logIn('p-1001')).text).toContain('auditor-1, DE-DPA')
    const found = await paula.get('/console/search?purpose=lawfulness')
    const [, entry = ''] = /(\/console\/entries\/[^"?]+)/.exec(found.text) ?? []
    const page = await paula.get(`${entry}?purpose=lawfulness`)
    expect(page.status).toBe(200)
    const form = { token: tokenIn(page), purpose: 'lawfulness' }
    expect((await paula.post(`${entry}/replay`, form)).text).toContain('same')
    expect((await paula.post(`${entry}/evidence`, form)).status).toBe(200)
    expect((await paula.get(`${entry}/proof?purpose=lawfulness`)).status).toBe(200)
    const during = 'figures?purpose=lawfulness&from=2026-01-01&until=2099-01-01'
    for (const path of [
      'health',
      'looks?purpose=lawfulness',
      'deadlines?purpose=lawfulness',
      'alarms?purpose=lawfulness',
      during,
    ])
      expect((await paula.get(`/console/${path}`)).status, path).toBe(200)
    // Kills: a search by a person that finds nothing, or reads keys as pages may not.
    const name = { given: 'Anton', family: 'Beispiel', birthDate: '1979-03-14' }
    const person = { ...form, recordId: '', ...{ number: '', country: '' }, ...name }
    expect((await paula.post('/console/search', person)).text).toContain('/console/entries/')
    const out = await paula.post('/console/logout', { token: tokenIn(page) })
    expect(out.text).toContain('You are logged out')
    // No session: a mark, by which the next login asks anew who sits there.
    expect([...paula.cookies.keys()]).toEqual(['__Host-comity-out'])
  }, 120_000)

  test('is an officer elsewhere, who sees the inbox of their own agency', async () => {
    const frieda = browser()
    expect((await frieda.logIn('p-1003')).text).toContain('Inbox')
  })

  // Kills: cookies as one header, which no browser would take apart; pages as bytes in base64.
  test('gets each cookie on its own, and pages with their policy as text', async () => {
    const { origins } = deployed
    const asked = new Request(`${origins.audit}/console/login`, { headers: { cookie: 'a=1; b=2' } })
    const event = await eventOf(asked)
    expect(event.cookies).toEqual(['a=1', 'b=2'])
    const begun = resultSchema.parse(await pages.send(event))
    expect(begun.statusCode).toBe(303)
    expect(begun.cookies).toEqual([expect.stringMatching(/^__Host-comity-login=.*; Secure/)])
    expect(begun.headers).not.toHaveProperty('set-cookie')
    for (const name of ['style.css', 'icon.svg', 'verify.js']) {
      const file = await eventOf(new Request(`${origins.audit}/console/${name}`))
      expect(resultSchema.parse(await pages.send(file)).isBase64Encoded, name).toBe(false)
    }
    const { headers } = begun
    expect(headers['content-security-policy']).toContain("default-src 'none'")
  })

  // Kills: an address that the browser says itself, by which one network would count as many.
  test('is counted by the address that the API saw, whatever headers say', async () => {
    const begin = async (sourceIp: string, forwarded: string) => {
      const headers = { 'x-forwarded-for': forwarded }
      const event = await eventOf(
        new Request(`${deployed.origins.audit}/console/login`, { headers }),
      )
      event.requestContext.http.sourceIp = sourceIp
      return resultSchema.parse(await pages.send(event)).statusCode
    }
    const statuses: number[] = []
    // A minute may begin meanwhile, in which all count anew.
    for (let i = 0; i < 260 && statuses.at(-1) !== 429; i += 1)
      statuses.push(await begin('203.0.113.9', `198.51.${i % 250}.1`))
    expect(statuses.length).toBeGreaterThan(120)
    expect(statuses.at(-1)).toBe(429)
    expect(await begin('192.0.2.77', '203.0.113.9')).toBe(303)
  }, 120_000)
})

describe('Officers at a gateway in the cloud', () => {
  /** The site on whose pages their passkeys sign. */
  const here = () => {
    const { audit: origin } = deployed.origins
    return { origin, rpId: new URL(origin).hostname }
  }
  const act = async (of: Browser, form: Record<string, string>) => of.post('/console/acts', form)
  const caseReference = 'FR-2026-0200'
  let asked = ''

  // Kills: a console that only shows in the cloud, and one that acts by rights of its own.
  test('send a request from the screen, signed by a passkey, and get the answer of the API', async () => {
    const fleur = browser()
    await fleur.logIn('p-1005')
    const fields = {
      ...{ token: tokenIn(await fleur.get('/console/ask')), step: 'send', caseReference },
      ...{ holder: 'DE-POL', channel: 'siena', classes: 'identification', stage: 'suspect' },
      ...{ 'subject.name.given': 'Anton', 'subject.name.family': 'Beispiel' },
      ...{ 'subject.birthDate': '1979-03-14', purpose: 'investigation', urgency: 'none' },
      ...{ 'offence.category': 'ordinary', 'offence.maxCustodyMonths': '60', instrument: 'none' },
      'necessity.statement': 'The suspect threatened a witness this morning.',
    }
    const shown = await fleur.post('/console/ask', fields)
    expect(shown.text).toContain(`POST ${deployed.origins.access}/v1/access-requests`)
    const done = await act(fleur, signedBy(shown, fleurs, here()))
    expect(done.text).toContain(`Answer of DE-POL: ${caseReference}`)
    asked = /Number ([\w-]{43})/.exec(done.text)?.[1] ?? ''
    expect(asked).not.toBe('')
  }, 60_000)

  test('answer from the screen what waits for them, and whoever asked reads it', async () => {
    await instances[2]?.send(tick)
    const decisions = rowsIn(deployed.store.client, deployed.names.decisions)
    const frieda = browser()
    await frieda.logIn('p-1003')
    const page = await frieda.get(`/console/inbox/${asked}`)
    const path = `/console/inbox/${asked}/ask-back`
    const text = 'Which of the two accounts do you need?'
    const shown = await frieda.post(path, { ...fieldsIn(page, formTo(path)), text })
    const form = signedBy(shown, friedas, here())
    // What somebody else's passkey signed, or for another address, is nobody's act here either.
    const foreign = await act(frieda, signedBy(shown, fleurs, here()))
    expect(foreign.text).toContain('Nothing was done')
    // Kills: a page that gives up before Access does, or whose own time is over with it; an act that counts twice.
    const entries = async () =>
      (await everything(decisions)).filter(({ pk }) => pk?.S?.startsWith('D#')).length
    const [before, began] = [await entries(), performance.now()]
    // The store enters it, and says nothing more.
    const held = Promise.withResolvers<void>()
    let isEntered = false
    deployed.cloud.guard(
      () => true,
      ({ signer, action, on }) => {
        if (signer !== 'ASIAACCESS' || on !== 'Decisions') return undefined
        isEntered ||= action === 'dynamodb:PutItem'
        return isEntered ? held.promise : undefined
      },
    )
    const lost = await act(frieda, form)
    expect(performance.now() - began).toBeLessThan(27_000)
    expect([lost.status, await entries()]).toEqual([503, before + 1])
    expect(lost.text).toContain('it is not known here whether your act was entered')
    deployed.cloud.guard(() => true)
    held.resolve()
    const done = await act(frieda, fieldsIn(lost, formTo('/console/acts')))
    expect(done.text).toContain('Your office has answered')
    expect(await entries()).toBe(before + 1)
    // A picture is asked for of the same function, which finds no look that showed one. Kills: a call it cannot read.
    const picture = `/console/inbox/${asked}/pictures/${'A'.repeat(43)}/face/${'A'.repeat(43)}`
    expect((await frieda.get(picture)).status).toBe(404)
    const fleur = browser()
    await fleur.logIn('p-1005')
    expect((await fleur.get(`/console/answers/${asked}`)).text).toContain(text)
  }, 60_000)
})

describe('The function of the console', () => {
  test('used every right that it was given by now, and no other', () => {
    // A use of a session is noted once a minute, which no test waits for.
    const used = [...usedBy(deployed, 'console'), 'dynamodb:UpdateItem Sessions']
    expect(used.sort()).toEqual(grantedTo(deployed, 'console'))
  })

  test('writes nothing of the person who logged in into its log', () => {
    expect(pages.lines().join('\n')).not.toMatch(/p-100|Paula|Prüfer/)
  })
})
