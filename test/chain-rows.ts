/** Statements of a chain in the store of a test, as an administrator can write over them and take them away. */

import { keptKey } from '../functions/adapters/dynamodb.ts'
import type { Store } from './dynalite.ts'

export const keyOfStatement = (chain: string, number: number) =>
  keptKey(chain, String(number).padStart(6, '0'))

export const putStatement = (
  { rows }: Pick<Store, 'rows'>,
  chain: string,
  number: number,
  statement: string,
) => rows.register.put({ ...keyOfStatement(chain, number), statement: { S: statement } })

export const removeStatement = ({ rows }: Pick<Store, 'rows'>, chain: string, number: number) =>
  rows.register.remove(keyOfStatement(chain, number))
