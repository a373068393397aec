/** Questions to holders' own systems, in the table of records. */

import { setTimeout as pause } from 'node:timers/promises'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { Question } from '../decision/question.ts'
import type { KeptExchange, Questions } from '../question-ports.ts'
import { itemKey, keyOfItem, rowsIn, type TableItem, textOf } from './dynamodb.ts'
import { kinds, rowKey } from './rows.ts'

/** How many questions of a holder may wait; a poll gives them all, so that slow ones hide no other. */
const waitingMax = 100
/** How long an answer is kept for retries, ms: the caller's signature lasts 5 minutes, and an outage longer. */
const keptMs = 15 * 60_000
/** How often we look for an answer, and for a question, ms. */
const lookForAnswerMs = 100
const lookForQuestionMs = 250

const waitingAt = (holder: string) => rowKey(kinds.question, holder)
const endingAt = (holder: string) => rowKey(kinds.questionEnd, holder)
const answerKey = (holder: string, id: string) =>
  itemKey(rowKey(kinds.questionAnswer, holder, id), 'answer')

/**
 * Questions, each under its holder while it waits; and answers, each under a key of its own, with a row in the order
 * of their ends, by which they are removed. That row is put before the answer, so that no answer stays for ever.
 */
export function dynamodbQuestions(
  client: DynamoDBClient,
  table: string,
  sign: (question: Question) => Promise<string>,
  now: () => Date,
): Questions {
  const rows = rowsIn(client, table)
  const isOver = (row: TableItem) => textOf(row, 'until') <= now().toISOString()

  /** The questions that wait. Removes those that are over. */
  const waitingNow = async (holder: string): Promise<readonly TableItem[]> => {
    const { Items = [] } = await rows.page(waitingAt(holder), { Limit: waitingMax })
    await Promise.all(Items.filter(isOver).map((row) => rows.remove(keyOfItem(row))))
    return Items.filter((row) => !isOver(row))
  }

  return {
    async ask(question) {
      const { aud: holder, id, exp } = question
      const waiting = await waitingNow(holder)
      if (waiting.length >= waitingMax) return undefined
      const signed = await sign(question)
      const until = { S: new Date(exp * 1000).toISOString() }
      const row = { ...itemKey(waitingAt(holder), id), until, question: { S: signed } }
      if (await rows.putNew(row)) return signed
      return textOf((await rows.get(keyOfItem(row))) ?? row, 'question')
    },

    waiting: (holder, waitMs) =>
      lookFor(lookForQuestionMs, waitMs, async () => {
        const waiting = await waitingNow(holder)
        if (waiting.length === 0) return undefined
        return waiting.map((row) => textOf(row, 'question'))
      }).then((found) => found ?? []),

    async get(holder, id) {
      const row = await rows.get(itemKey(waitingAt(holder), id))
      return row === undefined || isOver(row) ? undefined : textOf(row, 'question')
    },

    async answer(holder, id, { question, answer, body }) {
      const until = { S: new Date(now().getTime() + keptMs).toISOString() }
      await rows.put({ ...itemKey(endingAt(holder), `${until.S}#${id}`), id: { S: id } })
      const said = { question: { S: question }, answer: { S: answer }, body: { S: body } }
      const isFirst = await rows.putNew({ ...answerKey(holder, id), until, ...said })
      await rows.remove(itemKey(waitingAt(holder), id))
      return isFirst
    },

    answered: (holder, id, waitMs) =>
      lookFor(lookForAnswerMs, waitMs, async () => {
        const row = await rows.get(answerKey(holder, id))
        return row === undefined || isOver(row) ? undefined : exchangeIn(row)
      }),

    async forget(holder) {
      await waitingNow(holder)
      const { Items = [], LastEvaluatedKey } = await rows.page(endingAt(holder), {
        KeyConditionExpression: 'pk = :pk AND sk < :now',
        values: { ':now': { S: now().toISOString() } },
        Limit: waitingMax,
      })
      for (const row of Items) {
        await rows.remove(answerKey(holder, textOf(row, 'id')))
        await rows.remove(keyOfItem(row))
      }
      return LastEvaluatedKey === undefined
    },
  }
}

const exchangeIn = (row: TableItem): KeptExchange => ({
  question: textOf(row, 'question'),
  answer: textOf(row, 'answer'),
  body: textOf(row, 'body'),
})

/** Looks every `eachMs` until something is found, or `waitMs` are over. */
async function lookFor<T>(
  eachMs: number,
  waitMs: number,
  look: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const end = performance.now() + waitMs
  for (;;) {
    const found = await look()
    if (found !== undefined || performance.now() >= end) return found
    await pause(eachMs)
  }
}
