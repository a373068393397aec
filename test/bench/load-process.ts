/** Load from a process of its own: `node load-process.ts URL FILE CONNECTIONS SECONDS`. */

import { readFileSync } from 'node:fs'
import { send } from './load.ts'

const [, , url = '', file = '', connections, seconds] = process.argv
const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1)
const calls = lines.map((line) => {
  const [authorization = '', body = ''] = line.split('\t')
  return { authorization, body }
})
process.send?.(await send(url, calls, Number(connections), Number(seconds)))
process.once('disconnect', () => process.exit(0))
