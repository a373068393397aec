/**
 * A second reading of who may state what in the register, written from the rules in `SECURITY.md` and not
 * from the code: it keeps sets of names, sees no signature, and knows signers by who they are.
 */

/** What is stated, with names in place of keys. */
export type Deed =
  | { readonly does: 'join' | 'change' | 'suspend' | 'resume' }
  | { readonly does: 'add' | 'revoke'; readonly key: string }
  | { readonly does: 'replace'; readonly key: string; readonly old: string }
  | { readonly does: 'end'; readonly right: string }
  | { readonly does: 'answer'; readonly stands: readonly string[] }
  /** Officers by name; they may look into the log, which is the right that the agency joins with. */
  | { readonly does: 'name' | 'unname'; readonly officer: string }

/** What the register says of the agency, by names. */
export type Sheet = {
  readonly hasJoined: boolean
  readonly isSuspended: boolean
  readonly good: ReadonlySet<string>
  readonly disputed: ReadonlySet<string>
  readonly gone: ReadonlySet<string>
  readonly rights: ReadonlySet<string>
  /** Undefined as long as it never named any. */
  readonly officers: ReadonlySet<string> | undefined
}

export const blank: Sheet = {
  hasJoined: false,
  isSuspended: false,
  good: new Set(),
  disputed: new Set(),
  gone: new Set(),
  rights: new Set(),
  officers: undefined,
}

/** The rights that the agency of the tests joins with. */
export const rightsAtFirst = ['attests', 'entersFor', 'succeeds', 'channel', 'role', 'holdsRecords']

const minus = (all: ReadonlySet<string>, ...some: readonly string[]) =>
  new Set([...all].filter((each) => !some.includes(each)))
const plus = (all: ReadonlySet<string>, ...some: readonly string[]) => new Set([...all, ...some])

/** The sheet afterwards; undefined where the deed may not be done by these. */
export function read(
  sheet: Sheet,
  deed: Deed,
  signers: readonly string[],
  registrars: readonly string[],
): Sheet | undefined {
  const clerks = new Set(signers.filter((each) => registrars.includes(each)))
  const others = signers.filter((each) => !registrars.includes(each))
  const twoClerksAlone = clerks.size >= 2 && others.length === 0
  const ever = new Set([...sheet.good, ...sheet.disputed, ...sheet.gone])
  // Nobody whom the register does not know may have signed along.
  if (others.some((each) => !ever.has(each))) return undefined
  if (deed.does === 'join')
    return twoClerksAlone && !sheet.hasJoined
      ? { ...blank, hasJoined: true, good: new Set(['k1', 'k2']), rights: new Set(rightsAtFirst) }
      : undefined
  if (!sheet.hasJoined) return undefined
  const allGood = others.every((each) => sheet.good.has(each))
  switch (deed.does) {
    case 'change':
      return twoClerksAlone ? { ...sheet, rights: new Set(rightsAtFirst) } : undefined
    case 'resume':
      return twoClerksAlone ? { ...sheet, isSuspended: false } : undefined
    case 'add':
      return twoClerksAlone && !ever.has(deed.key)
        ? { ...sheet, good: plus(sheet.good, deed.key) }
        : undefined
    case 'replace':
      return twoClerksAlone && !ever.has(deed.key) && ever.has(deed.old)
        ? { ...sheet, good: plus(sheet.good, deed.key) }
        : undefined
    case 'suspend':
      return allGood ? { ...sheet, isSuspended: true } : undefined
    case 'end':
      return allGood && sheet.rights.has(deed.right)
        ? { ...sheet, rights: minus(sheet.rights, deed.right) }
        : undefined
    case 'name':
      return clerks.size === 0 && new Set(others).size >= 2 && allGood && sheet.rights.has('role')
        ? { ...sheet, officers: plus(sheet.officers ?? new Set(), deed.officer) }
        : undefined
    case 'unname':
      return allGood && sheet.officers?.has(deed.officer)
        ? { ...sheet, officers: minus(sheet.officers, deed.officer) }
        : undefined
    case 'answer':
      return clerks.size > 0 &&
        others.length === 0 &&
        sheet.disputed.size > 0 &&
        deed.stands.every((each) => sheet.disputed.has(each))
        ? {
            ...sheet,
            disputed: new Set(),
            good: plus(sheet.good, ...deed.stands),
            gone: plus(sheet.gone, ...minus(sheet.disputed, ...deed.stands)),
          }
        : undefined
    case 'revoke': {
      const { key } = deed
      if (!sheet.good.has(key) && !sheet.disputed.has(key)) return undefined
      const accusers = others.filter((each) => each !== key)
      if (!accusers.every((each) => sheet.good.has(each))) return undefined
      if (clerks.size > 0 || others.includes(key))
        return {
          ...sheet,
          good: minus(sheet.good, key),
          disputed: minus(sheet.disputed, key),
          gone: plus(sheet.gone, key),
        }
      return {
        ...sheet,
        good: minus(sheet.good, key, ...accusers),
        disputed: plus(sheet.disputed, key, ...accusers),
      }
    }
  }
}
