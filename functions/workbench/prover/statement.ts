/**
 * Statements: sentences about all of the law, such as *nothing leaves where torture was found to be a real risk*. Each
 * has a file of its own, `statements/<id>.json`, and may read whatever a rule may read.
 */

import type { Book, Fault, SourceFile, TakeFault } from '../../policy/book.ts'
import { parseJson, placeOf } from '../../policy/json-fault.ts'
import type { Condition } from '../../policy/logic.ts'
import { type StatementFile, statementSchema } from '../../policy/policy.ts'
import { asker, shaped } from '../../policy/read-book.ts'

/** A statement with its conditions checked. */
export type CheckedStatement = {
  readonly id: string
  readonly path: string
  readonly file: StatementFile
  readonly holders: Condition
  readonly when: Condition
  readonly unless: Condition
  readonly knownAgainst: readonly Condition[]
}

/** Reads statements; leaves out each that has a fault, and returns every fault. */
export function readStatements(
  files: readonly SourceFile[],
  { lists }: Book,
): { readonly statements: readonly CheckedStatement[]; readonly faults: readonly Fault[] } {
  const faults: Fault[] = []
  const ids = new Set(lists.map(({ id }) => id))
  const statements = files.flatMap(({ path, text }): CheckedStatement[] => {
    const before = faults.length
    const fault: TakeFault = (place, code, message, fix) =>
      void faults.push({ path, place, code, message, ...(fix === undefined ? {} : { fix }) })
    const parsed = parseJson(text, 48)
    if ('fault' in parsed) {
      const { line, column } = placeOf(text, parsed.fault.offset)
      fault(`${line}:${column}`, 'json', parsed.fault.message)
      return []
    }
    const file = shaped(statementSchema, parsed.value, fault)
    if (file === undefined) return []
    const ask = asker(ids, fault)
    const holders = ask(file.holders ?? true, '/holders')
    if (holders.facts.some((name) => name !== 'holder.jurisdiction'))
      fault(
        '/holders',
        'fact',
        'whom a statement binds reads `holder.jurisdiction` and lists alone',
      )
    const read: CheckedStatement = {
      ...{ id: path.replace(/^.*\/|\.json$/g, ''), path, file, holders },
      when: ask(file.when ?? true, '/when'),
      unless: ask(file.unless ?? false, '/unless'),
      knownAgainst: (file.knownAgainst ?? []).map(({ when }, i) =>
        ask(when, `/knownAgainst/${i}/when`),
      ),
    }
    return faults.length === before ? [read] : []
  })
  return { statements, faults }
}

/** Every condition of a statement. */
export const conditionsOfStatement = ({
  holders,
  when,
  unless,
  knownAgainst,
}: CheckedStatement) => [...[holders, when, unless], ...knownAgainst]
