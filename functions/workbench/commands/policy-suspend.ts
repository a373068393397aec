/** `comity policy suspend`: one person stops what a version permits, a second confirms it. */

import type { Command } from 'commander'
import type { LocalGateway } from '../../adapters/log-export.ts'
import { lawToRun } from '../../adapters/policies-files.ts'
import type { Runnable } from '../../policy/carried.ts'
import { type LawBody, type LawState, versionKey } from '../../policy/law-chain.ts'
import { run } from '../../policy/read-book.ts'
import { whySchema } from '../../policy/sealers.ts'
import { missingRole, type Signature, signedBy } from '../../policy/signed.ts'
import { confirmDays, currentOf, type Suspended, spanOf } from '../../policy/suspension.ts'
import { confirm } from '../../terminal/ask.ts'
import { printed } from '../../terminal/columns.ts'
import { misuse } from '../../terminal/exit.ts'
import { type Chosen, choose, type LawRead, readLaw, wholeBook } from './choose.ts'
import { asJson, type SigningOptions, telling } from './law-act.ts'
import { holding, next, withLawChain } from './law-chain.ts'
import { startable } from './policy-set.ts'
import { type Key, keysFor, refused } from './signing.ts'

type Options = SigningOptions & { readonly lift?: true }

/** Adds `suspend` and `suspended` to the policy commands. */
export function addPolicySuspend(policy: Command, folder: string, place: LocalGateway): void {
  policy
    .command('suspend')
    .description('Stop what a sealed version permits; its refusals and redactions go on.')
    .argument('<version>', 'a file, or an id such as de/bkag@2026-02-14')
    .requiredOption('--key <file...>', 'your private key; or those of both who sign')
    .option('--why <sentence>', 'why; the first of two says it')
    .option('--lift', 'end a suspension; two people sign that')
    .option(
      '--deployed <file>',
      'a deployed gateway: the table of its register, or its database, as JSON',
    )
    .option('--dry-run', 'only say what would be stated')
    .option('--yes', 'sign without being asked to type the version')
    .option(...asJson)
    .addHelpText(
      'after',
      `
One signature suspends, for ${confirmDays} days. The other of legal and data protection confirms it by the same
command before then, or it ends. Every gateway that runs knows it within a minute: nothing is deployed.`,
    )
    .action(async (name: string, options: Options) => {
      const now = new Date().toISOString()
      const law = readLaw(folder)
      const chosen = choose(law, name, now)
      const { path, sha256 } = suspendable(chosen)
      const trusted = startable(() => run(lawToRun(folder)))
      const keys = keysFor(path, options.key, trusted.sealers)
      await withLawChain(
        place,
        options.deployed,
        trusted,
        options.key,
        async ({ followed, add }) => {
          const state = holding(followed)
          const { show, end } = telling(options.json)
          if (options.lift === undefined) show(isInForce(chosen, law, trusted, state))
          const current = currentOf(state.suspensions.get(versionKey(path, sha256)) ?? [], now)
          const body = { ...bodyOf(options, current), path, sha256 } as LawBody
          if (body.act === 'confirm')
            refuseTwice((body.of === 'lift' ? current?.lift : current?.by) ?? [], keys)
          const signing = keys.map(({ key }) => key)
          const { statement, after } = next(state, body, signing, trusted, now)
          show([
            chosen.version.file.title,
            `${chosen.name}, SHA-256 ${sha256}`,
            options.lift
              ? 'With both signatures, what this version permits counts again.'
              : 'No permission of this version counts. Its refusals, redactions and duties go on.',
            `Why: ${'why' in body ? body.why : current?.why}`,
          ])
          const told = { act: body.act as 'suspend' | 'lift' | 'confirm', done: !options.dryRun }
          if (options.dryRun) return end({ ...told, of: [{ path, sha256, counts: false }] })
          await confirm([chosen.version.version], options.yes ?? false)
          await add(statement)
          // A suspension counts at once; a lift once both have signed it.
          const waits = waitsFor(after, path, sha256)
          const counts = body.act !== 'lift' || waits === undefined
          const of = [{ path, sha256, counts, ...(waits && { waitsFor: waits }) }]
          end({ ...told, of, statement: statement.number }, [
            `${outcome(chosen.name, after, path, sha256)}: statement ${statement.number}`,
          ])
        },
      )
    })
  addSuspended(policy, folder, place)
}

function addSuspended(policy: Command, folder: string, place: LocalGateway): void {
  policy
    .command('suspended')
    .description('List what is suspended, until when, and who has signed.')
    .option(
      '--deployed <file>',
      'a deployed gateway: the table of its register, or its database, as JSON',
    )
    .option(...asJson)
    .action(async ({ deployed, json }: { readonly deployed?: string; readonly json?: true }) => {
      const trusted = startable(() => run(lawToRun(folder)))
      const now = new Date().toISOString()
      await withLawChain(place, deployed, trusted, [], async ({ followed }) => {
        const { suspensions, tip, stop } = holding(followed)
        const all = [...suspensions].flatMap(([key, own]) => {
          const current = currentOf(own, now)
          const [path = '', sha256 = ''] = key.split(' ')
          return current === undefined ? [] : [{ path, sha256, current }]
        })
        const suspended = all.map(({ path, sha256, current }) => ({
          ...{ path, sha256, from: current.from, why: current.why, until: spanOf(current).until },
          signedBy: current.by.map(({ by }) => by.role),
          liftSignedBy: current.lift?.map(({ by }) => by.role),
        }))
        const stopped = stop && { from: stop.statedAt, why: stop.body.why }
        printed(json, { tip, ...(stopped && { stopped }), suspended }, () => [
          ...(stopped ? [`Everything is stopped since ${stopped.from}: ${stopped.why}`] : []),
          ...(all.length === 0
            ? ['Nothing is suspended.']
            : all.map(({ path, current }) => `${path}: ${standing(current)}. ${current.why}`)),
        ])
      })
    })
}

/** The body of the statement: a suspension, a lift, or the second signature under one that waits. */
function bodyOf({ lift, why }: Options, current: Suspended | undefined) {
  if (lift !== undefined) {
    if (current === undefined) throw refused('couldn’t lift: it is not suspended')
    return current.lift === undefined
      ? { act: 'lift', why: reasonOf(why, 'lift') }
      : seconded('lift', why)
  }
  if (current === undefined) return { act: 'suspend', why: reasonOf(why, 'suspend') }
  if (spanOf(current).until === undefined)
    throw refused('couldn’t suspend: it is suspended already, until --lift ends it')
  return seconded('suspend', why, current.why)
}

/** Refuses keys of the role that has signed already: the second signer has the other role. */
function refuseTwice(first: readonly Signature[], keys: readonly Key[]): void {
  const [before] = first
  if (before !== undefined && keys.every(({ by }) => by.role === before.by.role))
    throw refused(
      `couldn’t sign: ${signedBy({ signatures: first })} has signed already; it waits for ${missingRole({ signatures: first })}`,
    )
}

function seconded(of: 'suspend' | 'lift', why: string | undefined, first?: string) {
  if (why !== undefined && why !== first)
    throw refused(
      `couldn’t sign: the first of two said why${first === undefined ? '' : `: “${first}”`}; leave --why away`,
    )
  return { act: 'confirm', of }
}

function reasonOf(why: string | undefined, act: string): string {
  const reason = whySchema.safeParse(why)
  if (reason.success) return reason.data
  throw misuse(
    `couldn’t ${act}: say why in a full sentence: --why "A court has stayed the article."`,
  )
}

/** The path and digest of a sealed version of a policy. */
function suspendable({ name, kind, version }: Chosen): { path: string; sha256: string } {
  if (kind === 'list')
    throw misuse(
      `couldn’t suspend \`${name}\`: a list permits nothing; suspend the policies that read it`,
    )
  if (version.sealedAt === undefined)
    throw refused(`couldn’t suspend \`${name}\`: it is a draft, and permits nothing`)
  return { path: `${version.id}/${version.version}.json`, sha256: version.digest }
}

/**
 * Refuses a version that a correction has replaced wherever a gateway may start: what is released rests on
 * the correction. Below the floor no gateway starts; above it, a correction may run nowhere yet.
 */
function isInForce(
  { name, version: { id, day, revision } }: Chosen,
  law: LawRead,
  { folders }: Runnable,
  { floor }: LawState,
): readonly string[] {
  const later = wholeBook(law)
    .policies.filter(
      (each) =>
        each.id === id &&
        each.day === day &&
        each.revision > revision &&
        each.sealedAt !== undefined,
    )
    .toSorted((one, other) => other.revision - one.revision)
  const [newest] = later
  if (newest === undefined) return []
  const everywhere = later.find((each) => {
    const path = `${each.id}/${each.version}.json`
    const sealed = folders.get(each.folder)?.counted.find(({ body }) => body.path === path)?.number
    return sealed === undefined || sealed <= (floor?.heads[each.folder]?.number ?? sealed)
  })
  if (everywhere !== undefined)
    throw refused(
      `couldn’t suspend \`${name}\`: a correction took its place; suspend \`${id}@${everywhere.version}\``,
    )
  return [`A correction waits to run: where it does, suspend ${id}@${newest.version}, too.`]
}

/** Until when a suspension lasts, and whose signature is missing. */
function standing(current: Suspended): string {
  const { until } = spanOf(current)
  const signed = { signatures: current.by }
  const lift =
    current.lift === undefined
      ? ''
      : `; its lift waits for ${missingRole({ signatures: current.lift })}`
  if (until === undefined) return `suspended since ${current.from}, until it is lifted${lift}`
  const by = current.by.length === 0 ? 'two people confirm' : `${missingRole(signed)} confirms`
  const first = current.by.length === 0 ? '' : ` by ${signedBy(signed)}`
  return `suspended since ${current.from}${first}: ${by} it before ${until}, or it ends${lift}`
}

/** Whose signature the last suspension of a version waits for, or its lift; undefined if for nobody's. */
function waitsFor({ suspensions }: LawState, path: string, sha256: string): string | undefined {
  const last = suspensions.get(versionKey(path, sha256))?.at(-1)
  if (last === undefined || isOver(last)) return undefined
  if (last.lift !== undefined) return missingRole({ signatures: last.lift })
  return spanOf(last).until === undefined ? undefined : missingRole({ signatures: last.by })
}

const isOver = (last: Suspended): boolean =>
  spanOf(last).until !== undefined && last.ends.length > 1

/** What the statement changed, in words. */
function outcome(name: string, { suspensions }: LawState, path: string, sha256: string): string {
  const last = suspensions.get(versionKey(path, sha256))?.at(-1)
  if (last === undefined) return `lifted ${name}`
  return isOver(last) ? `lifted ${name}` : `${name}: ${standing(last)}`
}
