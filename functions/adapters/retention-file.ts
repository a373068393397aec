/** How long logs keep what they say of people, from the policies folder. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Period, retentionSchema } from '../policy/retention.ts'

/** The periods in `retention.json` of a folder of policies. Throws if the file is not as it must be. */
export function retentionPeriods(folder: string): readonly Period[] {
  const file = join(folder, 'retention.json')
  const read = retentionSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')))
  if (read.success) return read.data.periods
  const [issue] = read.error.issues
  throw new Error(`couldn’t read ${file}: /${issue?.path.join('/')}: ${issue?.message}`)
}
