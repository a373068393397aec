/** How calls come in: what the two HTTP APIs ask for, pass on and write down. */

import { afterAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { readSettings } from '../../infra/settings.ts'
import { comityStack, newApp } from '../../infra/stack.ts'
import { synthesise } from './deployment.ts'
import { idOf, type Resources, resourceOf, resourcesOf } from './template.ts'

const { made, resources, end } = synthesise()
afterAll(end)

const domains = {
  domain: 'comity.example',
  certificate: 'arn:aws:acm:eu-central-1:111122223333:certificate/1',
  auditDomain: 'audit.comity.example',
  auditCertificate: 'arn:aws:acm:eu-central-1:111122223333:certificate/2',
}
const truststores = {
  truststore: 's3://trust.example/agencies/2026.pem?versionId=3HL4kqtJlcpXroDTDmJ.rmSpXd3dIbrH',
  auditTruststore: 's3://trust.example/auditors.pem?versionId=null',
}
const settingsOf = (given: Readonly<Record<string, string>>) => readSettings((name) => given[name])
const deployed = (given: Readonly<Record<string, string>>) =>
  resourcesOf(comityStack(newApp(), settingsOf(given), made))
const own = deployed(domains)
const mutual = deployed({ ...domains, ...truststores })

describe('A domain of one’s own', () => {
  // Kills: a domain without a policy, for which AWS may choose TLS 1.0.
  test.each(['Domain', 'AuditDomain'])('is reached by TLS 1.2 at least: %s', (domain) => {
    for (const each of [own, mutual])
      expect(resourceOf(each, domain).properties.DomainNameConfigurations).toMatchObject([
        { EndpointType: 'REGIONAL', SecurityPolicy: 'TLS_1_2' },
      ])
  })

  test('asks callers for a certificate that one version of a file in S3 vouches for', () => {
    expect(resourceOf(mutual, 'Domain').properties.MutualTlsAuthentication).toEqual({
      TruststoreUri: 's3://trust.example/agencies/2026.pem',
      TruststoreVersion: '3HL4kqtJlcpXroDTDmJ.rmSpXd3dIbrH',
    })
    expect(resourceOf(mutual, 'AuditDomain').properties.MutualTlsAuthentication).toEqual({
      TruststoreUri: 's3://trust.example/auditors.pem',
      TruststoreVersion: 'null',
    })
  })

  test('asks at one door and not at the other: anybody may read what is published of the log', () => {
    const agencies = deployed({ ...domains, truststore: truststores.truststore })
    expect(resourceOf(agencies, 'Domain').properties).toHaveProperty('MutualTlsAuthentication')
    expect(resourceOf(agencies, 'AuditDomain').properties).not.toHaveProperty(
      'MutualTlsAuthentication',
    )
  })

  // Kills: a way past the certificate, by the address that AWS gives.
  test('is the only address where certificates are asked for', () => {
    for (const api of ['Api', 'AuditApi'])
      expect(resourceOf(mutual, api).properties.DisableExecuteApiEndpoint).toBe(true)
  })
})

describe('The settings', () => {
  const refused = (given: Readonly<Record<string, string>>) => () => settingsOf(given)

  test.each(['truststore', 'auditTruststore'] as const)('want a domain with %s', (name) => {
    expect(refused({ [name]: truststores[name] })).toThrow(
      `${name}: at the address that AWS gives, nobody is asked for a certificate: give a domain`,
    )
  })

  test.each([
    's3://trust.example/agencies.pem',
    's3://trust.example/?versionId=1',
    's3://trust.example/agencies.pem?versionId=',
    'https://trust.example/agencies.pem?versionId=1',
    './agencies.pem',
  ])('want one version of a file in S3, so that nobody is trusted unseen: %s', (truststore) => {
    expect(refused({ ...domains, truststore })).toThrow(
      'truststore: one version of a file in S3, s3://bucket/key?versionId=…',
    )
  })
})

describe.each([
  ['', 'Access', 'RouteIntegration'],
  ['Audit', 'Audit', 'AuditRouteAuditIntegration'],
])('An HTTP API (%s)', (prefix, door, integration) => {
  const stageOf = (of: Resources) =>
    z
      .looseObject({ AccessLogSettings: z.looseObject({ Format: z.string() }) })
      .parse(resourceOf(of, `${prefix}Stage`).properties)

  test('has one route and one stage, which is at the root of its address', () => {
    expect(resourceOf(resources, `${prefix}Route`).properties.RouteKey).toBe('$default')
    expect(stageOf(resources)).toMatchObject({ StageName: '$default', AutoDeploy: true })
  })

  // Kills: a function that may take longer than the API waits, 30 s: it would act on calls that the
  // caller was told had failed.
  test('passes calls on as the function reads them, and waits until it has answered', () => {
    expect(resourceOf(resources, integration).properties).toMatchObject({
      IntegrationType: 'AWS_PROXY',
      PayloadFormatVersion: '2.0',
      IntegrationUri: `arn:${idOf(resources, door)}:live`,
    })
    expect(resourceOf(resources, integration).properties).not.toHaveProperty('TimeoutInMillis')
    expect(Number(resourceOf(resources, door).properties.Timeout)).toBeLessThan(30)
  })

  test('writes of a call when it was, how it went, and why if the API refused it; nothing else', () => {
    const { Format } = stageOf(resources).AccessLogSettings
    const line = z.record(z.string(), z.string()).parse(JSON.parse(Format))
    expect(Object.values(line).sort()).toEqual([
      '$context.error.responseType',
      '$context.httpMethod',
      '$context.integration.latency',
      '$context.integration.status',
      '$context.requestId',
      '$context.requestTimeEpoch',
      '$context.responseLatency',
      '$context.responseLength',
      '$context.status',
    ])
  })
})
