/** What a gateway on machines of one's own is told before it starts. */

import { describe, expect, test } from 'vitest'
import { demonstrationRegistrars } from '../../functions/identity/registrars.ts'
import { readMachineConfig } from '../../functions/machine/settings.ts'
import { pairOf, registrarsOf } from '../identity/registering.ts'

const registrars = JSON.stringify(registrarsOf(pairOf('one'), pairOf('two'), pairOf('three')))
const right = {
  COMITY_ORIGIN: 'https://gateway.example',
  COMITY_GATEWAY: 'comity.example',
  COMITY_ENVIRONMENT: 'prod',
  COMITY_HOLDS: 'DE',
  COMITY_REGISTRARS: registrars,
  COMITY_LAW_KEYS: 'a'.repeat(64),
  COMITY_DYNAMODB_ENDPOINT: 'http://127.0.0.1:8000',
  COMITY_ARCHIVE: '/var/lib/comity/log',
  COMITY_KEYS: '/etc/comity/keys',
  COMITY_BACKUP_DAYS: '7',
  COMITY_WITNESSES: JSON.stringify([{ vkey: 'witness+1+key', url: 'https://witness.example' }]),
  COMITY_QUORUM: '1',
}

/** The variables that a fault is about. */
function faultsOf(change: Readonly<Record<string, string | undefined>>): readonly string[] {
  try {
    readMachineConfig({ ...right, ...change })
    return []
  } catch (error) {
    const { message } = error as Error
    return [...message.matchAll(/(?:: |; )(\w+): /g)].map(([, name = '']) => name)
  }
}

describe('The configuration of a machine', () => {
  test('has the tables by their usual names, and listens on this machine, unless told', () => {
    const config = readMachineConfig(right)
    expect(config.COMITY_DECISIONS_TABLE).toBe('comity-decisions')
    expect(config.COMITY_LISTEN).toEqual({ host: '127.0.0.1', port: 8787 })
    expect(config.COMITY_METRICS).toBeUndefined()
    const told = readMachineConfig({ ...right, COMITY_LISTEN: '0.0.0.0:443' })
    expect(told.COMITY_LISTEN).toEqual({ host: '0.0.0.0', port: 443 })
  })

  test.each([
    ['COMITY_DYNAMODB_ENDPOINT', undefined],
    ['COMITY_ENVIRONMENT', undefined],
    ['COMITY_ENVIRONMENT', 'Prod'],
    ['COMITY_ENVIRONMENT', 'production'],
    ['COMITY_ARCHIVE', 'log'],
    ['COMITY_KEYS', 'keys'],
    ['COMITY_BACKUP_DAYS', undefined],
    // Certificates of erasure would say that no copy has what was removed.
    ['COMITY_BACKUP_DAYS', ''],
    ['COMITY_QUORUM', ''],
    ['COMITY_LISTEN', '127.0.0.1:99999'],
    ['COMITY_LISTEN', '8787'],
    ['COMITY_LAW_KEYS', 'none'],
    ['COMITY_QUORUM', '2'],
  ])('names %s if it is %s', (name, value) => {
    expect(faultsOf({ [name]: value })).toContain(name)
  })

  test('in prod takes neither the demonstration’s registrars, nor a log without witnesses, nor several states', () => {
    expect(faultsOf({ COMITY_REGISTRARS: JSON.stringify(demonstrationRegistrars) })).toEqual([
      'COMITY_REGISTRARS',
    ])
    const unwitnessed = { COMITY_WITNESSES: '[]', COMITY_QUORUM: '0' }
    expect(faultsOf(unwitnessed)).toEqual(['COMITY_QUORUM'])
    const agreed = 'nobody outside vouches that all are shown one log'
    expect(faultsOf({ ...unwitnessed, COMITY_QUORUM_AGREED: agreed })).toEqual([])
    expect(faultsOf({ ...unwitnessed, COMITY_QUORUM_AGREED: 'yes' })).toContain(
      'COMITY_QUORUM_AGREED',
    )
    expect(faultsOf({ COMITY_HOLDS: 'DE,FR' })).toEqual(['COMITY_HOLDS'])
  })

  test('has one store, of which no password is in its address, and which nobody can listen to', () => {
    const none = { COMITY_DYNAMODB_ENDPOINT: undefined }
    const by = (COMITY_POSTGRES: string) => faultsOf({ ...none, COMITY_POSTGRES })
    expect(faultsOf({ COMITY_POSTGRES: 'postgresql://localhost/comity' })).toEqual([
      'COMITY_DYNAMODB_ENDPOINT',
    ])
    for (const right of ['comity@localhost/comity', '/comity?host=/run/postgresql'])
      expect(by(`postgresql://${right}`)).toEqual([])
    expect(by('postgresql://store.example/comity?sslmode=verify-full')).toEqual([])
    expect(by('postgresql://store.example/comity')).toEqual(['COMITY_POSTGRES'])
    expect(by('postgresql://comity:secret@localhost/comity')).toEqual(['COMITY_POSTGRES'])
  })

  // Kills: an address whose `?` turns off TLS or waiting for the disk, names another host, or has the password.
  test('has a store whose address says where it is, and nothing else', () => {
    const by = (COMITY_POSTGRES: string) =>
      faultsOf({ COMITY_DYNAMODB_ENDPOINT: undefined, COMITY_POSTGRES })
    for (const wrong of [
      'comity@localhost/comity?options=-c%20synchronous_commit%3Doff',
      'comity@localhost/comity?host=store.example',
      'comity@store.example/comity?sslmode=verify-full&sslmode=disable',
      'comity@store.example/comity?sslmode=verify-full&ssl=0',
      'comity@localhost/comity?password=secret',
      '/comity',
    ])
      expect(by(`postgresql://${wrong}`)).toEqual(['COMITY_POSTGRES'])
    const files = 'sslmode=verify-full&sslrootcert=/etc/comity/ca.pem'
    expect(by(`postgresql://comity@store.example/comity?${files}`)).toEqual([])
  })

  // Kills: keys and records that pass a network in the open because somebody wrote http; a public address that a
  // sentence about a private network opens.
  test('reaches nothing on another machine without TLS, unless that is a private network and told so', () => {
    const account = { AWS_REGION: 'x', AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x' }
    const agreed = 'whoever can listen on this network may read and change what is sent there'
    const told = { ...account, COMITY_PLAIN_HTTP_AGREED: agreed }
    const places: readonly ((host: string) => Readonly<Record<string, string>>)[] = [
      (host) => ({ COMITY_DYNAMODB_ENDPOINT: `http://${host}:8000` }),
      (host) => ({ COMITY_ARCHIVE: 's3://bucket', COMITY_S3_ENDPOINT: `http://${host}` }),
      (host) => ({ COMITY_WITNESSES: JSON.stringify([{ vkey: 'w', url: `http://${host}/w` }]) }),
    ]
    for (const place of places) {
      const name = Object.keys(place('')).at(-1) ?? ''
      for (const host of ['127.0.0.1', 'localhost', '[::1]'])
        expect(faultsOf({ ...account, ...place(host) })).toEqual([])
      for (const host of ['store.internal', '10.0.0.7', '172.16.0.1', '192.168.1.2', '[fd00::1]']) {
        expect(faultsOf({ ...account, ...place(host) })).toEqual([name])
        expect(faultsOf({ ...told, ...place(host) })).toEqual([])
      }
      for (const host of ['203.0.113.7', '172.32.0.1', '11.0.0.1', '[2001:db8::1]'])
        expect(faultsOf({ ...told, ...place(host) })).toEqual([name])
    }
    expect(faultsOf({ COMITY_PLAIN_HTTP_AGREED: 'yes' })).toContain('COMITY_PLAIN_HTTP_AGREED')
  })

  // Kills: words of a library, which name its types and not what to do.
  test('says in plain words what is wrong with each value, and never the value', () => {
    const wrong = {
      COMITY_ORIGIN: 'secret gateway',
      COMITY_GATEWAY: 'Secret!',
      COMITY_REGISTRARS: '{"secret":1}',
      COMITY_BACKUP_DAYS: '99999',
      COMITY_SEALS: 'secret',
      COMITY_S3_ENDPOINT: 'secret',
      COMITY_DECISIONS_TABLE: '',
      COMITY_WITNESSES: '[{"vkey":"w","url":"secret","secret":1}]',
    }
    const { message } = (() => {
      try {
        return readMachineConfig({ ...right, ...wrong }) as never
      } catch (error) {
        return error as Error
      }
    })()
    expect(message).not.toMatch(/secret|Invalid|expected|Too (big|small)|undefined|pattern/i)
    for (const name of Object.keys(wrong)) expect(message).toContain(name)
    expect(message).toContain('COMITY_BACKUP_DAYS: it has to be 3650 at most')
    expect(message).toContain('COMITY_ORIGIN: it is no address such as https://gateway.example')
  })

  test('asks who calls a store that is on another machine, so that nobody looks for it on the network', () => {
    const far = { COMITY_DYNAMODB_ENDPOINT: 'https://store.example' }
    const account = ['AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']
    expect(faultsOf(far)).toEqual(account)
    expect(faultsOf({ COMITY_ARCHIVE: 's3://bucket' })).toEqual(account)
    expect(faultsOf({ ...far, ...Object.fromEntries(account.map((each) => [each, 'x'])) })).toEqual(
      [],
    )
  })
})

// Kills: an address that nobody can read, whose password is in the error that says so.
test.each([
  ['COMITY_DYNAMODB_ENDPOINT', 'http://u:hidden@'],
  ['COMITY_POSTGRES', 'postgresql://u:hidden@h:99999/x'],
  ['COMITY_S3_ENDPOINT', 'https://u:hidden@'],
  ['COMITY_WITNESSES', '[{"vkey":"w","url":"https://u:hidden@"}]'],
  ['COMITY_LOGINS', '[{"iss":"https://u:hidden@","name":"N","clientId":"C"}]'],
])('What is no address in %s is told in a sentence, without it', (name, value) => {
  const failing = () => readMachineConfig({ ...right, [name]: value })
  expect(failing).toThrow(new RegExp(`^couldn’t start: ${name}[\\w.]*: it is no address such as`))
  expect(failing).not.toThrow(/hidden/)
})

// Kills: a password that a file of the site, or a line about a place that does not answer, shows to others.
test.each([
  ['COMITY_S3_ENDPOINT', 'https://u:hidden@s3.example'],
  ['COMITY_WITNESSES', '[{"vkey":"w","url":"https://u:hidden@w.example"}]'],
  ['COMITY_STAMPS', '{"url":"https://u:hidden@t.example","certificate":"AAAA"}'],
])('A name and password in the address of %s are refused, and not shown', (name, value) => {
  const failing = () => readMachineConfig({ ...right, [name]: value })
  expect(failing).toThrow(
    new RegExp(`^couldn’t start: ${name}[\\w.]*: take the name and password out`),
  )
  expect(failing).not.toThrow(/hidden/)
})
