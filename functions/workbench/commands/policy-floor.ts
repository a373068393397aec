/** `comity policy floor`: the oldest set that a gateway may start on, signed with two release keys. */

import { join } from 'node:path'
import type { Command } from 'commander'
import { fileArchive } from '../../adapters/archive-files.ts'
import { s3Archive } from '../../adapters/archive-s3.ts'
import { lawPath } from '../../adapters/carried-law.ts'
import type { LocalGateway } from '../../adapters/log-export.ts'
import { lawToRun, packLaw } from '../../adapters/policies-files.ts'
import { floorOf } from '../../policy/floor.ts'
import { type FloorBody, isLower } from '../../policy/law-chain.ts'
import { run } from '../../policy/read-book.ts'
import { whySchema } from '../../policy/sealers.ts'
import type { LawSet } from '../../policy/set.ts'
import { confirm } from '../../terminal/ask.ts'
import { misuse } from '../../terminal/exit.ts'
import { asJson, type SigningOptions, telling } from './law-act.ts'
import { holding, next, withLawChain } from './law-chain.ts'
import { releaseKeyIn, startable } from './policy-set.ts'
import { refused } from './signing.ts'

/** Adds `floor` to the policy commands. */
export function addPolicyFloor(policy: Command, folder: string, place: LocalGateway): void {
  policy
    .command('floor')
    .description('State that nothing older than the signed set may start from now on.')
    .requiredOption('--key <file...>', 'both private release keys')
    .option('--why <sentence>', 'why the floor goes down; one that goes up needs no reason')
    .option('--everywhere', 'have all that run and are below take this set, too, within a minute')
    .option(
      '--deployed <file>',
      'a deployed gateway: the table of its register and its archive, or its database, as JSON',
    )
    .option('--dry-run', 'only say what would be stated')
    .option('--yes', 'sign without being asked to type the name of the set')
    .option(...asJson)
    .addHelpText(
      'after',
      `
A release states it once its canary has ended: until then the set before can come back. A gateway that runs
goes on; one that starts refuses a set that is below. With --everywhere, the law of the set is put into the
archive under its digest, and whoever is below takes it from there: so a correction needs no deployment. One that
cannot permits nothing until it can.`,
    )
    .action(
      async ({
        key,
        why,
        everywhere,
        deployed,
        dryRun,
        yes,
        json,
      }: SigningOptions & { readonly everywhere?: true }) => {
        const found = lawToRun(folder)
        const law = startable(() => run(found))
        const keys = key.map((file) => releaseKeyIn(file, law.releaseKeys))
        await withLawChain(place, deployed, law, key, async ({ followed, archive, add }) => {
          const state = holding(followed)
          const body = floorOf(law.set, { why, everywhere })
          refuse(body, state.floor, keys.length)
          const { statement } = next(state, body, keys, law, new Date().toISOString())
          const { show, end } = telling(json)
          show([
            ...floorLines(law.set, body, state.floor),
            ...(everywhere ? ['Whoever runs on less takes this set within a minute.'] : []),
          ])
          const of = [{ set: body.set, counts: !dryRun }]
          if (dryRun) return end({ act: 'floor', done: false, of })
          const name = body.set.slice(0, 12)
          await confirm([name], yes ?? false)
          // Before the floor is stated, so that a gateway that must take the set finds it.
          if (everywhere)
            await archiveOf(place.data, deployed, archive).put(lawPath(body.set), packLaw(found))
          await add(statement)
          end({ act: 'floor', done: true, of, statement: statement.number }, [
            `the floor is the set ${name}, as statement ${statement.number}`,
          ])
        })
      },
    )
}

/** Where sets are kept: the local archive, or the bucket, or folder with a slash, that the file of a deployment names. */
function archiveOf(data: string, deployed: string | undefined, archive: string | undefined) {
  const files = (folder: string) => fileArchive(folder, () => `law-${process.pid}`)
  if (deployed === undefined) return files(join(data, 'log'))
  if (archive?.includes('/')) return files(archive)
  if (archive !== undefined) return s3Archive(archive)
  throw misuse(`couldn’t put the set where it is taken from: ${deployed} names no \`archive\``)
}

function refuse(body: FloorBody, before: FloorBody | undefined, keys: number): void {
  if (keys < 2) throw refused('couldn’t state the floor: two release keys sign it: --key A B')
  const isEverywhere = body.act === 'floor' && body.everywhere
  if (before?.set === body.set && !isEverywhere)
    throw refused('couldn’t state the floor: it is this set already')
  if (
    before !== undefined &&
    isLower(body.heads, before.heads) &&
    !whySchema.safeParse(body.why).success
  )
    throw misuse(
      'couldn’t state the floor: it goes down; say why in a full sentence: --why "The last set denied too much."',
    )
}

/** From which seal to which the floor moves, folder by folder. */
function floorLines({ folders }: LawSet, body: FloorBody, before: FloorBody | undefined) {
  const then = before?.heads ?? {}
  const names = [...new Set([...Object.keys(then), ...Object.keys(folders)])].sort()
  return [
    before === undefined ? 'The first floor.' : `The floor was the set ${before.set.slice(0, 12)}.`,
    ...names
      .filter((name) => then[name]?.digest !== body.heads[name]?.digest)
      .map(
        (name) =>
          `- ${name}: seal ${body.heads[name]?.number ?? 0} (${then[name]?.number ?? 0} before)`,
      ),
    ...(body.why === undefined ? [] : [`Why: ${body.why}`]),
  ]
}
