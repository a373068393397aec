/** Every attestation and objection of a table, for an operator's commands. */

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { KeptAttestation, KeptObjection } from '../ports.ts'
import { attestationIn, objectionIn } from './attestation-rows.ts'
import { rowsIn } from './dynamodb.ts'
import { kinds, prefixOf } from './rows.ts'

/** An attestation or an objection, and whether it was taken back. */
export type AnyVouched = {
  readonly attestation?: KeptAttestation
  readonly objection?: KeptObjection
  readonly isTakenBack: boolean
}

/**
 * Every attestation and objection of a table, by a scan, for an operator's command; undefined for a row that
 * cannot be read. Requests never scan.
 */
export async function* allVouched(
  client: DynamoDBClient,
  table: string,
): AsyncIterable<AnyVouched | undefined> {
  const vouched = {
    FilterExpression:
      'begins_with(pk, :a) AND sk <> :byId AND (attribute_exists(attestation) OR attribute_exists(objection))',
    ExpressionAttributeValues: {
      ':a': { S: prefixOf(kinds.saidById) },
      ':byId': { S: 'attestation' },
    },
  }
  for await (const items of rowsIn(client, table).scan(vouched))
    for (const item of items) {
      let read: AnyVouched | undefined
      try {
        const isTakenBack = item.withdrawn !== undefined
        read =
          item.attestation === undefined
            ? { objection: objectionIn(item), isTakenBack }
            : { attestation: attestationIn(item), isTakenBack }
      } catch {}
      yield read
    }
}
