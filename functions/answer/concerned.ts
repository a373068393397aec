/** Whom and what a scope is about: its requests are found, and named by what they asked for. */

import type { CaseName, Scope } from '../decision/attestation.ts'
import { isSameCase } from '../decision/attested.ts'
import { identifiersFor } from '../decision/record.ts'
import type { Agency } from '../identity/register.ts'
import type { KeptAttestation, Stored, World } from '../ports.ts'
import { matterIn, requestIn } from './matter.ts'
import { type Opened, openKept } from './opened.ts'

/** Whom it is about, by pseudonym, and of a matter its case. */
export type Concerning = Pick<KeptAttestation, 'persons' | 'inCase'>
/** What is kept of that. */
export const concerning = ({ persons, inCase }: Concerning): Concerning => ({
  ...(persons === undefined ? {} : { persons }),
  ...(inCase === undefined ? {} : { inCase }),
})

/** A scope as it is kept, whom and what it is about, and whose key its entry is kept under. */
type About = Concerning & {
  readonly scope: Scope
  readonly subject: string | { readonly pseudonym: string }
}

/** A request that the scope names is none of this holder, requester and case. */
export type NoSuchMatter = { readonly kind: 'no-such-matter'; readonly pointer: string }

/**
 * The scope with its matter by the id of the first request, its persons by what they were asked for,
 * and whose key its entry is kept under: that of the person, where it is about one alone.
 */
export async function scopeOf(
  { holder, scope }: { readonly holder: string; readonly scope: Scope },
  world: Pick<World, 'ledger' | 'subjectKeys'>,
): Promise<About | NoSuchMatter> {
  switch (scope.kind) {
    case 'matter': {
      const found = await requestOf(scope.matter, holder, world)
      if (found === undefined) return { kind: 'no-such-matter', pointer: '/scope/matter' }
      const { id } = matterIn(found.stored, found.opened)
      const { asked: pseudonym } = found.opened.subject
      const ofMatter = { persons: [pseudonym], inCase: caseIn(found.opened) }
      return { scope: { kind: 'matter', matter: id }, ...ofMatter, subject: { pseudonym } }
    }
    case 'case': {
      const { requester, caseReference, persons } = scope
      const named: string[] = []
      for (const [i, id] of (persons ?? []).entries()) {
        const found = await requestOf(id, holder, world)
        if (found === undefined || !isOfCase(found.opened, scope))
          return { kind: 'no-such-matter', pointer: `/scope/persons/${i}` }
        named.push(found.opened.subject.asked)
      }
      const [only, ...others] = new Set(named)
      const subject =
        only !== undefined && others.length === 0
          ? { pseudonym: only }
          : `case:${requester}:${caseReference}`
      return { scope, subject, ...(only === undefined ? {} : { persons: [only, ...others] }) }
    }
    case 'general':
      return { scope, subject: `standing:${scope.requester}` }
  }
}

/** What a scope concerns, of those who were not erased since; nothing if it names nobody. */
export async function concerned(
  scope: Scope,
  holder: string,
  world: Pick<World, 'ledger' | 'subjectKeys'>,
): Promise<Concerning> {
  const found = await requestsOf(scope, holder, world)
  if (found === undefined) return {}
  const [first] = found
  return {
    persons: [...new Set(found.map(({ subject }) => subject.asked))],
    ...(scope.kind === 'matter' && first !== undefined ? { inCase: caseIn(first) } : {}),
  }
}

/**
 * By what else, by pseudonym, those may be asked for whom a scope names, or requests by which they were added:
 * a name as it may be written otherwise, and all that the records which were found then had, whatever they are
 * called since. It counts for what is against a disclosure alone.
 */
export async function knownAs(
  { scope, added = [] }: Pick<KeptAttestation, 'scope' | 'added'>,
  holder: Agency,
  world: Pick<World, 'ledger' | 'subjectKeys' | 'secrets'>,
): Promise<readonly string[]> {
  const pseudonym = (identifier: string) => world.secrets.pseudonym(holder.jurisdiction, identifier)
  const named = (await requestsOf(scope, holder.id, world)) ?? []
  const others = await openedOf(added, holder.id, world)
  return [...named, ...others].flatMap((opened) => [
    ...identifiersFor(requestIn(opened).subject).map(pseudonym),
    ...opened.subject.found.flat(),
  ])
}

/** The requests that a scope names, of which no person was erased since; undefined if it names none. */
async function requestsOf(
  scope: Scope,
  holder: string,
  world: Pick<World, 'ledger' | 'subjectKeys'>,
): Promise<readonly Opened[] | undefined> {
  const ids =
    scope.kind === 'matter' ? [scope.matter] : scope.kind === 'case' ? scope.persons : undefined
  return ids === undefined ? undefined : openedOf(ids, holder, world)
}

async function openedOf(
  ids: readonly string[],
  holder: string,
  world: Pick<World, 'ledger' | 'subjectKeys'>,
): Promise<readonly Opened[]> {
  const all = await Promise.all(ids.map((id) => requestOf(id, holder, world)))
  return all.flatMap((each) => (each === undefined ? [] : [each.opened]))
}

const caseIn = ({ call, matter: { caseReference } }: Opened): CaseName => ({
  requester: call.agency,
  caseReference,
})

/** Whether a request is of a case. */
export const isOfCase = (opened: Opened, of: CaseName): boolean => isSameCase(caseIn(opened), of)

/**
 * A request of a holder's, by its id. Of whom it is about an office may say something though it is kept as
 * evidence only, so that a risk can be said; whoever is to act on the request itself opens it with `open`.
 */
export async function requestOf(
  id: string,
  holder: string,
  world: Pick<World, 'ledger' | 'subjectKeys'>,
  opening = openKept,
): Promise<{ readonly stored: Stored; readonly opened: Opened } | undefined> {
  const stored = await world.ledger.read(id)
  if (stored?.leaf.t !== 'decision' || stored.leaf.dryRun) return undefined
  const opened = await opening(stored, world)
  return opened === undefined || opened.matter.holder !== holder ? undefined : { stored, opened }
}
