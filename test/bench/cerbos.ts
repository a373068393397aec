/**
 * Cerbos beside the gateway: the engine that an agency might pick instead, telemetry off, each decision in its
 * audit file. It checks no signature, and makes no entry first, no redaction and no receipt. Its rules and requests
 * are made here: for each of ten jurisdictions one rule to allow, one to deny and two to redact, seven conditions
 * each on average.
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Loaded } from './requests.ts'

const name = `cerbos-${process.platform}-${process.arch}`
const binary = join(import.meta.dirname, 'node_modules/@cerbos', name, name)

const jurisdictions = ['DE', 'FR', 'NL', 'ES', 'IT', 'PL', 'SE', 'IE', 'AT', 'BE']
const members = [...jurisdictions, 'PT', 'FI', 'DK', 'CZ', 'GR']
const adequate = ['GB', 'CH', 'JP', 'KR', 'NZ', 'CA', 'AR', 'IL', 'UY', 'US']
const plain = ['identity', 'contact', 'address', 'vehicle', 'travel']
const special = ['health', 'biometric', 'genetic', 'religion', 'politics']

/** Starts it, if it is installed (`npm run bench` does) and runs here. */
export async function startCerbos(folder: string): Promise<Loaded | undefined> {
  if (!existsSync(binary)) return undefined
  const policies = join(folder, 'policies')
  mkdirSync(policies)
  for (const [at, each] of jurisdictions.entries())
    writeFileSync(join(policies, `${each}.json`), JSON.stringify(policyOf(each, at)))
  const [http, grpc] = [await freePort(), await freePort()]
  const config = join(folder, 'cerbos.json')
  const audit = { enabled: true, backend: 'file', file: { path: join(folder, 'audit.log') } }
  writeFileSync(
    config,
    JSON.stringify({
      server: { httpListenAddr: `127.0.0.1:${http}`, grpcListenAddr: `127.0.0.1:${grpc}` },
      storage: { driver: 'disk', disk: { directory: policies } },
      telemetry: { disabled: true },
      audit: { ...audit, accessLogsEnabled: false, decisionLogsEnabled: true },
    }),
  )
  const engine = spawn(binary, ['server', `--config=${config}`], { stdio: 'ignore' })
  const exited = once(engine, 'exit').catch(() => undefined)
  if (!(await isUp(`http://127.0.0.1:${http}/_cerbos/health`))) {
    engine.kill()
    return undefined
  }
  return {
    variant: 'cerbos',
    url: `http://127.0.0.1:${http}/api/check/resources`,
    calls: async (count) =>
      Array.from({ length: count }, (_, at) => ({
        authorization: '',
        body: JSON.stringify(requestOf(at)),
      })),
    used: async () => usedBy(engine.pid),
    async end() {
      engine.kill()
      await exited
    },
  }
}

async function isUp(health: string): Promise<boolean> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const response = await fetch(health).catch(() => undefined)
    if (response?.ok) return true
    await pause(100)
  }
  return false
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** What a process has used, as Linux says: `utime` and `stime` in hundredths of a second, and `VmRSS` in KB. */
function usedBy(pid: number | undefined) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const kilobytes = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1])
  return {
    cpuMs: 10 * (Number(stat[11]) + Number(stat[12])),
    memory: kilobytes / 1000,
  }
}

/** `count` of a list from a place on, round its end. */
const from = (list: readonly string[], at: number, count: number): string =>
  JSON.stringify(Array.from({ length: count }, (_, i) => list[(at + i) % list.length]))

function policyOf(jurisdiction: string, at: number) {
  const attr = (name: string) => `R.attr.${name}`
  const isUrgent = `${attr('urgency')} == "emergency"`
  const rules = {
    allow: [
      `${attr('agency.country')} in ${from(members, at, 11)}`,
      `${attr('purpose')} in ["investigation", "counter-terrorism", "missing-person"]`,
      `${attr('basis')} in ["eio", "mlat", "eppo"]`,
      `${attr('offence.severity')} >= ${3 + (at % 3)}`,
      `has(${attr('warrant')})`,
      `size(${attr('classes')}) > 0 && ${attr('classes')}.isSubset(${from([...plain, 'health', 'location'], 0, 7)})`,
      `${attr('offence.political')} != true`,
    ],
    deny: [
      `${attr('offence.deathPenalty')} || ${attr('offence.political')} || ${attr('basis')} == "none"`,
      `!(${isUrgent} && ${attr('purpose')} == "missing-person")`,
    ],
    redact: [
      `${attr('agency.country')} in ${from(members, at + 3, 12)} || ${attr('agency.country')} in ${from(adequate, at, 6)}`,
      `hasIntersection(${attr('classes')}, ${from(special, 0, 5)})`,
      `!(${attr('agency.type')} in ["court", "prosecutor"])`,
      `${attr('agency.clearance')} < 4`,
      `${attr('offence.severity')} >= 2`,
    ],
    minor: [
      `${attr('subject.age')} < ${at % 2 === 0 ? 21 : 18} || ${attr('subject.role')} in ["victim", "witness"]`,
      `${attr('subject.nationality')} in ${from(members, at, 9)}`,
      `!(${isUrgent})`,
      `${attr('agency.country')} in ${from([...members, ...adequate], at, 19)}`,
      `has(${attr('warrant')})`,
    ],
  }
  return {
    apiVersion: 'api.cerbos.dev/v1',
    resourcePolicy: {
      version: 'v1',
      resource: `request_${jurisdiction}`,
      rules: Object.entries(rules).map(([name, conditions]) => ({
        name,
        actions: ['release'],
        effect: name === 'deny' ? 'EFFECT_DENY' : 'EFFECT_ALLOW',
        roles: ['agency'],
        condition: { match: { all: { of: conditions.map((expr) => ({ expr })) } } },
        output: { when: { ruleActivated: JSON.stringify({ rule: `${jurisdiction} ${name}` }) } },
      })),
    },
  }
}

/** A request by number; the same number gives the same request. */
function requestOf(at: number) {
  let state = Math.imul(at + 1, 2654435761) >>> 0
  const upTo = (most: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * most)
  }
  const one = (list: readonly string[]) => list[upTo(list.length)] ?? ''
  const classes = Array.from({ length: 1 + upTo(4) }, () => one([...plain, ...plain, ...special]))
  const attr = {
    agency: {
      country: upTo(10) < 8 ? one(members) : one([...adequate, 'RU']),
      type: one(['police', 'prosecutor', 'customs', 'court']),
      clearance: 1 + upTo(5),
    },
    purpose: one(['investigation', 'counter-terrorism', 'missing-person', 'tax']),
    basis: one(['eio', 'mlat', 'eppo', 'none']),
    classes: [...new Set(classes)],
    offence: { severity: 1 + upTo(10), political: upTo(20) === 0, deathPenalty: upTo(25) === 0 },
    subject: { age: 12 + upTo(60), nationality: one(members), role: one(['suspect', 'victim']) },
    urgency: one(['routine', 'urgent', 'emergency']),
    ...(upTo(5) > 0 && { warrant: `W-${at}` }),
  }
  const kind = `request_${one(jurisdictions)}`
  const resource = { kind, policyVersion: 'v1', id: String(at), attr }
  return {
    requestId: String(at),
    principal: { id: 'agency', roles: ['agency'] },
    resources: [{ actions: ['release'], resource }],
  }
}
