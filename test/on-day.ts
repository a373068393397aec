/** The day on which the tests of a file run, for commands and pages that ask the machine's clock. */

import { afterAll, beforeAll, vi } from 'vitest'

/**
 * It is this moment during each test of the file, and stays so. Some of the law that is shipped comes into force later,
 * and what counsel is to check falls due: tests that one of these changes would fail from that day on. Tests of what
 * the law says today take no day, since it is corrected.
 */
export function onDay(now: string): void {
  beforeAll(() => void vi.useFakeTimers({ toFake: ['Date'], now: new Date(now) }))
  afterAll(() => void vi.useRealTimers())
}
