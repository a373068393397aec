/** The console's function as people browse it, with a real login provider that is told of KMS's key. */

import { type CryptoKey, exportJWK, generateKeyPair } from 'jose'
import { returnTo } from '../../functions/console/login.ts'
import { startLogin } from '../../functions/demo/login.ts'
import { namePeople } from '../../functions/demo/people.ts'
import { type Browser, browserOf, type Seen, tokenIn } from '../console/browsing.ts'
import { freePort, temporaryFolder } from '../demo/process.ts'
import type { passkeyOf } from '../identity/authenticator.ts'
import { stateByItself } from '../identity/entered-passkey.ts'
import type { Deployed } from './deployed.ts'
import { marks } from './fed.ts'

/**
 * Names the people of some agencies in the register, by default of all, and starts the function; `changed` is of its
 * environment. `passkeys`, by agency, are of officers of those. The function of access must have started before.
 */
export async function startPages(
  deployed: Deployed,
  changed: Readonly<Record<string, string>> = {},
  agencies: readonly string[] = [...deployed.keys.keys()],
  passkeys: Readonly<Record<string, ReturnType<typeof passkeyOf>>> = {},
) {
  const { store, names, cloud, origins } = deployed
  const keys = new Map([...deployed.keys].filter(([id]) => agencies.includes(id)))
  const { privateKey } = await generateKeyPair('ES256')
  const jwk = { ...(await exportJWK(cloud.loginKey)), alg: 'ES256', use: 'sig' }
  const key = { key: privateKey as CryptoKey, jwk }
  const login = await startLogin('dev', returnTo(origins.audit, 0), await freePort(), key)
  const { iss } = login.settings
  const [folder, now] = [temporaryFolder(), new Date()]
  await namePeople(store.client, names.register, keys, iss, folder, now)
  const clock = { now, pass: () => undefined }
  const registering = { store: { ...store, tables: names }, keys, clock }
  for (const [agency, { entered: key }] of Object.entries(passkeys)) {
    const why = 'They act in a browser.'
    await stateByItself(registering, agency, { act: 'add-passkey', key, why }, folder)
  }
  const logins = JSON.stringify([{ iss, name: 'Police login', clientId: 'comity-console' }])
  const pages = await deployed.start('console', { COMITY_LOGINS: logins, ...changed })
  return {
    pages,
    login,
    browser: (): Browser => browserOf(origins.audit, deployed.browsed(pages)),
  }
}

/** How many sessions each has: more pages a minute than one may have are looked at. */
const sessionsOfEach = 8

/**
 * An auditor and an officer who asks, logged in several times. `look` shows pages in the sessions that they had at
 * first, whatever became of them, and of an entry; `endLogin` goes where a login that was begun ends.
 */
export async function logInBoth(
  browser: Awaited<ReturnType<typeof startPages>>['browser'],
  entry: string,
) {
  const logIn = async () => {
    const [auditor, officer] = [browser(), browser()]
    const token = tokenIn(await auditor.logIn('p-1002'))
    await officer.logIn('p-1006')
    return { auditor, officer, token, again: keeping(auditor, officer) }
  }
  const both = await Promise.all(Array.from({ length: sessionsOfEach }, logIn))
  const newcomer = browser()
  const ending = await newcomer.returning('p-1002')
  const newAgain = keeping(newcomer)
  let turns = 0
  return {
    async look(): Promise<readonly Seen[]> {
      const { auditor, officer, token, again } = both[turns++ % sessionsOfEach] ?? (await logIn())
      const form = { token, purpose: 'lawfulness', recordId: marks.record, number: '', country: '' }
      const seen: Seen[] = []
      for (const path of ['office', 'search', `entries/${entry}`, 'deadlines', 'alarms']) {
        again()
        seen.push(await auditor.get(`/console/${path}?purpose=lawfulness`))
      }
      again()
      seen.push(await auditor.post('/console/search', form))
      for (const path of ['ask', 'requests']) {
        again()
        seen.push(await officer.get(`/console/${path}`))
      }
      return seen
    },
    endLogin(): Promise<Seen> {
      newAgain()
      return newcomer.go(ending)
    },
  }
}

/** Gives browsers the cookies back that they have now. */
function keeping(...browsers: readonly Browser[]): () => void {
  const kept = browsers.map(({ cookies }) => [cookies, [...cookies]] as const)
  return () => {
    for (const [cookies, each] of kept) for (const [name, value] of each) cookies.set(name, value)
  }
}
