/** The desk's part for those who sign. It writes the seals of a folder, and nothing that nobody signed. */

import type { Hono } from 'hono'
import { exitCodes, Failure } from '../cli/exit.ts'
import { readySeals, writeSeals } from '../cli/seal.ts'
import { readChain } from '../cli/seal-chain.ts'
import { keyFor, sealersOf } from '../cli/signing.ts'
import type { List, Policy } from '../policy/book.ts'
import { folderOf, sealOn } from '../policy/seal.ts'
import { sealingKeySchema } from '../policy/signed.ts'
import { pathOf } from './shelf.ts'
import { signPage } from './sign-page.ts'
import { found, text, type Workplace } from './writing.ts'

/** Adds the page on which people sign. */
export function addSigning(app: Hono, { folder, shelf, form, now }: Workplace): void {
  const page = (name: string, done: readonly string[] = []): string => {
    const version = found(shelf(), name)
    return signPage(version, { stated: statedOn(folder, version), done }, form)
  }
  app.get('/sign', (c) => c.html(page(c.req.query('file') ?? '')))
  app.post('/sign', async (c) => {
    const fields = await c.req.parseBody()
    const version = found(shelf(), text(fields.file))
    const path = pathOf(version)
    if (text(fields.digest) !== version.digest)
      throw new Failure(`\`${path}\` changed since it was shown: read it again`, exitCodes.usage)
    if (text(fields.version).trim() !== version.version)
      throw new Failure(`type \`${version.version}\` to sign it`, exitCodes.usage)
    const key = await keyIn(fields.key)
    const signing = {
      ...said('why', fields.why),
      ...said('unnoticed', fields.unnoticed),
      keysOn: (on: string, sealers: ReturnType<typeof sealersOf>) => [
        keyFor(on, 'the key file', key, sealers),
      ],
    }
    const ready = readySeals(folder, 'seal', [path], signing, now())
    if (ready.said.some(({ stating }) => stating.sha256 !== version.digest))
      throw new Failure(`\`${path}\` changed since it was shown: read it again`, exitCodes.usage)
    return c.html(page(path, writeSeals(folder, ready)))
  })
}

function statedOn(folder: string, version: Policy | List) {
  const [path, sealers] = [pathOf(version), sealersOf(folder)]
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
  const wrong = new Failure('choose your key file: that one holds no key', exitCodes.usage)
  if (!(value instanceof File) || value.size > keyBytesMax) throw wrong
  const parsed = sealingKeySchema.safeParse(jsonOf(await value.text()))
  if (!parsed.success) throw wrong
  return parsed.data
}

function jsonOf(written: string): unknown {
  try {
    return JSON.parse(written)
  } catch {
    return undefined
  }
}
