/** A store behind IAM: it does what the template of the deployment grants, and notes what was used. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import * as z from 'zod'
import { listen } from '../dynalite.ts'

/** A store that refuses what the caller may not do. */
export type GuardedStore = {
  readonly endpoint: string
  /** Every action that was asked for: `GetItem comity-keys`. */
  readonly asked: ReadonlySet<string>
  /** Access keys that calls were signed with. */
  readonly signers: ReadonlySet<string>
  close(): void
}

/** Puts a guard before a store. */
export async function guardStore(
  store: string,
  may: (action: string, table: string) => boolean,
): Promise<GuardedStore> {
  const asked = new Set<string>()
  const signers = new Set<string>()

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const target = String(request.headers['x-amz-target'])
    const action = target.split('.')[1] ?? ''
    const body = await text(request)
    const { TableName: table } = z.object({ TableName: z.string() }).parse(JSON.parse(body))
    asked.add(`${action} ${table}`)
    signers.add(/Credential=(\w+)/.exec(request.headers.authorization ?? '')?.[1] ?? 'nobody')
    if (!may(action, table)) {
      response.writeHead(400, { 'Content-Type': 'application/x-amz-json-1.0' })
      const __type = 'com.amazon.coral.service#AccessDeniedException'
      response.end(JSON.stringify({ __type, Message: `no right to ${action} ${table}` }))
      return
    }
    const answered = await fetch(store, {
      method: 'POST',
      headers: {
        authorization: String(request.headers.authorization),
        'content-type': String(request.headers['content-type']),
        'x-amz-date': String(request.headers['x-amz-date']),
        'x-amz-target': target,
      },
      body,
    })
    const headers = Object.fromEntries(
      [...answered.headers].filter(([name]) => /^(content-type|x-amz)/.test(name)),
    )
    response.writeHead(answered.status, headers).end(Buffer.from(await answered.arrayBuffer()))
  }

  const server = createServer((request, response) => void answer(request, response))
  return {
    endpoint: await listen(server),
    asked,
    signers,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
