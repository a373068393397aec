/** What a gateway on one machine takes of its memory, however much it was asked. */

import { readFileSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { examples } from '../../functions/demo/demonstration.ts'
import { removeFolders, startLocal, temporaryFolder } from './process.ts'

afterAll(removeFolders)

/** Requests, those at once, and the most memory that the process may ever have had, MB. */
const [requests, atOnce, memoryMax] = [3000, 8, 400]

/** The most that a process of Linux ever had in memory, MB. */
const mostOf = (pid: number): number =>
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024

// Kills: `npm start` without its limits, where the heap grew to three times what it kept; iterators of the store that
// nobody closes.
test.skipIf(process.platform !== 'linux')(
  '`npm start` takes at most 400 MB after 3,000 requests',
  { timeout: 600_000 },
  async () => {
    const gateway = await startLocal({ data: temporaryFolder() })
    let next = 0
    const client = async () => {
      for (let i = next++; i < requests; i = next++) {
        const example = examples[i % examples.length]
        if (example === undefined) throw new Error('no example')
        const body = { ...example.request, caseReference: `MANY-${i}` }
        const call = { method: 'POST', path: '/v1/access-requests', body }
        const response = await gateway.send(example.agency, example.officer, call)
        expect(response.status).toBe(201)
        await response.arrayBuffer()
      }
    }
    await Promise.all(Array.from({ length: atOnce }, client))
    expect(mostOf(gateway.pid)).toBeLessThan(memoryMax)
    await gateway.interrupt()
  },
)
