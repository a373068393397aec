/** The table of signals (infra/SIGNALS.md): what it names is there, and Prometheus has the same rules. */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Lines } from '../../functions/lines.ts'
import { startMetrics } from '../../functions/machine/metrics.ts'
import { runbookOf } from '../../infra/watch.ts'

const infra = join(import.meta.dirname, '../../infra')
const read = (name: string) => readFileSync(join(infra, name), 'utf8')
const row =
  /^\| (\w+) \| ([^|]+) \| `([^|]+)` \| (\d+[mh]) \| ([^|]+) \| \[([^\]]+)\]\(RUNBOOK\.md#([^)]+)\) \|$/gm
const signals = [...read('SIGNALS.md').matchAll(row)].map(
  ([, alert = '', means = '', rule = '', lasts = '', cloud = '', section = '', anchor = '']) => ({
    ...{ alert, means, rule, lasts, cloud, section, anchor },
  }),
)

/** The rules as Prometheus reads them; a text in JSON is one in YAML. */
const rules = [
  '# Of SIGNALS.md, whose test writes this file.',
  'groups:',
  '  - name: comity',
  '    rules:',
  ...signals.flatMap(({ alert, means, rule, lasts, anchor }) => [
    `      - alert: Comity${alert}`,
    `        expr: ${rule.includes('"') ? `'${rule}'` : JSON.stringify(rule)}`,
    `        for: ${lasts}`,
    '        annotations:',
    `          summary: ${JSON.stringify(means)}`,
    `          runbook: infra/RUNBOOK.md#${anchor}`,
  ]),
  '',
].join('\n')

// Kills: a rule that was changed in one place alone.
test('Prometheus has each rule of the table, and no other', () => {
  expect(signals.length).toBe(read('SIGNALS.md').match(/RUNBOOK\.md#/g)?.length)
  if (process.env.UPDATE) writeFileSync(join(infra, 'prometheus-rules.yml'), rules)
  expect(read('prometheus-rules.yml')).toBe(rules)
})

// Kills: an alarm that the cloud has not, or that is in no row; a section that is not there.
test('Each signal has its section of the runbook, and its alarm in the cloud or why there is none', () => {
  const [runbook, watch] = [read('RUNBOOK.md'), read('watch.ts')]
  for (const { section, anchor, cloud } of signals) {
    expect(runbook).toContain(`\n## ${section}\n`)
    expect(runbookOf(section)).toBe(`infra/RUNBOOK.md#${anchor}`)
    if (cloud.startsWith('none: ')) continue
    const named = [...cloud.matchAll(/`(\w+)`/g)].map(([, id]) => id)
    expect(named).not.toEqual([])
    for (const id of named) expect(watch).toMatch(new RegExp(`'${id}'`))
  }
})

// Kills: a rule on an event or metric that no machine counts, which never rings.
test('Each rule asks for what machines count', () => {
  const events = {
    ...{ swept: true, ticked: true, watched: true, 'law-unheld': true, halted: true },
    ...{ 'agency-not-believed': true, 'signature-refused': true, overwritten: true },
    ...{ 'row-changed': true, unpublished: true, unstamped: true },
  } satisfies Partial<Readonly<Record<Lines[keyof Lines]['event'], true>>>
  const metrics = startMetrics('test')
  metrics.take({ event: 'swept', sealed: 1, unsealedSeconds: 0 })
  const call = { traceId: 't', method: 'GET', route: '/healthz', status: 503, ms: 1 }
  metrics.take({ event: 'answered', ...call })
  const text = metrics.text()
  expect(text).toContain('comity_events_total{event="swept"} 1\n')
  expect(text).not.toContain('event="answered"')
  expect(text).toContain('status="503"')
  for (const { rule } of signals) {
    for (const [, event = ''] of rule.matchAll(/event="([^"]+)"/g))
      expect(Object.hasOwn(events, event), event).toBe(true)
    for (const [name] of rule.matchAll(/comity_\w+/g)) expect(text).toContain(`# TYPE ${name} `)
  }
})
