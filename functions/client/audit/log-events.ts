/** `comity log events`: what was decided as CloudEvents, for an auditor's own system; or operations as OCSF. */

import { createReadStream, existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Command } from 'commander'
import { looks } from '../../audit/looks.ts'
import { exitCodes, misuse } from '../../terminal/exit.ts'
import { readText, writeWhole } from '../../terminal/files.ts'
import type { Gateway } from '../profile.ts'
import { type Asking, asAuditor, countryOf, look, looksOf, ownFirst, tellAs } from './audit-call.ts'
import { ocsfOf } from './ocsf.ts'

type Options = Asking & {
  readonly log?: string
  readonly cursorFile?: string
  readonly ocsf?: string
}

/** Adds `events` to `comity log`. */
export function addLogEvents(log: Command, gateway: Gateway): void {
  asAuditor(log.command('events'), gateway)
    .description(
      'Print what was decided since as CloudEvents, a line each: ids and codes. Each pull is a look.',
    )
    .option('--log <log>', 'the log, such as comity.local/de/2026')
    .option(
      '--cursor-file <file>',
      'where the next pull begins; it is written once the events are out',
    )
    .option(
      '--ocsf <file>',
      'instead, what a gateway printed (- is standard input), as OCSF API Activity: its operations, no decision',
    )
    .addHelpText(
      'after',
      `
Exit code 5: an entry is not what was sealed; its event says so, and the next pull goes on after it.`,
    )
    .action(async (options: Options) => {
      const { log: named, cursorFile, ocsf } = options
      if (ocsf !== undefined) return operations(ocsf)
      if (named === undefined) throw misuse('say which log: --log comity.local/de/2026')
      const [own] = ownFirst(looksOf(options, gateway), countryOf(named))
      let cursor = cursorFile && existsSync(cursorFile) ? readText(cursorFile).trim() : undefined
      for (let more = true; more; ) {
        const page = await look(own, gateway, looks.decisionEvents, { log: named, cursor })
        for (const each of page.events) console.log(JSON.stringify(each))
        if (page.events.some(({ type }) => type === 'comity.entry-changed'))
          process.exitCode = exitCodes.integrityFailed
        cursor = page.next
        more = page.more
        if (cursorFile !== undefined) writeWhole(cursorFile, `${cursor}\n`)
      }
      tellAs(options, [own])
    })
}

/** Prints each line that is about a call as an event, as it comes. */
async function operations(file: string): Promise<void> {
  if (file !== '-' && !existsSync(file)) throw misuse(`there is no file \`${file}\``)
  const input = file === '-' ? process.stdin : createReadStream(file)
  for await (const line of createInterface({ input })) {
    const event = ocsfOf(line, Date.now())
    if (event !== undefined) console.log(JSON.stringify(event))
  }
}
