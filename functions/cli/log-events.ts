/** `comity log events`: pulls decisions as CloudEvents, a line each, for an auditor's own system. */

import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { looks } from '../audit/looks.ts'
import { type Asking, asAuditor, countryOf, look, looksOf, ownFirst, tellAs } from './audit-call.ts'
import { readText, writeWhole } from './files.ts'
import type { Gateway } from './profile.ts'

type Options = Asking & { readonly log: string; readonly cursorFile?: string }

/** Adds `events` to `comity log`. */
export function addLogEvents(log: Command, gateway: Gateway): void {
  asAuditor(log.command('events'), gateway)
    .description(
      'Print what was decided since as CloudEvents, a line each: ids and codes. Each pull is a look.',
    )
    .requiredOption('--log <log>', 'the log, such as comity.local/de/2026')
    .option(
      '--cursor-file <file>',
      'where the next pull begins; it is written once the events are out',
    )
    .action(async (options: Options) => {
      const { log: named, cursorFile } = options
      const [own] = ownFirst(looksOf(options, gateway), countryOf(named))
      let cursor = cursorFile && existsSync(cursorFile) ? readText(cursorFile).trim() : undefined
      for (let more = true; more; ) {
        const page = await look(own, gateway, looks.decisionEvents, { log: named, cursor })
        for (const each of page.events) console.log(JSON.stringify(each))
        cursor = page.next
        more = page.more
        if (cursorFile !== undefined) writeWhole(cursorFile, `${cursor}\n`)
      }
      tellAs(options, [own])
    })
}
