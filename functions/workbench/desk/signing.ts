/** The desk's part for those who sign. It writes the seals of a folder, and nothing that nobody signed. */

import type { Hono } from 'hono'
import { type List, lawPath, type Policy } from '../../policy/book.ts'
import { sealOn } from '../../policy/check-seals.ts'
import { valueIn } from '../../policy/json.ts'
import { folderOf } from '../../policy/seal.ts'
import { sealingKeySchema } from '../../policy/signed.ts'
import { type Failure, misuse } from '../../terminal/exit.ts'
import type { Brought } from '../commands/attached.ts'
import { keySigner, readChain } from '../commands/seal-chain.ts'
import {
  readySeals,
  type Says,
  type Signing,
  statementOn,
  withAttached,
  writeSeals,
} from '../commands/seal-ready.ts'
import { keyFor, sealersOf } from '../commands/signing.ts'
import type { Shelf } from './shelf.ts'
import { signPage, statementName } from './sign-page.ts'
import { found, text, type Workplace } from './writing.ts'

/** Adds the page on which people sign. */
export function addSigning(app: Hono, { folder, shelf, form, now }: Workplace): void {
  const page = (name: string, done: readonly string[] = []): string => {
    const version = found(shelf(), name)
    return signPage(version, { stated: statedOn(folder, version), done }, form)
  }
  /** Seals what was shown, or refuses. */
  const seal = (fields: Fields, signersOn: Signing['signersOn']): string => {
    const { path, version } = shown(shelf(), fields)
    if (text(fields.version).trim() !== version.version)
      throw misuse(`type \`${version.version}\` to sign it`)
    const ready = readySeals(folder, 'seal', [path], { ...wordsIn(fields), signersOn }, now())
    if (ready.said.some(({ stating }) => stating.sha256 !== version.digest)) throw changed(path)
    return page(path, writeSeals(folder, ready))
  }
  app.get('/sign', (c) => c.html(page(c.req.query('file') ?? '')))
  app.post('/sign', async (c) => {
    const fields = await c.req.parseBody()
    const key = await keyIn(fields.key)
    return c.html(
      seal(fields, ({ path }, _, sealers) => ({
        signers: [keySigner(keyFor(path, 'the key file', key, sealers))],
      })),
    )
  })
  app.post('/sign/statement', async (c) => {
    const fields = await c.req.parseBody()
    const { path, version } = shown(shelf(), fields)
    const said = statementOn(folder, 'seal', path, wordsIn(fields), now())
    if (said.stating.sha256 !== version.digest) throw changed(path)
    return c.body(said.text, 200, {
      'Content-Type': 'text/plain; charset=utf-8',
      'Content-Disposition': `attachment; filename="${statementName(path)}"`,
    })
  })
  app.post('/sign/attach', async (c) => {
    const fields = await c.req.parseBody()
    return c.html(seal(fields, withAttached(await broughtIn(fields))))
  })
}

type Fields = Readonly<Record<string, unknown>>

/** The version that a form shows, if it is still as it was shown. */
function shown(shelf: Shelf, { file, digest }: Fields) {
  const version = found(shelf, text(file))
  const path = lawPath(version)
  if (text(digest) !== version.digest) throw changed(path)
  return { path, version }
}

const changed = (path: string): Failure =>
  misuse(`\`${path}\` changed since it was shown: read it again`)

const wordsIn = ({ why, unnoticed }: Fields): Says => ({
  ...said('why', why),
  ...said('unnoticed', unnoticed),
})

/** Most bytes of a file with a signature, which may be written as PEM, and of the statement. */
const broughtBytesMax = 500_000

/** The signature that somebody's own program made, and the statement that it is over. */
async function broughtIn({ cms, statement }: Fields): Promise<Brought> {
  if (!(cms instanceof File) || cms.size === 0 || cms.size > broughtBytesMax)
    throw misuse('choose the signature that your program made (.p7s)')
  const isGiven = statement instanceof File && statement.size > 0
  if (isGiven && statement.size > broughtBytesMax)
    throw misuse('choose the statement that was downloaded here')
  return {
    ...{ file: 'the signature', cms: new Uint8Array(await cms.arrayBuffer()) },
    ...(isGiven ? { text: Buffer.from(await statement.arrayBuffer()).toString('utf8') } : {}),
  }
}

function statedOn(folder: string, version: Policy | List) {
  const [path, sealers] = [lawPath(version), sealersOf(folder)]
  const name = folderOf(path)
  const of = { path, sha256: version.digest }
  return sealOn(name, readChain(folder, name, sealers), of, sealers)
}

const said = (name: 'why' | 'unnoticed', value: unknown) =>
  text(value).trim() === '' ? {} : { [name]: text(value).trim() }

/** Most bytes of a key file. */
const keyBytesMax = 10_000

/** The private key that somebody chose. A Failure never says what is in it. */
async function keyIn(value: unknown) {
  const wrong = misuse('choose your key file: that one holds no key')
  if (!(value instanceof File) || value.size > keyBytesMax) throw wrong
  const parsed = sealingKeySchema.safeParse(valueIn(await value.text()))
  if (!parsed.success) throw wrong
  return parsed.data
}
