/** Which time zones a file may name. */

import { expect, test } from 'vitest'
import { isTimeZone } from '../../../functions/workbench/law/lint.ts'

// Kills: only the names that the runtime lists, of which India's own name is none.
test.each(['UTC', 'Europe/Berlin', 'Asia/Kolkata', 'Asia/Calcutta', 'America/Argentina/Salta'])(
  '%s is a time zone',
  (name) => expect(isTimeZone(name)).toBe(true),
)

// Kills: whatever the runtime takes for one.
test.each(['Europe/Pari', 'europe/berlin', '+01:00', 'Kolkata', ''])('`%s` is none', (name) =>
  expect(isTimeZone(name)).toBe(false),
)
