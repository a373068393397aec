/** The witness of this machine, and the keys that its commands trust. */

import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { dynamodbMemory } from '../adapters/memory-dynamodb.ts'
import { localTableNames } from '../adapters/tables.ts'
import { callKeysOf } from '../identity/register.ts'
import { fingerprintOf } from '../ledger/evidence.ts'
import { withLooks } from '../ledger/looks-log.ts'
import { parseVkey } from '../ledger/note.ts'
import type { World } from '../ports.ts'
import { startWitness } from './witness.ts'

/** How many witnesses must cosign: the only one on this machine. */
export const quorum = 1

/** Starts the witness of the logs of a gateway, which have these verifier keys. */
export const localWitness = (
  gateway: string,
  client: DynamoDBClient,
  data: string,
  vkey: (log: string) => string,
  say: (line: string) => void,
) =>
  startWitness({
    name: 'witness.local',
    keyFile: join(data, 'witness.pem'),
    memory: dynamodbMemory(client, localTableNames().signatures, 'witness'),
    logKey(origin) {
      if (!origin.startsWith(`${gateway}/`) || !/^[a-z0-9./-]+$/.test(origin)) return undefined
      const parsed = parseVkey(vkey(origin))
      return 'key' in parsed ? parsed.key : undefined
    },
    now: () => new Date(),
    log: ({ event, why }) => say(`witness: ${event}: ${why}`),
  })

/**
 * Writes the keys that `comity log verify` trusts, only once, so that whoever changes the log later cannot
 * change what it is checked against. The file says that they are a demonstration's; real ones come from
 * outside.
 */
export async function pinKeys(
  { gateway, now, register, secrets }: World,
  vkey: (log: string) => string,
  witness: string,
  file: string,
): Promise<void> {
  if (existsSync(file)) return
  const agencies = await register.all()
  const jurisdictions = [...new Set(agencies.map(({ jurisdiction }) => jurisdiction.toLowerCase()))]
  const year = now().getUTCFullYear()
  const trust = {
    v: 1,
    logs: jurisdictions
      .sort()
      .flatMap((each) => withLooks(`${gateway}/${each}/${year}`).map((log) => vkey(log))),
    witnesses: [witness],
    quorum,
    receipts: { keys: secrets.jwks.keys.filter(({ kty }) => kty === 'EC') },
    agencies: agencies.map((agency) => ({
      id: agency.id,
      keys: callKeysOf(agency).map(({ channel: _, compromisedSince: __, ...key }) => key),
    })),
    evidence: [fingerprintOf(secrets.evidence.publicKey)],
    sources: [
      {
        from: 'demonstration',
        what: 'all made by this gateway at its first start',
        on: now().toISOString().slice(0, 10),
      },
    ],
  }
  writeFileSync(file, `${JSON.stringify(trust, null, 2)}\n`, { mode: 0o600 })
}
