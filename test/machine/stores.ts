/** The stores that machines of one's own may share, each as its operator starts it. */

import { createTables } from '../../functions/adapters/create-tables.ts'
import { dynamodb } from '../../functions/adapters/dynamodb.ts'
import { postgresAt, postgresClient } from '../../functions/adapters/postgres.ts'
import { localTableNames } from '../../functions/adapters/tables.ts'
import { startDynalite } from '../dynalite.ts'
import { postgresPrograms, startPostgres } from '../postgres.ts'

/** The stores that machines share. */
export const stores = [
  {
    name: 'a store that speaks DynamoDB’s API',
    isThere: true,
    async start() {
      const { endpoint, close } = await startDynalite()
      return {
        client: dynamodb(endpoint),
        environment: { COMITY_DYNAMODB_ENDPOINT: endpoint },
        close,
        crash: undefined,
      }
    },
  },
  {
    name: 'PostgreSQL',
    isThere: postgresPrograms !== undefined,
    async start() {
      const { address, close, crash } = await startPostgres(postgresPrograms ?? '')
      const database = postgresAt(address)
      const client = postgresClient(database)
      await createTables(client, localTableNames())
      return {
        client,
        environment: { COMITY_POSTGRES: address },
        crash,
        async close() {
          await database.end()
          await close()
        },
      }
    },
  },
]
if (postgresPrograms === undefined)
  console.error('SKIPPED: machines over PostgreSQL, since there are no programs of its server here')
