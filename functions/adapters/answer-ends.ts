/**
 * How long an answer may take, in one place, ms: all calls to other services that are made for it end then
 * (`endingWithin`), before whoever waits in front gives up. What no caller waits for (sealing, stamps, the clock and the
 * watch, starts, commands) has bounds of its own where it is done, and only those of each single call.
 */
export const answerEndsMs = {
  /** Agencies in the cloud. Lambda ends a call after 15 s at least (`infra/settings.ts`). */
  access: 13_000,
  /** Auditors and browsers in the cloud. An HTTP API gives up after 29 s. */
  audit: 27_000,
  console: 27_000,
  /** Agencies on a machine, who may wait 20 s for an event first; a caller waits 30 s. */
  machine: 27_000,
  /**
   * Auditors and browsers there: evidence and reports may go through whole logs. A caller waits five minutes, as Node
   * does; what stands in front often less.
   */
  machineLooks: 280_000,
} as const

/**
 * How long Console waits for Access, ms: Access ends first, though an instance of it may have to start, so that what it
 * did is told. Where less is left, Console does not call it at all.
 */
export const accessWaitMs = 16_000
