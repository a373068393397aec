/** `comity provide` and `collect`: what a holder gives unasked, and its recipient fetches. */

import type { Command } from 'commander'
import * as z from 'zod'
import { wouldLeaveViewSchema } from '../answer/offices/would-leave-view.ts'
import { answerSchema } from '../answer/reply/reply-schema.ts'
import { entryId } from '../terminal/arguments.ts'
import { readJson } from '../terminal/files.ts'
import { answerLines } from '../terminal/say.ts'
import type { Gateway } from './profile.ts'
import { wouldLeaveLines } from './release.ts'
import { actingAs, asAgency, type Calling, call } from './send.ts'

type Providing = Calling & { readonly shown?: string; readonly previous?: string }

/** Adds both. */
export function addProvide(program: Command, gateway: Gateway): void {
  actingAs(program.command('provide'), gateway)
    .description(
      'Give data of your own unasked, as an officer of the holder; first see what would leave.',
    )
    .argument('<file>', 'the JSON body; `-` reads standard input')
    .option('--shown <value>', 'what you were shown; without it nothing leaves')
    .option('--previous <id>', 'an open denial of yours that this asks again', entryId)
    .action((file: string, { shown, previous, ...options }: Providing) => {
      const body = {
        ...readJson(file, z.looseObject({})),
        ...(previous && { previous }),
        ...(shown && { shown }),
      }
      return call(options, gateway, ['POST', '/v1/provisions', body], (answer) => {
        if (shown !== undefined) return answerLines(answerSchema.parse(answer))
        const view = wouldLeaveViewSchema.parse(answer)
        return [...wouldLeaveLines(view), `To give exactly this, add --shown ${view.shown}`]
      })
    })

  asAgency(program.command('collect'), gateway)
    .description('Fetch what a holder provided to your agency unasked.')
    .argument('<id>', 'the id of the provision', entryId)
    .action((id: string, options: Calling) =>
      call(options, gateway, ['GET', `/v1/provisions/${id}`], (answer) =>
        answerLines(answerSchema.parse(answer)),
      ),
    )
}
