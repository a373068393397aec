/** `comity subject`: a holder acts on a person's part of the log, with the approval of a second office. */

import { hash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Command, Option } from 'commander'
import * as z from 'zod'
import { pseudonymsSchema } from '../../audit/entries-about.ts'
import { looks } from '../../audit/looks.ts'
import {
  type ActCertificate,
  certificateSchema,
  type Order,
  orderSchema,
} from '../../audit/subject-act.ts'
import { type ApprovedAct, signApproval } from '../../identity/approval.ts'
import { url } from '../../terminal/arguments.ts'
import { exitCodes, Failure, misuse } from '../../terminal/exit.ts'
import { personIn, readBytes, readJson } from '../../terminal/files.ts'
import { problemLines } from '../../terminal/say.ts'
import { type Acting, type Gateway, identityIn, signerOf } from '../profile.ts'
import { callFor, freshJti, keyIn, send } from '../send.ts'
import { countryOf } from './audit-call.ts'

type Who = Acting & { readonly json?: true }
type Options = Who & {
  readonly subject?: string[]
  readonly act?: string
  readonly before?: string
  readonly orderedBy?: Order['by']
  readonly orderReference?: string
  readonly orderDocument?: string
  readonly ground: string
  readonly cite: string[]
  readonly approver?: string
  readonly approvingOfficer?: string
  readonly prepare?: string
}

const person = {
  about: '--subject <file...>',
  is: 'JSON: the person as in a request, by record, document, or name and birth date',
  example: '--subject person.json',
}
const acts = {
  erase: { does: 'Erase what the log keeps of a person.', ...person },
  restrict: { does: 'Keep what the log keeps of a person as evidence only.', ...person },
  hold: { does: 'Keep what the log keeps of a person from erasure.', ...person },
  lift: {
    does: 'End a hold or a restriction.',
    about: '--act <id>',
    is: 'the entry of the hold or restriction that ends',
    example: '--act ID',
  },
  expire: {
    does: 'Let what the log keeps of people expire with the period of the law.',
    about: '--before <quarter>',
    is: 'what is of an earlier quarter expires, such as 2027-Q1',
    example: '--before 2027-Q1',
  },
}

/** An act in a file, with its approval once it has one. */
const actSchema = z
  .record(z.string(), z.union([z.string(), z.array(z.string()), z.record(z.string(), z.string())]))
  .and(z.object({ act: z.string(), jti: z.string() }))
type Act = z.infer<typeof actSchema>

/** Adds the acts to `comity subject`. */
export function addSubjectActs(subject: Command, gateway: Gateway): void {
  const as = (command: Command, who: string): Command =>
    command
      .requiredOption('--as <name>', `${who}, as the profile names it, such as DE-POL`)
      .option('--officer <id>', 'the acting officer; without it, as the profile says')
  const sending = (command: Command): Command =>
    as(command, 'the holder that acts')
      .option('--url <url>', 'the gateway', url, gateway.url)
      .option('--json', 'print the certificate as JSON')

  for (const [name, { does, about, is, example }] of Object.entries(acts)) {
    const command = sending(subject.command(name))
      .description(does)
      .showHelpAfterError(
        `(such as: comity subject ${name} ${example} --as DE-POL --officer officer-1 --ground "The person asked for it." --cite "LED art. 16(2)" --approver DE-DPO --approving-officer officer-2)`,
      )
      .requiredOption(about, is)
      .requiredOption('--ground <sentence>', 'why, without a name')
      .option('--cite <article...>', 'by which law', [])
      .option('--approver <name>', 'the office that approves, such as DE-DPO')
      .option('--approving-officer <id>', 'who approves there; another person')
      .option('--prepare <file>', 'only write the act, for `subject approve` and `subject send`')
    if (name === 'erase') addOrder(command)
    command.action(async (options: Options) => {
      const { approver, approvingOfficer, prepare } = options
      const second = approver && approvingOfficer && ([approver, approvingOfficer] as const)
      if (!prepare && !second)
        throw misuse(
          'couldn’t act: a second office must approve; give --approver and --approving-officer, or --prepare',
        )
      const { subject: files, act: ends, before, ground, cite: cites } = options
      const whom = files && { subjects: await pseudonyms(files, options, gateway) }
      const order = orderIn(options)
      const what = {
        ...whom,
        ...(ends && { ends }),
        ...(before && { before }),
        ...(order && { order }),
      }
      const act: Act = { act: name, ...what, ground, cites, jti: freshJti() }
      if (prepare) prepared(prepare, act, options, gateway)
      else if (second) await sendAct(await approved(act, ...second, gateway), options, gateway)
    })
  }

  as(subject.command('approve').argument('<file>', 'the act'), 'the office that approves')
    .description('Approve a prepared act: read it first.')
    .action(async (file: string, options: Who) => {
      const { officer } = signerOf(options, gateway)
      const { approval: _, ...act } = readJson(file, actSchema)
      console.log(
        Object.entries(act)
          .map(([name, value]) => `${name}: ${wordsOf(value)}`)
          .join('\n'),
      )
      const named = { ...act, act: act.act, jti: act.jti }
      write(file, await approved(named, options.as, officer, gateway))
      console.log(`Approved for seven days, in ${file}.`)
    })

  sending(subject.command('send').argument('<file>', 'the act'))
    .description('Send an approved act. The same again completes it, and never does it twice.')
    .action((file: string, options: Who) => sendAct(readJson(file, actSchema), options, gateway))
}

/** Adds the options of an order, which is needed while the law still keeps the data. */
const addOrder = (command: Command): Command =>
  command
    .addOption(
      new Option('--ordered-by <office>', 'who orders it, where the law still keeps it').choices(
        orderSchema.shape.by.options,
      ),
    )
    .option('--order-reference <text>', 'by what that office finds its order, without a name')
    .option('--order-document <file>', 'the order; its digest is kept, not the file')

/** The order that the options name, with the digest of its document. */
function orderIn({ orderedBy, orderReference, orderDocument }: Options): Order | undefined {
  const given = [orderedBy, orderReference, orderDocument].filter((each) => each !== undefined)
  if (given.length === 0) return undefined
  if (!orderedBy || !orderReference || !orderDocument)
    throw misuse(
      'couldn’t name the order; give --ordered-by, --order-reference and --order-document',
    )
  const documentDigest = hash('sha256', readBytes(orderDocument), 'base64url')
  return { by: orderedBy, reference: orderReference, documentDigest }
}

/** A field of an act, in words for the person who approves it. */
const wordsOf = (value: Act[string]): string =>
  typeof value === 'string' || Array.isArray(value)
    ? String(value)
    : Object.entries(value)
        .map(([name, each]) => `${name} ${each}`)
        .join(', ')

/** The pseudonyms of the persons in files: the gateway is told who they are here, and the act names nobody. */
async function pseudonyms(
  files: readonly string[],
  options: Who,
  gateway: Gateway,
): Promise<string[]> {
  const subjects = files.map((file) => personIn(file))
  const sender = { ...signerOf(options, gateway), jti: freshJti() }
  const asked = { purpose: 'lawfulness', subjects }
  const { method, path, body } = callFor(looks.subjectPseudonyms, asked)
  const answer = await send(sender, method, path, body)
  if (answer.status !== 200) throw new Failure(problemLines(answer.body).join('\n'))
  return pseudonymsSchema.parse(answer.body).subjects
}

async function approved(act: Act, office: string, officer: string, gateway: Gateway): Promise<Act> {
  const { agency, key } = identityIn(gateway, office)
  const iat = Math.floor(Date.now() / 1000)
  const claims = { agency, officer, iat }
  const approval = await signApproval(act satisfies ApprovedAct, keyIn(key), claims)
  return { ...act, approval }
}

const write = (file: string, act: Act): void =>
  writeFileSync(file, `${JSON.stringify(act, null, 2)}\n`, { mode: 0o600 })

function prepared(file: string, act: Act, options: Who, gateway: Gateway): void {
  const { agency, officer } = signerOf(options, gateway)
  write(file, act)
  console.log(`Prepared in ${file}. Nothing is done yet.
A second office reads and approves it: comity subject approve ${file} --as ${countryOf(agency)}-DPO --officer ID
Then it is sent: comity subject send ${file} --as ${options.as} --officer ${officer}`)
}

/** Sends an act. Without an answer it may have begun, so it is kept, to be sent again unchanged. */
async function sendAct(act: Act, options: Who, gateway: Gateway): Promise<void> {
  const sender = { ...signerOf(options, gateway), jti: act.jti }
  const answer = await send(sender, 'POST', '/v1/subject-acts', JSON.stringify(act)).catch(
    (error: unknown) => {
      if (error instanceof Failure && error.exitCode === exitCodes.usage) throw error
      const file = join(gateway.data, `subject-act-${act.jti}.json`)
      write(file, act)
      throw new Failure(
        `couldn’t tell what came of it: no answer from ${options.url}; to complete it: comity subject send ${file} --as ${options.as} --officer ${sender.officer}`,
      )
    },
  )
  const { data: certificate } = certificateSchema.safeParse(answer.body)
  if (certificate?.incomplete) {
    console.error(certificateLines(certificate, sender.agency).join('\n'))
    return sendAct(act, options, gateway)
  }
  if (certificate === undefined) process.exitCode = exitCodes.unexpected
  if (options.json) console.log(JSON.stringify(answer.body, null, 2))
  else if (certificate === undefined) console.error(problemLines(answer.body).join('\n'))
  else console.log(certificateLines(certificate, sender.agency).join('\n'))
}

const titles = {
  erase: 'ERASED',
  restrict: 'RESTRICTED',
  hold: 'HELD',
  lift: 'LIFTED',
  expire: 'EXPIRED',
} as const

/** A certificate in words, the log first: an act leaves the logs of other holders alone. */
const certificateLines = (
  { id, act, says, backupsLapse }: ActCertificate,
  agency: string,
): readonly string[] => [
  `${titles[act]} in the log of ${countryOf(agency)}`,
  ...says.map((each) => `- ${each}`),
  ...(backupsLapse === undefined
    ? []
    : [`No backup of the gateway holds it from ${backupsLapse} on.`]),
  `id ${id}`,
]
