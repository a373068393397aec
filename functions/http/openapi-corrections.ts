/** Describes what becomes of what left: changes, recalls, and what whoever was told did. */

import * as z from 'zod'
import { recallSchema } from '../answer/messages/recall.ts'
import {
  changeSchema,
  didSchema,
  toldPageSchema,
  toldQuerySchema,
} from '../answer/messages/recipients.ts'
import { type Operations, ofBody, ofEntry } from './openapi-document.ts'

/** The answer to an act: its entry. */
export const done = z.strictObject({ id: z.string(), receipt: z.string() })

const recalled = done.extend({
  says: z.string().optional().describe('That what was wrong counts as before, and what ends it.'),
})

/** Their operations. */
export const correctionOperations: Operations = {
  '/v1/corrections': {
    post: {
      summary: 'Say what became of a record in your own system, so that whoever got it is told.',
      description:
        'For a holder that answers from a system of its own, after it corrected, restricted or erased there. Of ' +
        'records that you keep here, the call that changes them says it. It is an entry of the log.',
      body: changeSchema,
      answers: { 200: ['The same call again', done], 201: ['It is entered', done] },
      problems: [...ofBody, ...ofEntry, 'not-a-holder'],
    },
  },
  '/v1/corrections/{id}': {
    get: {
      summary: 'Who was told of a change of yours to what left, and who says that they acted.',
      description:
        'The id is that of the entry of the change: a `PUT`, `PATCH` or `DELETE` of a record, a correction of ' +
        'your own system, or an erasure or restriction of what the log keeps of a person. Whoever got an item that changed has an event, and seven days; who has not said by then ' +
        'that they acted is named to you by an event, and stays here without `done`.',
      query: toldQuerySchema,
      answers: { 200: ['A page, perhaps an empty one', toldPageSchema] },
      problems: ['invalid-request', 'not-found'],
    },
  },
  '/v1/recalls': {
    post: {
      summary: 'Recall, as an officer of the holder, what rested on something wrong.',
      description:
        'It takes effect once data protection of your state has signed it: then whoever got it from you has an ' +
        'event `recalled`, must do as `ask` says in so many days, and say so. It is an entry of the log.',
      body: recallSchema,
      answers: { 200: ['The same call again', recalled], 201: ['It is entered', recalled] },
      problems: [...ofBody, ...ofEntry, 'not-your-role'],
    },
  },
  '/v1/recalls/{id}': {
    get: {
      summary:
        'Who was told of a recall, and who says that they acted; for its holder and who signs it.',
      query: toldQuerySchema,
      answers: { 200: ['A page, perhaps an empty one', toldPageSchema] },
      problems: ['invalid-request', 'not-found'],
    },
  },
  '/v1/recalls/{id}/signatures': {
    post: {
      summary: 'Sign a recall for data protection of the holder’s state.',
      description: 'From then on whoever got it is told.',
      answers: { 200: ['The same call again', done], 201: ['It is signed', done] },
      problems: [...ofEntry, 'not-found'],
    },
  },
  '/v1/notices/{id}/done': {
    post: {
      summary: 'Say what you did with what you were told of, once.',
      description:
        'The id is `entry` of an event `corrected`, `restricted`, `erased` or `recalled`. It is an entry of the log.',
      body: didSchema,
      answers: { 200: ['The same call again', done], 201: ['It is entered', done] },
      problems: [...ofBody, ...ofEntry, 'not-found', 'already-done'],
    },
  },
}
