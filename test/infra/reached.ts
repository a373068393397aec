/** What a bundle calls AWS with, as `lambda-clients.long.test.ts` bundles it. */

export { dynamodb, isStoreAway, rowsIn } from '../../functions/adapters/dynamodb.ts'
export { kmsWrapper } from '../../functions/adapters/kms.ts'
