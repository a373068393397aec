import { defineConfig } from 'vitest/config'

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
    include: ['test/**/*.test.ts'],
    // What takes long, alone more than some four seconds of a core, has a configuration of its own.
    exclude: ['test/**/*.long.test.ts'],
    // Reading our modules anew for each file was a third of the time.
    isolate: false,
  },
})
