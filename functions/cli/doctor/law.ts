/** The doctor's look at the policies: whether they can be read, whose seals count, what is about to change. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { foundLaw, lawToRun, readPolicies } from '../../adapters/policies-files.ts'
import type { Book } from '../../policy/book.ts'
import { judge } from '../../policy/check-seals.ts'
import { isDemonstrationKey } from '../../policy/demonstration.ts'
import { inForce } from '../../policy/history.ts'
import { releaseKeySchema, sealerSchema } from '../../policy/sealers.ts'
import { counted } from '../../terminal/counted.ts'
import { timeline } from '../../workbench/law/timeline.ts'
import { type Check, daysAhead, fault, listSome, ok, reason, warning } from './check.ts'

/** Checks a folder of policies at a moment; gives the book, too, if it could be read. */
export function checkLaw(
  folder: string,
  now: Date,
): { readonly checks: readonly Check[]; readonly book?: Book } {
  try {
    const { book, faults } = readPolicies(folder)
    const checks = [
      checkFaults(book, faults, now),
      checkSealers(folder),
      checkSet(folder),
      checkDrafts(book, folder),
      checkAhead(book, now),
    ]
    return { checks, book }
  } catch (error) {
    const fix = 'put the folder as it was: `git status policies` says what changed'
    return { checks: [fault('Policies', `couldn’t read them: ${reason(error)}`, fix)] }
  }
}

function checkFaults(
  book: Book,
  faults: ReturnType<typeof readPolicies>['faults'],
  now: Date,
): Check {
  const at = now.toISOString()
  const { policies, listVersions } = inForce(book, at, at)
  const [first] = faults
  if (first !== undefined)
    return fault(
      'Policies',
      `${counted(faults.length, 'fault')}, and a gateway does not start with one: ${first.path}${first.place}: ${first.message}`,
      'run `comity policy check`, which says how to mend each',
    )
  const found = `${counted(policies.length, 'policy', 'policies')} and ${counted(listVersions.length, 'list')} in force today, sealed`
  return policies.length > 0
    ? ok('Policies', found)
    : fault('Policies', found, 'seal some: without a policy everything is denied')
}

function checkSealers(folder: string): Check {
  const sealers = z.array(sealerSchema).parse(jsonOf(folder, 'sealers.json'))
  const named = sealers.map(({ kid, role }) => `${kid} (${role})`)
  const found = `seals of ${listSome(named)} count`
  return sealers.some(({ jwk }) => isDemonstrationKey(jwk?.x))
    ? warning(
        'Sealers',
        `${found}: demonstration keys, with which anybody can seal`,
        'outside a trial, put your own sealers in policies/sealers.json and begin your own chains: `comity policy begin`',
      )
    : ok('Sealers', found)
}

/** Whether a gateway would start on the folder: it starts only on a set that release keys signed. */
function checkSet(folder: string): Check {
  const found = lawToRun(folder)
  const { faults, sealed, counting } = judge(found)
  const [first] = faults
  if (first !== undefined)
    return fault(
      'Set of the law',
      `${first.path}${first.place}: ${first.message}`,
      first.fix ?? 'run `comity policy check`, which says how to mend it',
    )
  const keys = z.array(releaseKeySchema).parse(found.releaseKeys)
  const fresh = [...sealed.keys()].filter((path) => !counting.has(path))
  const says = `${counted(counting.size, 'sealed file')}, signed with release keys`
  if (keys.some(({ jwk }) => isDemonstrationKey(jwk.x)))
    return warning(
      'Set of the law',
      `${says}: demonstration keys, with which anybody can sign a set`,
      'outside a trial, put your own in policies/release-keys.json and sign with `comity policy set`',
    )
  return fresh.length === 0
    ? ok('Set of the law', says)
    : warning(
        'Set of the law',
        `${says}; not in it yet: ${listSome(fresh)}`,
        'let a release sign the next set: `comity policy set`',
      )
}

function checkDrafts({ policies, lists }: Book, folder: string): Check {
  const drafts = [...policies, ...lists].filter(({ sealedAt }) => sealedAt === undefined)
  const named = drafts.map(({ id, version }) => `${id}@${version}`)
  const { waiting } = judge(foundLaw(folder))
  if (waiting.size > 0)
    return warning(
      'Drafts',
      `${listSome([...waiting.keys()])}: one person signed, and it does not count yet`,
      'let the second sign: `comity policy seal`',
    )
  return ok('Drafts', drafts.length === 0 ? 'none' : `${listSome(named)}: not in force`)
}

/** What begins or ends soon, so that nobody is surprised by a day. */
function checkAhead(book: Book, now: Date): Check {
  const looked = `Next ${daysAhead} days`
  const today = now.toISOString().slice(0, 10)
  const last = new Date(now.getTime() + daysAhead * 86_400_000).toISOString().slice(0, 10)
  const strips = timeline(book, today)
  const begins = strips.flatMap(({ id, versions }) =>
    versions
      .filter(({ from, state }) => state === 'to come' && from <= last)
      .map(({ from, version }) => `${id}@${version} begins on ${from}`),
  )
  const ends = strips.flatMap(({ id, entries }) =>
    entries
      .filter(({ who, until, state }) => {
        if (state !== 'in force' || until === undefined || until > last) return false
        // An entry does not end if another entry continues it.
        return !entries.some((each) => each.who === who && (each.until ?? '9999') > until)
      })
      .map(({ who, until }) => `${who} is on ${id} until ${until} only`),
  )
  if (ends.length > 0)
    return warning(
      looked,
      listSome([...ends, ...begins]),
      'if the law goes on, enter it: start a draft on `comity desk`',
    )
  return ok(looked, begins.length === 0 ? 'no version begins, no entry ends' : listSome(begins))
}

const jsonOf = (folder: string, name: string): unknown =>
  JSON.parse(readFileSync(join(folder, name), 'utf8'))
