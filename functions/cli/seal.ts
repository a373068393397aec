/** `comity policy seal`: two people's signatures over the bytes of policy files. */

import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { isAbsolute, join, relative } from 'node:path'
import * as z from 'zod'
import { versionFiles } from '../adapters/policies-files.ts'
import { readBook } from '../policy/book.ts'
import { type Seal, sealSchema } from '../policy/policy.ts'
import { checkSeals, sealingKeySchema, signSeal } from '../policy/seal.ts'
import { exitCodes, Failure } from './exit.ts'
import { readJson } from './files.ts'

/**
 * Adds seals to `seals.json` and the digests to `seals.sha256`; gives back the paths sealed.
 * A file with a fault, and one that is sealed already, is refused; then nothing is written.
 */
export function sealFiles(
  folder: string,
  files: readonly string[],
  keyFiles: readonly string[],
  why: string,
  sealedAt: string,
): readonly string[] {
  const keys = keyFiles.map((file) => readJson(file, sealingKeySchema))
  if (keys.length < 2)
    throw refused('a seal needs two keys: of a legal and of a data-protection sealer')
  if (!sealSchema.shape.why.safeParse(why).success)
    throw refused('say why in a full sentence, ending with a full stop')
  const sealsFile = join(folder, 'seals.json')
  const before = existsSync(sealsFile) ? readJson(sealsFile, z.array(sealSchema)) : []
  const all = versionFiles(folder)
  const sealers: unknown = JSON.parse(readFileSync(join(folder, 'sealers.json'), 'utf8'))
  const sealedBefore = checkSeals(before, sealers)
  const { faults } = readBook(all, sealedBefore.sealedAt)
  const added = files.map((file): Seal => {
    const path = relative(
      folder,
      isAbsolute(file) ? file : join(folder, file.replace(/^policies\//, '')),
    )
    const source = all.find((each) => each.path === path)
    if (source === undefined) throw refused(`there is no policy or list file \`${path}\``)
    const fault = faults.find((each) => each.path === path)
    if (fault !== undefined) throw refused(`${path}${fault.place}: ${fault.message}`)
    if (before.some((seal) => seal.path === path))
      throw refused(`\`${path}\` is sealed already; correct it by a file \`.r2.json\` beside it`)
    const sha256 = createHash('sha256').update(source.text).digest('hex')
    const content = { path, sha256, sealedAt, why }
    return { ...content, signatures: keys.map((key) => signSeal(content, key)) }
  })
  const tampered = sealedBefore.faults.find(({ code }) => code === 'changed')
  if (tampered !== undefined) throw refused(`${tampered.path}: ${tampered.message}`)
  const seals = [...before, ...added]
  const [wrong] = checkSeals(seals, sealers).faults
  if (wrong !== undefined) throw refused(wrong.message)
  writeFileSync(sealsFile, `${JSON.stringify(seals, null, 2)}\n`)
  const digests = seals.map(({ sha256, path }) => `${sha256}  ${path}\n`)
  writeFileSync(join(folder, 'seals.sha256'), digests.join(''))
  return added.map(({ path }) => path)
}

const refused = (message: string) => new Failure(message, exitCodes.invalidPolicy)
