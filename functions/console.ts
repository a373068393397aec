/**
 * Door: officers and auditors who look by a browser, in the cloud (Lambda). What an officer’s passkey signed on a page
 * goes to the function that answers agencies, which checks it as it does any call: here is no right to do it.
 */

import { answerEndsMs } from './adapters/answer-ends.ts'
import { endingWithin } from './adapters/aws-post.ts'
import { kmsProof } from './adapters/kms.ts'
import { lambdaDoor } from './adapters/lambda.ts'
import { logWorld } from './adapters/log-world.ts'
import { openidProvider } from './adapters/login-openid.ts'
import { dynamodbSessions } from './adapters/sessions-dynamodb.ts'
import { shippedScript } from './adapters/verify-script.ts'
import { pictureFrom } from './answer/offices/picture-call.ts'
import { readConsoleConfig } from './config.ts'
import { consolePages } from './console/console.ts'
import type { ConsoleWorld } from './console-ports.ts'
import { appBehind, eventHandler } from './http/api-event.ts'
import { say } from './lines.ts'

const config = readConsoleConfig(process.env)
const {
  world: base,
  client,
  isTrial,
} = await logWorld(config, import.meta.dirname, (why) => say({ event: 'law-unheld', why }))
const proof = kmsProof(config.COMITY_LOGIN_KEY, base.random)
const access = lambdaDoor(config.COMITY_ACCESS_FUNCTION)
const world: ConsoleWorld = {
  ...base,
  sessions: dynamodbSessions(client, config.COMITY_SESSIONS_TABLE),
  verifyScript: shippedScript(import.meta.dirname),
  providers: config.COMITY_LOGINS.map((each) => openidProvider({ ...each, proof }, isTrial)),
  api: {
    origin: config.COMITY_ACCESS_ORIGIN,
    call: appBehind(access),
    picture: (call, asked) => pictureFrom(access, call, asked),
  },
}

const answer = eventHandler(consolePages(world, say), world.random, say)

/** Answers an event of an HTTP API (payload format 2.0). */
export const handler = (event: unknown) => endingWithin(answerEndsMs.console, () => answer(event))
