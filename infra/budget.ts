/**
 * The error budget of an API: of 1,000 calls in 30 days, 999 are answered without a fault of ours (5xx).
 * People are told when the rest burns so fast that it will not last: in a long window, so that it
 * matters, and in a short one, so that it is still so.
 */

import { Duration, type Stack } from 'aws-cdk-lib'
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2'
import {
  Alarm,
  AlarmRule,
  AlarmState,
  ComparisonOperator,
  type IAlarmRule,
  MathExpression,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch'

/** What may fail, %. */
const budget = 0.1

/** At these rates, 2 % of the budget is gone in an hour, and 5 % in six. */
const burns = [
  { rate: 14.4, long: Duration.hours(1), short: Duration.minutes(5) },
  { rate: 6, long: Duration.hours(6), short: Duration.minutes(30) },
] as const

/** Fewer failures than this make no alarm, however few calls there are: at night, one in ten is 10 %. */
const failuresLeast = 5

/** When the budget of an API burns too fast. Each window is an alarm that tells nobody. */
export function burning(
  stack: Stack,
  id: string,
  api: HttpApi,
  named: (says: string) => string,
): IAlarmRule {
  const over = (rate: number, period: Duration, least: number): IAlarmRule => {
    const percent = Number((rate * budget).toFixed(2))
    const alarm = new Alarm(stack, `${id}BurnsFor${period.toMinutes()}Min`, {
      alarmName: named(`${id} failed ${percent} % of its calls in ${period.toHumanString()}`),
      alarmDescription: 'A window of the error budget: tells nobody by itself.',
      metric: failedOf(api, period, least),
      threshold: percent,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      // Where nobody calls, nothing fails.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    })
    return AlarmRule.fromAlarm(alarm, AlarmState.ALARM)
  }
  return AlarmRule.anyOf(
    ...burns.map(({ rate, long, short }) =>
      AlarmRule.allOf(over(rate, long, failuresLeast), over(rate, short, 1)),
    ),
  )
}

/** Failed calls, %. */
const failedOf = (api: HttpApi, period: Duration, least: number): MathExpression =>
  new MathExpression({
    expression: `IF(failed >= ${least}, 100 * failed / calls, 0)`,
    usingMetrics: {
      failed: api.metricServerError({ statistic: Stats.SUM, period }),
      calls: api.metricCount({ statistic: Stats.SUM, period }),
    },
    period,
  })
