/** One page for whoever was woken: what is answered, what fails, what waits. */

import { Duration, type Stack } from 'aws-cdk-lib'
import {
  Dashboard,
  GraphWidget,
  type IMetric,
  LogQueryVisualizationType,
  LogQueryWidget,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch'
import type { AnsweredLine } from '../functions/lines.ts'
import type { Seen } from './metrics.ts'
import type { Settings } from './settings.ts'

const width = 8
const outcomes = ['release', 'redact', 'deny'] as const satisfies readonly AnsweredLine['outcome'][]
const minute = Duration.minutes(1)
const sum = { statistic: Stats.SUM, period: minute }
const slow = { statistic: Stats.p(99), period: minute }

/** Deploys it. */
export function dashboard(stack: Stack, { environment }: Settings, seen: Seen): void {
  const { Access, Audit } = seen.apis
  const { Seal, Sign } = seen.functions
  const lines = (title: string, view: LogQueryVisualizationType, ...queryLines: string[]) =>
    new LogQueryWidget({ title, logGroupNames: [...seen.callLogs], queryLines, view, width })
  new Dashboard(stack, 'Dashboard', {
    dashboardName: `Comity-${environment}`,
    defaultInterval: Duration.hours(12),
    widgets: [
      [
        lines(
          'Answers by outcome',
          LogQueryVisualizationType.STACKEDAREA,
          'filter event = "answered" and ispresent(outcome)',
          // A field beside the time would be drawn as a table.
          `stats ${outcomes.map((each) => `sum(strcontains(outcome, "${each}")) as ${each}`).join(', ')} by bin(5m)`,
        ),
        lines(
          'Problems by code',
          LogQueryVisualizationType.TABLE,
          'filter event = "answered" and ispresent(code)',
          'stats count(*) as calls by code, route | sort calls desc',
        ),
        lines(
          'Refused calls by reason',
          LogQueryVisualizationType.TABLE,
          'filter event = "call-refused"',
          'stats count(*) as calls by why | sort calls desc',
        ),
      ],
      [
        graph('Calls', Access.metricCount(sum), Audit.metricCount(sum)),
        graph('Calls that failed', Access.metricServerError(sum), Audit.metricServerError(sum)),
        graph('The slowest hundredth, ms', Access.metricLatency(slow), Audit.metricLatency(slow)),
      ],
      [
        graph('Age of the oldest unsealed entry, s', seen.unsealed),
        graph('Logs that are in trouble', seen.halted, seen.unpublished, seen.sealingFailed),
        graph('What must never be', seen.overwritten, seen.signatureRefused, seen.abandoned),
      ],
      [
        graph(
          'Calls turned away',
          seen.turnedAway,
          seen.throttles.Access,
          seen.throttles.Audit,
          seen.notDurable,
        ),
        graph('Errors of sealer and signer', Seal.metricErrors(sum), Sign.metricErrors(sum)),
        graph('DynamoDB', seen.throttledRequests, seen.systemErrors),
      ],
    ],
  })
}

const graph = (title: string, ...left: IMetric[]): GraphWidget =>
  new GraphWidget({ title, left, width, leftYAxis: { min: 0 } })
