import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

/** What takes long, and every property that looks into as many cases as it is told. */
const files = readdirSync(join(import.meta.dirname, 'test'), { recursive: true, encoding: 'utf8' })
  .map((file) => `test/${file.replaceAll('\\', '/')}`)
  .filter((file) => file.endsWith('.test.ts'))
  .filter((file) => file.endsWith('.long.test.ts') || /\/runs\.ts'|COMITY_RUNS/.test(read(file)))

/** These change what all share, the runtime's own cryptography or timers. */
const apart = [
  'test/simulation/simulation.long.test.ts',
  'test/adapters/lookups-dynamodb.long.test.ts',
]

function read(file: string): string {
  return readFileSync(join(import.meta.dirname, file), 'utf8')
}

// biome-ignore lint/style/noDefaultExport: Vitest reads the default export.
export default defineConfig({
  test: {
    setupFiles: ['test/seed.ts'],
    // `COMITY_RUNS=<number>` looks into another number of cases.
    env: { COMITY_RUNS: process.env.COMITY_RUNS ?? '20000' },
    testTimeout: 3_600_000,
    hookTimeout: 300_000,
    // What is waited for ends the wait; a busy machine takes its time.
    expect: { poll: { timeout: 30_000 } },
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'together',
          include: files.filter((each) => !apart.includes(each)),
          isolate: false,
        },
      },
      { extends: true, test: { name: 'apart', include: apart } },
    ],
  },
})
