/**
 * The log of looks: beside the log `<gateway>/<jurisdiction>/<year>`, the one of what the jurisdiction's own people looked
 * at, `<gateway>/<jurisdiction>/looks-<year>`. Whoever looks may do so because of what was found and told to nobody.
 *
 * INVARIANT (nobody sees a look): only the jurisdiction's own auditors see this log grow: it is served to nobody else, and
 * no witness is asked.
 */

/** The log of looks beside a log. */
export const looksLogOf = (log: string): string => log.replace(/([0-9]{4})$/, 'looks-$1')

/** A log and the one of looks beside it. */
export const withLooks = (log: string): readonly string[] => [log, looksLogOf(log)]

/** Whether a log is one of looks. */
export const isLooksLog = (log: string): boolean => /\/looks-[0-9]{4}$/.test(log)

/** How many of `quorum` witnesses must cosign a checkpoint of a log. */
export const quorumOf = (log: string, quorum: number): number => (isLooksLog(log) ? 0 : quorum)

/** A gateway's name in log names. */
export const gatewayPattern = /^[a-z0-9.-]{1,200}$/

/** The jurisdiction of a log, of looks or not, if its name is that of a log of this gateway. */
export function holderOf(log: string, gateway: string): string | undefined {
  const name = log.startsWith(`${gateway}/`) ? log.slice(gateway.length) : ''
  return /^\/([a-z]{2}|interpol|europol)\/(?:looks-)?\d{4}$/.exec(name)?.[1]?.toUpperCase()
}
