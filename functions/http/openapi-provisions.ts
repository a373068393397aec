/** Describes how data is given unasked, and how what was given is collected. */

import * as z from 'zod'
import { proposalViewSchema } from '../answer/offices/proposal-view.ts'
import { answerSchema } from '../answer/reply/reply-schema.ts'
import { provisionSchema } from '../decision/request.ts'
import { type Operations, ofBody, ofEntry } from './openapi-document.ts'

/** Their operations. */
export const provisionOperations: Operations = {
  '/v1/provisions': {
    post: {
      summary: 'Provide data of your own unasked, as an officer of the holder.',
      description:
        'It is judged by your law as if `to` had asked: what only a requester could say is unknown, and a ' +
        'policy that speaks of requests alone permits nothing. Without `shown`, the answer is what would leave, ' +
        'as for a proposal, and the look is an entry. With the `shown` that it gave, the entry is ' +
        'made, `to` is told by an event, and nothing else leaves than you were shown. If you may release, your ' +
        'call is the decision that the law reserves to a person; else an open denial says what is missing.',
      body: provisionSchema(),
      answers: {
        200: [
          'What would leave; or the same call again: the same decision',
          z.union([answerSchema, proposalViewSchema]),
        ],
        201: ['The decision, without data', answerSchema],
      },
      problems: [
        ...ofBody,
        ...ofEntry,
        'not-your-role',
        'served-elsewhere',
        'restricted',
        'not-as-shown',
      ],
    },
  },
  '/v1/provisions/{id}': {
    get: {
      summary: 'Collect what was provided to your agency.',
      description:
        'As often as needed for 14 days. Each call is an entry of the log before anything leaves. If the record ' +
        'has changed since, or what let it leave was taken back, nothing leaves. Sign with the key of the channel that the provision names.',
      answers: { 200: ['The decision, with its data and your duties', answerSchema] },
      problems: [...ofEntry, 'invalid-request', 'not-found', 'record-changed', 'too-late'],
    },
  },
}
