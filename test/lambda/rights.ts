/** The rights that a function was given, and those that it used. */

import type { Door } from '../../infra/bundle.ts'
import { policyOf, type Statement } from '../infra/iam.ts'

import type { Deployed } from './deployed.ts'

/** What Lambda itself does in the name of a function, which does not run here. */
const ofLambda = ['WriteLog', 'GiveUp', 'HearOfEntries', 'FindStream']

/** Every right of a function: `dynamodb:GetItem Decisions`, `s3:GetObject Archive/*`. */
export function grantedTo({ resources, roles }: Deployed, door: Door): readonly string[] {
  const { arn, statements } = roles[door]
  const own = statements
    .filter(({ Sid = '' }) => !ofLambda.includes(Sid))
    .flatMap(({ Action, Resource }) =>
      Resource.flatMap((on) => Action.map((each) => `${each} ${constructOf(on)}`)),
    )
  const isFor = ({ Principal, Effect }: Statement) =>
    Effect === 'Allow' && (Principal?.AWS ?? []).includes(arn)
  const byKeys = ['SecretsKey', 'CheckpointKey', 'LoginKey'].flatMap((key) =>
    policyOf(resources, key)
      .filter(isFor)
      .flatMap(({ Action }) => Action.map((each) => `${each} ${key}`)),
  )
  return [...new Set([...own, ...byKeys])].sort()
}

/** Every right that a function asked for, in the same words; objects of a bucket are one. */
export const usedBy = ({ cloud }: Deployed, door: Door): ReadonlySet<string> => {
  const signer = `ASIA${door.toUpperCase()} `
  const used = [...cloud.used].filter((each) => each.startsWith(signer))
  return new Set(
    used.map((each) => each.slice(signer.length).replace(/ Archive\/.*/, ' Archive/*')),
  )
}

const constructOf = (arn: string): string => arn.replace(/^arn:(\w+)[0-9A-F]{8}/, '$1')
