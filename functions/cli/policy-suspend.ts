/** `comity policy suspend`: one person stops what a version permits, a second confirms it. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { type Suspension, suspensionSchema } from '../policy/policy.ts'
import { missingRole, type Signed, signedBy, signStatement } from '../policy/signed.ts'
import {
  checkSuspensions,
  confirmDays,
  covers,
  lapseOf,
  type Suspended,
  suspending,
} from '../policy/suspension.ts'
import { confirm } from './ask.ts'
import { type Chosen, choose, wholeBook } from './choose.ts'
import { exitCodes, Failure } from './exit.ts'
import { type Key, keysFor, readStatements, refused, sealersOf } from './signing.ts'

type Options = {
  readonly key: readonly string[]
  readonly why?: string
  readonly lift?: true
  readonly yes?: true
}

/** Adds `suspend` to the policy commands. */
export function addPolicySuspend(policy: Command, folder: string): void {
  policy
    .command('suspend')
    .description('Stop what a sealed version permits; its refusals and redactions go on.')
    .argument('<version>', 'a file, or an id such as de/bkag@2026-02-14')
    .requiredOption('--key <file...>', 'your private key; or those of both who sign')
    .option('--why <sentence>', 'why; the first of two says it')
    .option('--lift', 'end a suspension; two people sign that')
    .option('--yes', 'sign without being asked to type the version')
    .addHelpText(
      'after',
      `
One signature suspends at once, for ${confirmDays} days. The other of legal and data protection confirms it by the
same command before then, or it ends. The gateway reads it when it starts next: deploy it.`,
    )
    .action(async (name: string, options: Options) => {
      const now = new Date().toISOString()
      const chosen = choose(folder, name, now)
      const { path, digest } = suspendable(chosen)
      if (options.lift === undefined) isInForce(chosen, folder)
      const file = join(folder, 'suspensions.json')
      const before = readStatements(file, suspensionSchema)
      const sealers = sealersOf(folder)
      const checked = checkSuspensions(before, sealers)
      const [bad] = checked.faults
      if (bad !== undefined)
        throw refused(`couldn’t suspend: suspensions.json${bad.place}: ${bad.message}`)
      const current = checked.suspensionsOf(path, digest).find((each) => covers(each, now))
      const keys = keysFor(path, options.key, sealers)
      const statement = (options.lift ? lifting : suspended)(
        { path, sha256: digest, why: options.why, now },
        keys,
        current,
      )
      const all = before.some((each) => isSame(each, statement))
        ? before.map((each) => (isSame(each, statement) ? statement : each))
        : [...before, statement]
      const after = checkSuspensions(all, sealers)
      const [wrong] = after.faults
      if (wrong !== undefined) throw refused(`couldn’t suspend: ${wrong.message}`)
      console.log(
        [
          chosen.version.file.title,
          `${chosen.name}, SHA-256 ${digest}`,
          options.lift
            ? 'The suspension ends: what this version permits counts again.'
            : 'Suspended: no permission of this version counts. Its refusals, redactions and duties go on.',
          `Why: ${statement.why}`,
        ].join('\n'),
      )
      await confirm([chosen.version.version], options.yes ?? false)
      writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`)
      const made = after.suspensionsOf(path, digest).at(-1)
      if (made !== undefined) console.log(outcome(chosen.name, made, options.lift ?? false))
    })
}

/** The path and digest of a sealed version of a policy. */
function suspendable({ name, kind, version }: Chosen): { path: string; digest: string } {
  if (kind === 'list')
    throw new Failure(
      `couldn’t suspend \`${name}\`: a list permits nothing; suspend the policies that read it`,
      exitCodes.usage,
    )
  if (version.sealedAt === undefined)
    throw refused(`couldn’t suspend \`${name}\`: it is a draft, and permits nothing`)
  return { path: `${version.id}/${version.version}.json`, digest: version.digest }
}

/** Refuses a version that a correction replaced: what is released rests on the correction. */
function isInForce({ name, version: { id, day, revision } }: Chosen, folder: string): void {
  const later = wholeBook(folder).policies.find(
    (each) =>
      each.id === id && each.day === day && each.revision > revision && each.sealedAt !== undefined,
  )
  if (later !== undefined)
    throw refused(
      `couldn’t suspend \`${name}\`: a correction took its place; suspend \`${id}@${later.version}\``,
    )
}

type Asked = {
  readonly path: string
  readonly sha256: string
  readonly why: string | undefined
  readonly now: string
}

/** A new suspension, or the one that waits with its second signature. */
function suspended(asked: Asked, keys: readonly Key[], current: Suspended | undefined): Suspension {
  if (current === undefined) return stated('suspend', asked, keys)
  if (current.until === undefined)
    throw refused('couldn’t suspend: it is suspended already, until --lift ends it')
  return seconded(current, current.statement, asked, keys)
}

/** A new lift, or the one that waits with its second signature. */
function lifting(asked: Asked, keys: readonly Key[], current: Suspended | undefined): Suspension {
  if (current === undefined) throw refused('couldn’t lift: it is not suspended')
  if (current.lift === undefined) return stated('lift', asked, keys)
  return seconded(current.lift, current.lift.statement, asked, keys)
}

function stated(
  act: Suspension['act'],
  { path, sha256, why, now }: Asked,
  keys: readonly Key[],
): Suspension {
  const reason = suspensionSchema.shape.why.safeParse(why)
  if (!reason.success)
    throw new Failure(
      `couldn’t ${act}: say why in a full sentence: --why "A court has stayed the article."`,
      exitCodes.usage,
    )
  const content = { act, path, sha256, from: now, why: reason.data }
  const signatures = keys.map(({ key }) => signStatement(kind, suspending(content), key))
  return { ...content, signatures }
}

function seconded(
  signed: Signed,
  statement: Suspension,
  { why, now }: Asked,
  keys: readonly Key[],
): Suspension {
  const first = signedBy(signed)
  const added = keys.filter(({ by }) => !signed.signatures.some((each) => each.by.role === by.role))
  if (added.length === 0)
    throw refused(`couldn’t sign: ${first} has signed already; it waits for ${missingRole(signed)}`)
  if (why !== undefined && why !== statement.why)
    throw refused(`couldn’t sign: ${first} said why: “${statement.why}”; leave --why away`)
  const signatures = added.map(({ key }) => signStatement(kind, suspending(statement), key, now))
  return { ...statement, signatures: [...statement.signatures, ...signatures] }
}

const kind = 'comity-suspension+jws'

const isSame = (a: Suspension, b: Suspension): boolean =>
  a.act === b.act && a.path === b.path && a.sha256 === b.sha256 && a.from === b.from

/** What came of it. */
function outcome(name: string, made: Suspended, isLift: boolean): string {
  if (isLift)
    return made.lift === undefined
      ? `lifted ${name}`
      : `signed: the lift by ${signedBy(made.lift)} waits for ${missingRole(made.lift)}`
  return made.until === undefined
    ? `suspended ${name} until it is lifted`
    : `suspended ${name} by ${signedBy(made)}: ${missingRole(made)} confirms it before ${lapseOf(made.from)}, or it ends`
}
