/** The time zones that a file may name. */

/** Every zone (IANA) under one of its names. */
export const timeZones = (): readonly string[] => ['UTC', ...Intl.supportedValuesOf('timeZone')]

/** Whether it is a zone, under any of its names: what is listed as `Asia/Calcutta` is `Asia/Kolkata`, too. */
export function isTimeZone(name: string): boolean {
  if (name !== 'UTC' && !/^[A-Z]\w*(\/[A-Z][\w+-]*)+$/.test(name)) return false
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
