/** The log of this machine: sealed by a clock, cosigned by a witness, and open to auditors. */

import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { dynamodbMemory } from '../adapters/memory-dynamodb.ts'
import { dynamodbEarlierKeys } from '../adapters/subject-keys-dynamodb.ts'
import { localTableNames } from '../adapters/tables.ts'
import { httpWitness } from '../adapters/witness-http.ts'
import { auditApi, isAuditPath } from '../http/audit-api.ts'
import type { Log } from '../http/guard.ts'
import { fingerprintOf } from '../ledger/evidence.ts'
import { parseVkey, type VerifierKey } from '../ledger/note.ts'
import type { Authority, Remains } from '../log-ports.ts'
import type { World } from '../ports.ts'
import { sealAll } from '../sealing/sweep.ts'
import { keepSealing, keepStamping, type localLog, localSealWorld } from './sealing.ts'
import { startWitness } from './witness.ts'

/** How many witnesses must cosign: the only one on this machine. */
const quorum = 1

/**
 * Starts sealing, with a witness. The returned `answer` serves auditors and anyone who verifies the log;
 * undefined for any other address. `say` takes lines for people, `note` lines about calls. With `authority`,
 * checkpoints are stamped.
 */
export async function startLog(
  world: World,
  client: DynamoDBClient,
  purge: Remains['purge'],
  log: ReturnType<typeof localLog>,
  data: string,
  say: (line: string) => void,
  note: Log,
  authority?: Authority,
) {
  const witness = await startWitness({
    name: 'witness.local',
    keyFile: join(data, 'witness.pem'),
    memory: dynamodbMemory(client, localTableNames().signatures, 'witness'),
    logKey: (origin) =>
      origin.startsWith(`${world.gateway}/`) && /^[a-z0-9./-]+$/.test(origin)
        ? keyOf(log.vkey(origin))
        : undefined,
    now: world.now,
    log: ({ event, why }) => say(`witness: ${event}: ${why}`),
  })
  const sealing = localSealWorld(
    world,
    client,
    log,
    [httpWitness(witness.vkey, witness.url)],
    quorum,
  )
  const sealer = keepSealing(sealing, say)
  const stamper = authority && keepStamping({ ...sealing, authority }, say)
  const acts = {
    seal: () => sealAll(sealing),
    earlierKeys: dynamodbEarlierKeys(client, localTableNames().keys),
    remains: { purge, backupDays: 0 },
  }
  const audit = auditApi({ ...sealing, ...world, witnessVkeys: [witness.vkey] }, note, acts)
  const isAudit = isAuditPath(audit)
  await pinKeys(world, log, witness.vkey, join(data, 'trust.json'))
  return {
    answer: (request: Request): Response | Promise<Response> | undefined =>
      isAudit(new URL(request.url).pathname) ? audit.fetch(request) : undefined,
    async stop() {
      await sealer.stop()
      await stamper?.stop()
      await witness.close()
    },
  }
}

function keyOf(vkey: string): VerifierKey | undefined {
  const parsed = parseVkey(vkey)
  return 'key' in parsed ? parsed.key : undefined
}

/**
 * Writes the keys that `comity log verify` trusts, only once, so that whoever changes the log later cannot
 * change what it is checked against. The file says that they are a demonstration's; real ones come from
 * outside.
 */
async function pinKeys(
  { gateway, now, register, secrets }: World,
  { vkey }: ReturnType<typeof localLog>,
  witness: string,
  file: string,
): Promise<void> {
  if (existsSync(file)) return
  const agencies = await register.all()
  const jurisdictions = [...new Set(agencies.map(({ jurisdiction }) => jurisdiction.toLowerCase()))]
  const year = now().getUTCFullYear()
  const trust = {
    v: 1,
    logs: jurisdictions.sort().map((each) => vkey(`${gateway}/${each}/${year}`)),
    witnesses: [witness],
    quorum,
    receipts: { keys: secrets.jwks.keys.filter(({ kty }) => kty === 'EC') },
    agencies: agencies.map(({ id, keys }) => ({
      id,
      keys: keys.map(({ channel: _, ...key }) => key),
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
