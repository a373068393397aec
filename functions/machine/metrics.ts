/**
 * What is counted, as Prometheus reads it (text format 0.0.4), from the lines that operators get. So a metric says
 * nothing about a person, either, and a caller chooses none of its labels.
 */

import type { Lines } from '../lines.ts'

/** Upper ends of the spans of time that answers are counted in, s. An answer leaves on a beat of 50 ms. */
const spans = [0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** Counts from now on. */
export function startMetrics(build: string) {
  const answers = new Map<string, number>()
  const decisions = new Map<string, number>()
  const events = new Map<string, number>()
  const within = spans.map(() => 0)
  let [answered, answerSeconds, sealed] = [0, 0, 0]
  let unsealedSeconds: number | undefined
  return {
    take(line: Lines[keyof Lines]): void {
      if (line.event === 'answered') {
        const { method, route, status, outcome, ms } = line
        add(answers, labels({ method, route, status: String(status) }))
        if (outcome !== undefined) add(decisions, labels({ outcome }))
        for (const [i, span] of spans.entries())
          if (ms / 1000 <= span) within[i] = 1 + (within[i] ?? 0)
        answered += 1
        answerSeconds += ms / 1000
      } else if (line.event === 'swept') {
        sealed += line.sealed
        unsealedSeconds = line.unsealedSeconds
      }
      // A sweep, too: the age of the oldest entry says nothing once nobody looks.
      if (line.event !== 'answered') add(events, labels({ event: line.event }))
    },

    /** All that was counted. What is not known now is left out. */
    text(): string {
      const { user, system } = process.cpuUsage()
      const seconds = spans.map(
        (le, i) => [`_bucket${labels({ le: String(le) })}`, within[i]] as const,
      )
      return [
        metric('comity_answers_total', 'counter', [...answers]),
        metric('comity_decisions_total', 'counter', [...decisions]),
        metric('comity_events_total', 'counter', [...events]),
        metric('comity_answer_seconds', 'histogram', [
          ...seconds,
          [`_bucket${labels({ le: '+Inf' })}`, answered],
          ['_sum', answerSeconds],
          ['_count', answered],
        ]),
        metric('comity_sealed_total', 'counter', [['', sealed]]),
        metric('comity_unsealed_seconds', 'gauge', [['', unsealedSeconds]]),
        metric('comity_build_info', 'gauge', [[labels({ build }), 1]]),
        metric('process_cpu_seconds_total', 'counter', [['', (user + system) / 1e6]]),
        metric('process_resident_memory_bytes', 'gauge', [['', process.memoryUsage.rss()]]),
      ].join('')
    },
  }
}

const add = (counts: Map<string, number>, key: string) =>
  counts.set(key, 1 + (counts.get(key) ?? 0))

/** A metric with its values, by what stands after its name. */
function metric(
  name: string,
  type: 'counter' | 'gauge' | 'histogram',
  values: readonly (readonly [after: string, value: number | undefined])[],
): string {
  const known = values.filter(([, value]) => value !== undefined)
  if (known.length === 0) return ''
  return [
    `# TYPE ${name} ${type}`,
    ...known.map(([after, value]) => `${name}${after} ${value}`),
    '',
  ].join('\n')
}

const labels = (of: Readonly<Record<string, string>>): string =>
  `{${Object.entries(of)
    .map(([name, value]) => `${name}="${value.replace(/[\\"\n]/g, '_')}"`)
    .join(',')}}`
