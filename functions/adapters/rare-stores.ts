/** The stores that most answers do not need: an instance reads their adapters once one is asked. */

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { dynamodbEvents } from './events-dynamodb.ts'
import { dynamodbFiles } from './files-dynamodb.ts'
import {
  dynamodbDuties,
  dynamodbFilesGiven,
  dynamodbHandovers,
  dynamodbInbox,
  dynamodbResponses,
  dynamodbReviews,
} from './inbox-dynamodb.ts'
import { dynamodbLookups } from './lookups-dynamodb.ts'
import { dynamodbMessages } from './messages-dynamodb.ts'
import { dynamodbQuestions } from './questions-dynamodb.ts'
import { httpsSystems } from './systems-https.ts'
import type { tableNames } from './tables.ts'

/** Makes them. `questionKey` signs questions to holders' own systems. */
export const rareStores = (
  store: DynamoDBClient,
  names: ReturnType<typeof tableNames>,
  questionKey: Parameters<typeof dynamodbQuestions>[2],
  now: () => Date,
) => ({
  inbox: dynamodbInbox(store, names.attestations),
  events: dynamodbEvents(store, names.attestations),
  reviews: dynamodbReviews(store, names.attestations),
  handovers: dynamodbHandovers(store, names.attestations),
  duties: dynamodbDuties(store, names.attestations),
  responses: dynamodbResponses(store, names.attestations),
  filesGiven: dynamodbFilesGiven(store, names.attestations),
  messages: dynamodbMessages(store, names.attestations),
  files: dynamodbFiles(store, names.records),
  questions: dynamodbQuestions(store, names.records, questionKey, now),
  systems: httpsSystems(),
  lookups: dynamodbLookups(store, names.lookups),
})
