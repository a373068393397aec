/**
 * Finds a holder's record: among those kept in this gateway, or by asking the holder's own system. What the system
 * says is never trusted: it is held to the schema, to the subject and to the classes that were asked for.
 */

import {
  faultOfAnswer,
  type Question,
  questionSeconds,
  type SystemAnswer,
} from '../../decision/question.ts'
import {
  identifierOf,
  isSurelyAbout,
  type Subject,
  withoutContents,
} from '../../decision/record.ts'
import type { Agency } from '../../identity/register.ts'
import { verifyCall } from '../../identity/signature.ts'
import type { FoundRecord, World } from '../../ports.ts'
import type { KeptExchange } from '../../question-ports.ts'
import { answerIn, answerQuestion, digestOfQuestion } from './questions.ts'

/** For what a record is looked for. */
export type LookedFor = {
  /** The entry that it becomes part of. */
  readonly entry: string
  /** The classes that the law lets us see. */
  readonly classes: readonly string[]
  /** Called just before the last read of what is kept here goes out. A holder's own system is another matter. */
  readonly atLastRead?: (() => void) | undefined
}

/**
 * Every record that fits. One alone whose name is spelt otherwise by more than accents is as one of several: whether it is
 * the person's, an officer says.
 */
export async function findRecord(
  holder: Agency,
  subject: Subject,
  asking: LookedFor,
  world: World,
): Promise<FoundRecord> {
  const found = await lookFor(holder, subject, asking, world)
  if (found.kind !== 'one' || isSurelyAbout(found.record, subject)) return found
  const { record, ...signed } = found
  return { ...signed, kind: 'several', ids: [record.id] }
}

/**
 * Every record that has an identifier in common. A holder's own system is asked once for each entry and subject: what it answered counts
 * again for a retry. If it does not answer in time, or wrongly, it is away, hit or no hit.
 */
async function lookFor(
  holder: Agency,
  subject: Subject,
  { entry, classes, atLastRead }: LookedFor,
  world: World,
): Promise<FoundRecord> {
  if (holder.system === undefined) return world.holder.find(holder, subject, atLastRead)
  const { questions } = world
  if (questions === undefined) return { kind: 'away' }
  const id = questionId(entry, subject, holder, world)
  const earlier = await questions.answered(holder.id, id, 0)
  if (earlier !== undefined) return foundIn(earlier, subject, classes)
  // A retry: it is answered from the entry that stands, whatever is found now.
  if ((await world.ledger.read(entry)) !== undefined) return { kind: 'away' }
  const now = world.now().getTime() / 1000
  const asked: Question = {
    ...{ v: 1, id, iss: world.origin, aud: holder.id, entry },
    nonce: Buffer.from(world.random(16)).toString('base64url'),
    ...{ iat: Math.floor(now), exp: Math.ceil(now) + questionSeconds },
    ...{ subject, classes: [...classes] },
  }
  const question = await questions.ask(asked)
  if (question === undefined) return { kind: 'away' }
  const waitMs = questionSeconds * 1000
  const refused = await askAtAddress(holder, id, question, waitMs, world)
  const exchange = await questions.answered(holder.id, id, refused === undefined ? waitMs : 0)
  return exchange === undefined
    ? { kind: 'away', exchange: { question, ...(refused && { refused }) } }
    : foundIn(exchange, subject, classes)
}

/**
 * Asks a system at its address. What it answers is taken as if the holder had called us with it, by the same checks.
 * Returns why nothing was taken; undefined if an answer is there, or is to be waited for.
 */
async function askAtAddress(
  holder: Agency,
  id: string,
  question: string,
  waitMs: number,
  world: World,
): Promise<string | undefined> {
  const { system } = holder
  if (system?.address === undefined) return undefined
  const came = await world.systems?.ask(system, question, waitMs)
  if (came === undefined) return 'not-asked'
  if ('refused' in came) return came.refused
  const call = {
    ...{ method: 'POST', url: `${world.origin}/v1/questions/${id}` },
    ...{ authorization: `Bearer ${came.signature}`, body: came.body },
  }
  const now = Math.floor(world.now().getTime() / 1000)
  const agency = async (of: string) => (of === holder.id ? holder : undefined)
  const checked = await verifyCall(call, { audience: world.origin, now, agency })
  if ('refused' in checked) return checked.refused
  const body = Buffer.from(came.body).toString('utf8')
  const answer = answerIn(body)
  if (answer === undefined) return 'malformed'
  const taken = await answerQuestion({ ...checked.verified, ...call, body }, id, answer, world)
  if (taken.kind === 'taken') return undefined
  return taken.kind === 'invalid' ? taken.pointer : taken.kind
}

/** What is found under an id, such as one that an officer picked. */
export async function pickRecord(
  holder: Agency,
  id: string,
  asking: LookedFor,
  world: World,
): Promise<FoundRecord> {
  if (holder.system !== undefined) return findRecord(holder, { recordId: id }, asking, world)
  asking.atLastRead?.()
  const record = await world.holder.get(holder, id)
  return record === undefined ? { kind: 'none' } : { kind: 'one', record }
}

/** The id of a question: the same for every retry. It names nobody to those who do not have the gateway's key. */
const questionId = (entry: string, subject: Subject, holder: Agency, { secrets }: World): string =>
  `${entry}.${secrets.pseudonym(holder.jurisdiction, identifierOf(subject))}`

function foundIn(
  { question, answer: signed, body }: KeptExchange,
  subject: Subject,
  classes: readonly string[],
): FoundRecord {
  const exchange = { question, answer: signed }
  const answer = answerIn(body)
  // It was checked when it came in; a store that was changed since must not make it another's.
  if (answer === undefined || isWrong(answer, { subject, classes }, question))
    return { kind: 'away', exchange }
  switch (answer.found) {
    case 'none':
      return { kind: 'none', exchange }
    case 'one':
      return { kind: 'one', record: withoutContents(answer.record), exchange }
    case 'several':
      return { kind: 'several', ids: answer.ids.toSorted(), exchange }
  }
}

const isWrong = (
  answer: SystemAnswer,
  asked: Parameters<typeof faultOfAnswer>[1],
  question: string,
): boolean => faultOfAnswer(answer, asked, digestOfQuestion(question)) !== undefined
