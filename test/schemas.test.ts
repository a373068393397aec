/** The JSON Schemas that editors use are those that the gateway checks with. */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { caseFileSchema } from '../functions/decision/cases.ts'
import { editorSchemas } from '../functions/policy/policy.ts'

const folder = join(import.meta.dirname, '../policies')
const schemas = {
  ...editorSchemas(),
  'policy-test.schema.json': z.toJSONSchema(caseFileSchema, { io: 'input' }),
}

/** `UPDATE=1 npx vitest run test/schemas.test.ts` writes them anew. */
test.each(Object.entries(schemas))('an editor checks with the %s of today', (name, schema) => {
  const text = `${JSON.stringify(schema, null, 2)}\n`
  if (process.env.UPDATE === '1') writeFileSync(join(folder, name), text)
  expect(readFileSync(join(folder, name), 'utf8')).toBe(text)
})
