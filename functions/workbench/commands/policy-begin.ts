/** `comity policy begin`: a deployment's own chains of seals, over what the demonstration's keys sealed. */

import { createHash } from 'node:crypto'
import type { Command } from 'commander'
import { foundLaw } from '../../adapters/policies-files.ts'
import { type Fault, isVersionPath, type SourceFile, saying } from '../../policy/book.ts'
import { checkChain, type FolderSeals, sealersFor } from '../../policy/check-seals.ts'
import { demonstrationSealers, isDemonstrationKey } from '../../policy/demonstration.ts'
import { folderOf } from '../../policy/seal.ts'
import { type Seal, type SealBody, type Sealer, whySchema } from '../../policy/sealers.ts'
import { type FoundLaw, judgeSealed } from '../../policy/set.ts'
import { missingRole, sealingKeySchema } from '../../policy/signed.ts'
import { confirm } from '../../terminal/ask.ts'
import { counted } from '../../terminal/counted.ts'
import { misuse } from '../../terminal/exit.ts'
import { readJson } from '../../terminal/files.ts'
import { asJson, type SigningOptions, telling } from './law-act.ts'
import { testPolicies } from './policy-test.ts'
import { anew, keySigner, type SealSigner, writeChains } from './seal-chain.ts'
import { keyFor, refused, sealersOf } from './signing.ts'

/** Adds `begin` to the policy commands. */
export function addPolicyBegin(policy: Command, folder: string): void {
  policy
    .command('begin')
    .description('Begin a deployment’s own chains of seals, over the law that stands.')
    .argument('[folders...]', 'such as de lists; all without')
    .requiredOption('--key <file...>', 'your private key; or those of both who sign')
    .option('--why <sentence>', 'why; the first of two says it')
    .option('--dry-run', 'only say what would be sealed')
    .option('--yes', 'sign without being asked to type the number of files')
    .option(...asJson)
    .addHelpText(
      'after',
      `
First put your own sealers into sealers.json, and your release keys into release-keys.json, in place of the
demonstration’s. Then each folder’s chain begins anew: exactly the files that the demonstration’s keys sealed there,
byte for byte, signed by your two. From then on a sealed file never changes, and a correction is a file
\`<day>.r2.json\` beside it. The other of you runs the same command, without --why. If it breaks off, or if your keys
are for some folders only, run it again: a folder that has begun stays as it is. Then sign a set (\`comity policy
set\`), and state the floor (\`comity policy floor\`): no set of the demonstration’s is at it.`,
    )
    .action(async (folders: string[], { key, why, dryRun, yes, json }: SigningOptions) => {
      const now = new Date().toISOString()
      const own = ownSealers(folder)
      const found = foundLaw(folder)
      const keys = key.map((file) => ({ file, key: readJson(file, sealingKeySchema) }))
      for (const { file, key } of keys)
        if (isDemonstrationKey(key.jwk.x))
          throw refused(`couldn’t begin: everybody has the private key in ${file}`)
      const signersOf = (name: string): readonly SealSigner[] =>
        keys
          .filter(({ key }) => sealersFor(name, own).some(({ kid }) => kid === key.kid))
          .map(({ file, key }) => keySigner(keyFor(name, file, key, own)))
      const stands = namesIn(found, folders).map((name) => standing(name, found, own, now))
      const { chains, lines } = begun(stands, signersOf, {
        ...{ why, now, own },
        named: folders.length > 0,
      })
      const all = [...chains.values()]
      const of = all.flatMap(sealedIn)
      refuseFailing(folder, new Set(of.map(({ path }) => path)))
      const { show, end } = telling(json)
      show(lines)
      if (dryRun) return end({ act: 'begin', done: false, of })
      await confirm([String(of.length)], yes ?? false)
      // Folder by folder, each whole: what is written when this breaks off stays, and the next run goes on from there.
      writeChains(folder, chains)
      const open = all.flatMap(({ waiting }) => waiting.slice(0, 1))
      end({ act: 'begin', done: true, of }, [
        `signed ${counted(of.length, 'seal')} of ${counted(chains.size, 'folder')}`,
        open[0] === undefined
          ? 'next: sign a set of it (`comity policy set`), then state the floor (`comity policy floor`)'
          : `they wait for ${missingRole(open[0])}, who runs the same command`,
      ])
    })
}

/** The deployment's sealers; refuses a list that still trusts the demonstration's. */
function ownSealers(folder: string): readonly Sealer[] {
  const own = sealersOf(folder)
  const shown = own.find(({ jwk }) => isDemonstrationKey(jwk?.x))
  if (shown === undefined && own.length > 0) return own
  throw refused(
    `couldn’t begin: sealers.json ${shown === undefined ? 'names nobody' : `trusts \`${shown.kid}\`, whose private key everybody has`}; put your own sealers in its place`,
  )
}

/** The folders that were named, or all that have seals; refuses one without. */
function namesIn({ seals }: FoundLaw, named: readonly string[]): readonly string[] {
  for (const name of named)
    if (!Object.hasOwn(seals, name))
      throw refused(`couldn’t begin: nothing is sealed in \`${name}\``)
  return named.length === 0 ? Object.keys(seals) : [...new Set(named)]
}

/** How a folder stands: sealed by the demonstration, begun by one of the deployment's two, or begun by both. */
type Standing = { readonly name: string } & (
  | { readonly by: 'demonstration'; readonly bodies: readonly SealBody[]; readonly left: number }
  | { readonly by: 'one' | 'both'; readonly chain: FolderSeals }
)

/** Looks at a folder's chain; refuses one with a fault, or of which a file is not as it was sealed. */
function standing(name: string, found: FoundLaw, own: readonly Sealer[], now: string): Standing {
  const chain = checkChain(name, found.seals[name], own)
  if (chain.faults.length === 0 && chain.links.length > 0) {
    refuseOtherBytes(name, found, chain)
    const isBegun = chain.waiting.length > 0 && chain.counted.length === 0
    if (isBegun) refuseOthers(name, chain.links)
    return { name, by: isBegun ? 'one' : 'both', chain }
  }
  const shipped = checkChain(name, found.seals[name], demonstrationSealers)
  const [bad] = shipped.faults
  if (bad !== undefined)
    throw refused(
      `couldn’t begin: ${bad.path}${bad.place}: ${bad.message}: the chain is neither the demonstration’s nor yours`,
    )
  refuseOtherBytes(name, found, shipped)
  // What ends later is sealed until then: its end is stated anew, too.
  const stands = ({ path }: SealBody) =>
    Date.parse(shipped.sealed.get(path)?.retiredAt ?? '9999') > Date.parse(now)
  const bodies = shipped.counted.map(({ body }) => body).filter(stands)
  return { name, by: 'demonstration', bodies, left: draftsIn(name, found.files, bodies) }
}

/** Refuses a statement that no begin wrote: it seals all files of a folder at one moment, and for one reason. */
function refuseOthers(name: string, links: readonly Seal[]): void {
  const [first] = links
  const other = links.find(
    ({ statedAt, body: { why } }) => statedAt !== first?.statedAt || why !== first.body.why,
  )
  if (other === undefined) return
  const { path } = other.body
  throw refused(
    `couldn’t begin: the statement on ${path} is not of what began \`${name}\`; take it back: \`comity policy withdraw ${path}\``,
  )
}

/** How many files of the folder are not sealed by these: drafts, and what was retired. */
const draftsIn = (name: string, files: readonly SourceFile[], bodies: readonly SealBody[]) =>
  files.filter(
    ({ path }) =>
      isVersionPath(path) && folderOf(path) === name && !bodies.some((each) => each.path === path),
  ).length

/** Refuses a folder of which a sealed file, or one that waits, is gone or has other bytes. */
function refuseOtherBytes(name: string, found: FoundLaw, chain: FolderSeals): void {
  const files = new Map(
    found.files
      .filter(({ path }) => folderOf(path) === name)
      .map(({ path, text }) => [path, createHash('sha256').update(text).digest('hex')]),
  )
  const { faults } = judgeSealed(found, new Map([[name, chain]]), false, files)
  const waits = chain.waiting.find(
    ({ seal: { body } }) => body.act === 'seal' && files.get(body.path) !== body.sha256,
  )
  const bad: Fault | undefined =
    faults[0] ??
    (waits && {
      path: waits.seal.body.path,
      place: '',
      code: 'changed',
      message: 'the file is not what was signed',
      fix: 'put it back as it was',
    })
  if (bad !== undefined) throw refused(`couldn’t begin: ${bad.path}${bad.place}: ${saying(bad)}`)
}

type Saying = {
  readonly why: string | undefined
  readonly now: string
  readonly own: readonly Sealer[]
  /** Whether folders were named: then none is passed over. */
  readonly named: boolean
}

/** The chains to write, and what is said of each folder. */
function begun(
  stands: readonly Standing[],
  signersOf: (name: string) => readonly SealSigner[],
  saying: Saying,
): { readonly chains: ReadonlyMap<string, FolderSeals>; readonly lines: readonly string[] } {
  const chains = new Map<string, FolderSeals>()
  const lines: string[] = []
  for (const stand of stands) {
    const { name } = stand
    const signers = signersOf(name)
    const passed = passedOver(stand, signers)
    if (passed !== undefined && saying.named) throw refused(`couldn’t begin: ${passed}`)
    if (passed !== undefined) lines.push(`- ${passed}`)
    else if (stand.by === 'demonstration') {
      chains.set(name, over(name, stand.bodies, signers, saying))
      const left = stand.left === 0 ? '' : `; ${counted(stand.left, 'draft')} left out`
      const ends = stand.bodies.filter(({ act }) => act === 'retire').length
      const end = ends === 0 ? '' : `; ${counted(ends, 'of them ends', 'of them end')} later`
      lines.push(`- ${name}: ${counted(stand.bodies.length - ends, 'file')}${end}${left}`)
    } else if (stand.by === 'one') {
      chains.set(name, seconded(name, stand.chain, signers, saying))
      lines.push(...begunLines(name, stand.chain.links))
    }
  }
  if (chains.size > 0) return { chains, lines: ['Chains that begin anew, by folder:', ...lines] }
  throw refused(
    stands.every(({ by }) => by === 'both')
      ? `couldn’t begin: ${stands.length === 1 ? 'the folder has' : `all ${stands.length} folders have`} a chain of your own already; nothing was signed`
      : `couldn’t begin: ${lines[0]?.slice(2) ?? 'nothing is sealed here'}; nothing was signed`,
  )
}

/** What the first of two signed in a folder: the other signs this, and the demonstration's chain is there no more. */
function begunLines(name: string, links: readonly Seal[]): readonly string[] {
  const [first] = links
  return [
    `- ${name}: ${counted(links.filter(({ body }) => body.act === 'seal').length, 'file')}, as whoever began it said on ${first?.statedAt}: “${first?.body.why}”`,
    ...links.map(
      ({ body }) => `  ${body.act === 'seal' ? body.sha256 : `until ${body.from}`}  ${body.path}`,
    ),
  ]
}

/** Why nothing is signed in a folder; undefined if something is. */
function passedOver(stand: Standing, signers: readonly SealSigner[]): string | undefined {
  const { name } = stand
  if (stand.by === 'both') return `\`${name}\` has a chain of your own already`
  if (signers.length === 0) return `\`${name}\`: none of these keys may sign there`
  if (stand.by === 'demonstration') return undefined
  const [open] = stand.chain.waiting
  const isFirst = ({ by }: SealSigner) => open?.signatures.some((each) => each.by.role === by.role)
  return open !== undefined && signers.every(isFirst)
    ? `\`${name}\` waits for ${missingRole(open)}`
    : undefined
}

/** The chain of a folder over these files, in their order. */
function over(
  name: string,
  bodies: readonly SealBody[],
  signers: readonly SealSigner[],
  { why, now, own }: Saying,
): FolderSeals {
  const said = whySchema.safeParse(why)
  if (!said.success)
    throw misuse(
      'couldn’t begin: say why in a full sentence: --why "We seal the law by which we decide."',
    )
  const all = bodies.map((body) => ({ statedAt: now, body: { ...body, why: said.data } }))
  const links = anew(name, all, (link) => signers.map(({ sign }) => sign(link)))
  return whole(name, links, own)
}

/** The chain that one began, with the signatures of the other. */
function seconded(
  name: string,
  { links, waiting }: FolderSeals,
  signers: readonly SealSigner[],
  { why, now, own }: Saying,
): FolderSeals {
  const said = links[0]?.body.why
  if (why !== undefined && why !== said)
    throw refused(`couldn’t begin: whoever began \`${name}\` said why: “${said}”; leave --why away`)
  const signed = links.map((seal): Seal => {
    const own = waiting.find((each) => each.seal === seal)
    const added = signers.filter(
      ({ by }) => !own?.signatures.some((each) => each.by.role === by.role),
    )
    const signatures = added.map(({ sign }) => sign(seal, now))
    return { ...seal, signatures: [...seal.signatures, ...signatures] }
  })
  return whole(name, signed, own)
}

/** The chain as it will be read; refuses signatures that do not go together, such as two of one role. */
function whole(name: string, links: readonly Seal[], own: readonly Sealer[]): FolderSeals {
  const chain = checkChain(name, links, own)
  const [bad] = chain.faults
  if (bad !== undefined) throw refused(`couldn’t begin: ${bad.path}${bad.place}: ${bad.message}`)
  return chain
}

/** What is sealed in a chain, for programs. */
const sealedIn = ({ links, waiting }: FolderSeals) =>
  links.flatMap(({ body: { act, path, sha256 } }, i) => {
    if (act === 'retire') return []
    const open = waiting.find(({ seal }) => seal.number === i + 1)
    const waits =
      open === undefined ? { counts: true } : { counts: false, waitsFor: missingRole(open) }
    return [{ path, sha256, ...waits }]
  })

/** Refuses files whose own cases fail: alone, none of them could be sealed either. */
function refuseFailing(folder: string, paths: ReadonlySet<string>): void {
  const failing = testPolicies(folder, [], false).ran.filter(
    ({ path, failures }) => failures.length > 0 && paths.has(path.replace('.test.', '.')),
  )
  const [first] = failing
  if (first === undefined) return
  throw refused(
    `couldn’t begin: ${counted(failing.length, 'case does', 'cases do')} not pass: ${first.path}, “${first.each.name}”: ${first.failures[0]}; run \`comity policy test\``,
  )
}
