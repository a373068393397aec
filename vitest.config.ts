import { defineConfig } from 'vitest/config'

/** These change what all share, the runtime's own cryptography or timers. */
const apart = ['test/simulation/**/*.test.ts', 'test/adapters/lookups-dynamodb.test.ts']

// biome-ignore lint/style/noDefaultExport: Vitest reads the default export.
export default defineConfig({
  test: {
    setupFiles: ['test/seed.ts'],
    // Real servers start in some tests, and a build machine has two cores: a third worker fills the time in which
    // another waits for a store that hangs.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What is waited for ends the wait; a busy machine takes its time.
    expect: { poll: { timeout: 30_000 } },
    maxWorkers: 3,
    projects: [
      {
        extends: true,
        test: {
          name: 'together',
          include: ['test/**/*.test.ts'],
          // What takes long has a configuration of its own.
          exclude: [...apart, 'test/**/*.long.test.ts'],
          // Reading our modules anew for each file was a third of the time.
          isolate: false,
        },
      },
      { extends: true, test: { name: 'apart', include: apart } },
    ],
  },
})
