/** The console of this machine, with its login provider and the people who may log in. */

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { createTable } from '../adapters/dynamodb.ts'
import { openidProvider } from '../adapters/login-openid.ts'
import { dynamodbSessions } from '../adapters/sessions-dynamodb.ts'
import { sessionTable } from '../adapters/tables.ts'
import { consolePages } from '../console/console.ts'
import type { Log } from '../http/guard.ts'
import type { AuditWorld } from '../log-ports.ts'
import type { LocalLogin } from './login.ts'

/** Makes the console. `answer` serves its pages; undefined for any other address. */
export async function localConsole(
  world: AuditWorld,
  client: DynamoDBClient,
  login: LocalLogin,
  access: { fetch(call: Request): Response | Promise<Response> },
  note: Log,
) {
  const { localName } = sessionTable
  await createTable(client, localName, sessionTable)
  const pages = consolePages(
    {
      ...world,
      sessions: dynamodbSessions(client, localName),
      providers: [openidProvider(login.settings, true)],
      api: { origin: world.origin, call: (signed) => access.fetch(signed) },
    },
    note,
  )
  return {
    answer(request: Request): Response | Promise<Response> | undefined {
      const { pathname } = new URL(request.url)
      const isOwn = pathname === '/console' || pathname.startsWith('/console/')
      return isOwn ? pages.fetch(request) : undefined
    },
  }
}
