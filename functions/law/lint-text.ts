/** What is wrong with a file as JSON text: everything at once, and what can still be read of it. */

import {
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser'
import { parseJson } from '../policy/json.ts'
import type { Note } from './finding.ts'

const syntax: Readonly<Record<string, readonly [message: string, fix: string]>> = {
  InvalidSymbol: [
    'this is not JSON',
    'put text between "quotes"; or write true, false or a number',
  ],
  InvalidNumberFormat: ['this is no number', 'write a number such as 12'],
  PropertyNameExpected: [
    'a name is missing here',
    'write a "name", or take away the comma before it',
  ],
  ValueExpected: ['a value is missing here', 'write a value, or take away the comma before it'],
  ColonExpected: ['a colon is missing here', 'put `:` between the name and its value'],
  CommaExpected: ['a comma is missing before this', 'put `,` between the two'],
  CloseBraceExpected: ['an object is not closed', 'put `}` where it ends'],
  CloseBracketExpected: ['a list is not closed', 'put `]` where it ends'],
  EndOfFileExpected: ['the file goes on after its end', 'take away what follows the last `}`'],
  InvalidCommentToken: ['JSON has no comments', 'take the comment away, or say it in `unchecked`'],
  UnexpectedEndOfComment: ['a comment is not closed', 'take the comment away'],
  UnexpectedEndOfString: ['a text is not closed', 'put `"` where it ends'],
  UnexpectedEndOfNumber: ['a number is not finished', 'write the whole number'],
  InvalidUnicode: ['this is no character', 'write `\\u` with four hexadecimal digits'],
  InvalidEscapeCharacter: ['this is no escape', 'write `\\\\` for a backslash'],
  InvalidCharacter: ['a text holds a line break or tab', 'write it in one line'],
}

/**
 * The value of a text, and undefined where too little can be read to go on. Comments and trailing
 * commas are faults, but they hide nothing else.
 */
export function readText(text: string, note: Note): { readonly value: unknown } | undefined {
  const errors: ParseError[] = []
  const root = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false })
  for (const [i, { error, offset }] of errors.entries()) {
    const before = errors[i - 1]
    const kind = printParseErrorCode(error)
    // One slip is one fault: what the parser says next of the same place is its echo.
    if (before?.offset === offset) continue
    if (before !== undefined && isEcho(printParseErrorCode(before.error), kind)) continue
    const [message, fix] = syntax[kind] ?? ['this is not JSON', 'mend it']
    note('', 'json', message, fix, { offset })
  }
  if (root === undefined) {
    if (errors.length === 0) note('', 'json', 'the file is empty', 'write a policy or list', {})
    return undefined
  }
  const before = errors.length + duplicates(root, note)
  const strict = parseJson(text, 48)
  if ('fault' in strict && before === 0)
    note('', 'json', strict.fault.message, 'take it away', { offset: strict.fault.offset })
  const grave: ParseError[] = []
  parseTree(text, grave, { disallowComments: false, allowTrailingComma: true })
  return grave.length > 0 ? undefined : { value: getNodeValue(root) }
}

const isEcho = (before: string, kind: string): boolean =>
  before === 'InvalidSymbol' && kind === 'ValueExpected'

/** Notes every name that stands twice in one object; how many there are. */
function duplicates(node: Node, note: Note): number {
  const children = node.children ?? []
  let count = 0
  if (node.type === 'object') {
    const seen = new Set<string>()
    for (const { children: [name] = [] } of children) {
      if (name === undefined) continue
      if (seen.has(name.value)) {
        count += 1
        note(
          '',
          'twice',
          `the name \`${name.value}\` stands twice in one object`,
          'keep one of the two',
          {
            offset: name.offset,
          },
        )
      }
      seen.add(name.value)
    }
  }
  return children.reduce((sum, child) => sum + duplicates(child, note), count)
}
