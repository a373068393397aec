/** `comity request package` and `delivered`: the handover of an answer by another way than the gateway. */

import { writeFileSync } from 'node:fs'
import { type Command, Option } from 'commander'
import { answerSchema } from '../answer/reply/reply-schema.ts'
import { deliverySchema } from '../decision/request.ts'
import { entryId } from '../terminal/arguments.ts'
import { answerLines } from '../terminal/say.ts'
import type { Gateway } from './profile.ts'
import { actingAs, answered, type Calling, call, print } from './send.ts'

/** Adds both to `comity request`. */
export function addDelivery(request: Command, gateway: Gateway): void {
  actingAs(request.command('package'), gateway)
    .description(
      'Make the package of an answer that leaves by another way, as the holder’s officer.',
    )
    .argument('<id>', 'the id of the request', entryId)
    .option('--html <file>', 'write it as a page to print, instead of printing it')
    .action(async (id: string, options: Calling & { readonly html?: string }) => {
      const path = `/v1/access-requests/${id}/package`
      if (options.html !== undefined) return savePage(path, options.html, options, gateway)
      return call(options, gateway, ['POST', path], (answer) =>
        answerLines(answerSchema.parse(answer)),
      )
    })

  actingAs(request.command('delivered'), gateway)
    .description('Say by which way and number an answer left.')
    .argument('<id>', 'the id of the request', entryId)
    .addOption(
      new Option('--by <way>', 'the way')
        .choices(deliverySchema.shape.by.options)
        .makeOptionMandatory(),
    )
    .requiredOption('--number <number>', 'its number there')
    .option('--sent-at <moment>', 'when, such as 2026-11-28T09:30:00Z; now if it is not said')
    .action(
      (id: string, options: Calling & { by: string; number: string; readonly sentAt?: string }) => {
        const { by, number, sentAt = new Date().toISOString() } = options
        const path = `/v1/access-requests/${id}/delivery`
        return call(options, gateway, ['POST', path, { by, number, sentAt }], 'Entered.')
      },
    )
}

async function savePage(
  path: string,
  file: string,
  options: Calling,
  gateway: Gateway,
): Promise<void> {
  const response = await answered(options, gateway, 'POST', path, undefined, 'text/html')
  writeFileSync(file, await response.text(), { mode: 0o600 })
  print([`Written to ${file}.`])
}
