/** Whom and what a scope is about: finds the requests it names, and the identifiers those asked for. */

import type { CaseName, Scope } from '../../decision/attestation.ts'
import { isSameCase } from '../../decision/attested.ts'
import { identifiersFor } from '../../decision/record.ts'
import type { Agency } from '../../identity/register.ts'
import type { KeptAttestation, Stored, World } from '../../ports.ts'
import { type Opened, openKept, requestIn } from '../entries/reader.ts'
import { matterIn } from './matter.ts'
import { requesterId } from './requester.ts'

/** The persons it is about, by pseudonym, and for a matter its case. */
export type Concerning = Pick<KeptAttestation, 'persons' | 'inCase'>
/** The part of that which is kept. */
export const concerning = ({ persons, inCase }: Concerning): Concerning => ({
  ...(persons === undefined ? {} : { persons }),
  ...(inCase === undefined ? {} : { inCase }),
})

/** A scope as kept, whom and what it is about, and the subject whose key keeps its entry. */
type About = Concerning & {
  readonly scope: Scope
  readonly subject: string | { readonly pseudonym: string }
}

/** A request that the scope names is not of this holder, requester and case. */
export type NoSuchMatter = { readonly kind: 'no-such-matter'; readonly pointer: string }

/**
 * The scope, with its matter named by the id of the first request, its persons by what they were asked for,
 * and the subject whose key keeps the entry: the person's, if it is about one person alone.
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

/** The persons and case that a scope concerns, without persons erased since; nothing if it names nobody. */
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
 * Other identifiers, by pseudonym, of the persons named by a scope or by the requests in `added`: other
 * spellings of their names, and all identifiers of the records found at the time, whatever those are called
 * now. Only for statements against a disclosure.
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

/** The requests that a scope names, without those of persons erased since; undefined if it names none. */
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

const caseIn = (opened: Opened): CaseName => ({
  requester: requesterId(opened),
  caseReference: opened.matter.caseReference,
})

/** Whether a request belongs to a case. */
export const isOfCase = (opened: Opened, of: CaseName): boolean => isSameCase(caseIn(opened), of)

/**
 * A holder's request, by its id. It opens even if kept as evidence only, so that an office can still report a
 * risk about its person. A caller that acts on the request itself passes `open`.
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
