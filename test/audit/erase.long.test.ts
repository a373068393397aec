/** A person's part of the log is erased: all of it, nobody else's, and no proof with it. */

import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { putAll } from '../../functions/adapters/dynamodb.ts'
import { dynamodbLedger } from '../../functions/adapters/ledger-dynamodb.ts'
import { dynamodbLookups } from '../../functions/adapters/lookups-dynamodb.ts'
import type { OpenSecrets } from '../../functions/adapters/secrets.ts'
import { dynamodbSubjectKeys } from '../../functions/adapters/subject-keys-dynamodb.ts'
import { localTableNames } from '../../functions/adapters/tables.ts'
import type { AuditWorld } from '../../functions/log-ports.ts'
import { fileRows } from '../../functions/sealing/lookup-rows.ts'
import { requestOfMember, subjectsOf } from '../answer/people.ts'
import { copyOf } from '../drills/tables.ts'
import { freshJti, problemOf } from '../world.ts'
import { type Acting, certificateOf, startActing } from './acting.ts'

/** What a purge of the store finds to be done already, and how long backups are kept, days. */
let purging: () => Promise<unknown> = async () => {}
let backupDays = 35

let acting: Acting
beforeAll(async () => {
  acting = await startActing({
    changeAudit: mortal,
    remains: {
      purge: async () => void (await purging()),
      get backupDays() {
        return backupDays
      },
    },
  })
})
afterAll(() => acting.close())

let people = 0
/** A fresh person with a record: ids of entries that asked for each identifier, one after another. */
async function asked(ways: readonly (keyof ReturnType<typeof subjectsOf>)[], id = `E-${++people}`) {
  await acting.keepPerson(id)
  const eids: string[] = []
  for (const way of ways) eids.push(await acting.askFor(subjectsOf(id)[way]))
  return { id, eids, subjects: subjectsOf(id) }
}

describe('After an erasure', () => {
  // Kills: erasing the keys of the identifiers given alone; not following those that were found.
  test('nobody can read what was asked of the person, by whichever name it was asked', async () => {
    const { eids, subjects } = await asked(['recordId', 'document', 'name', 'recordId'])
    const certificate = await acting.act({
      act: 'erase',
      subjects: [acting.pseudonym(subjects.document)],
    })
    expect(await acting.readable(eids)).toEqual([])
    // Four requests and the entry by which the record was kept, under four keys.
    expect(certificate).toMatchObject({ act: 'erase', entries: 5, keys: 4 })
    expect(certificate.says.join(' ')).toContain('4 keys were destroyed')
  })

  // Kills: an erasure that only knows of entries which are sealed.
  test('not even what was asked a moment ago', async () => {
    const { eids, subjects } = await asked(['document'])
    await acting.act({ act: 'erase', subjects: [acting.pseudonym(subjects.recordId)] })
    expect(await acting.readable(eids)).toEqual([])
  })

  // Kills: an erasure that touches the entry itself, so that its proof fails.
  test('every entry is there, byte for byte', async () => {
    const { eids, subjects } = await asked(['recordId', 'name'])
    const before = await acting.world.ledger.readAll(eids)
    await acting.act({ act: 'erase', subjects: [acting.pseudonym(subjects.recordId)] })
    expect(await acting.world.ledger.readAll(eids)).toEqual(before)
    expect(before.size).toBe(2)
  })

  // Kills: rows left under the person or the case, on either side; rows of the others taken as well.
  test('auditors find nothing under the person or the case, and the entry everywhere else', async () => {
    const { eids, subjects } = await asked(['recordId', 'name'])
    await acting.fileLog()
    const rows = await acting.rowsOfPeople(eids)
    expect(new Set(rows.map(({ key }) => `${key.jurisdiction} ${key.by}`))).toEqual(
      new Set(['DE subject', 'DE case', 'FR subject', 'FR case']),
    )
    expect(await acting.standing(rows)).toEqual(rows)
    await acting.act({ act: 'erase', subjects: [acting.pseudonym(subjects.name)] })
    expect(await acting.standing(rows)).toEqual([])
    const key = { jurisdiction: 'DE', by: 'officer', value: 'FR-SPOC/officer-7' } as const
    const left = await acting.auditWorld.lookups.list(key, {}, 1000)
    expect(left.map(({ id }) => id)).toEqual(expect.arrayContaining([...eids]))
    // The sealer comes by again, and writes only what the leaves say.
    await acting.fileLog()
    expect(await acting.standing(rows)).toEqual([])
  })

  test('the same request again is told that it was erased, and a new one has a key of its own', async () => {
    const { subjects } = await asked([])
    const jti = freshJti()
    const eid = await acting.askFor(subjects.recordId, jti)
    await acting.act({ act: 'erase', subjects: [acting.pseudonym(subjects.recordId)] })
    const again = await acting.ask(
      'FR-SPOC',
      'officer-7',
      requestOfMember({ subject: subjects.recordId }),
      {
        jti,
      },
    )
    expect(await problemOf(again)).toMatchObject({ status: 410, code: 'erased' })
    const next = await acting.askFor(subjects.recordId)
    expect(await acting.readable([eid, next])).toEqual([next])
  })

  // Kills: an act kept under the subject's own key, which goes with what it erases.
  test('the act itself can be read, with who approved it and what it erased', async () => {
    const { eids, subjects } = await asked(['recordId'])
    const { id } = await acting.act({
      act: 'erase',
      subjects: [acting.pseudonym(subjects.recordId)],
    })
    const { stored, opened } = await acting.entry(id)
    expect(stored.leaf).toMatchObject({ t: 'erasure', hj: 'DE', aj: 'DE' })
    expect(opened).toMatchObject({
      call: { agency: 'DE-POL', officer: 'officer-1' },
      approver: { agency: 'DE-DPO', officer: 'dpo-1' },
      act: { act: 'erase', ground: 'The person asked for it.', cites: ['LED 16(2)'] },
    })
    expect(JSON.stringify(opened)).toContain(eids[0])
    expect(JSON.stringify(opened)).not.toContain('Beispiel')
  })

  // Kills: a certificate that says at once what backups of 35 days make untrue, or the other way round.
  test.each([
    [35, '2026-12-30T09:00:00.000Z', /^The keys are in no backup .* until 2026-12-30T09:00/],
    [0, '2026-11-25T09:00:00.000Z', /^The keys are in no file of the gateway’s store any more/],
  ] as const)(
    'with backups of %i days it says what is left until when, and what it cannot know',
    async (days, lapse, left) => {
      const { subjects } = await asked(['recordId'])
      backupDays = days
      const { backupsLapse, says, receipt } = await acting.act({
        act: 'erase',
        subjects: [acting.pseudonym(subjects.recordId)],
      })
      backupDays = 35
      expect(backupsLapse).toBe(lapse)
      const [notPart = '', store = '', unknown = ''] = says.slice(-3)
      expect(notPart).toContain('the record itself')
      expect(store).toMatch(left)
      expect(unknown).toMatch(/cannot know: .*snapshot.*disk/)
      expect(receipt.split('.')).toHaveLength(3)
    },
  )

  // Kills: a store that is purged before the keys are destroyed, or not at all, or once for all retries.
  test('the store is purged once the keys are destroyed and before it is answered, by a retry, too', async () => {
    const { eids, subjects } = await asked(['recordId'])
    const found: (readonly string[])[] = []
    purging = async () => found.push(await acting.readable(eids))
    const { send } = await acting.prepare({
      act: 'erase',
      subjects: [acting.pseudonym(subjects.recordId)],
    })
    await send()
    expect(found).toEqual([[]])
    await send()
    expect(found).toEqual([[], []])
    await acting.act({ act: 'hold', subjects: [acting.pseudonym(subjects.recordId)] })
    expect(found).toHaveLength(2)
    purging = async () => {}
  })

  test('of somebody of whom the log says nothing, it says just that', async () => {
    const stranger = acting.pseudonym({ recordId: 'NOBODY' })
    expect(await acting.act({ act: 'erase', subjects: [stranger] })).toMatchObject({
      entries: 0,
      keys: 0,
    })
  })
})

describe('Somebody of the same name', () => {
  const family = () => `Zwilling ${++people}`
  const twins = async (wasAsked = true) => {
    const name = { name: { given: 'Anton', family: family() }, birthDate: '1979-03-14' }
    const [one, other] = [`T-${++people}`, `T-${++people}`]
    await acting.keepPerson(one, name.name.family)
    const first = wasAsked ? await acting.askFor(name) : ''
    await acting.keepPerson(other, name.name.family)
    return { one, other, name, first }
  }

  // Kills: going on through an entry that fitted several people.
  test('keeps their own entries, though a search by that name was about both', async () => {
    const { one, other, name, first } = await twins()
    const both = await acting.askFor(name)
    const mine = await acting.askFor(subjectsOf(one).recordId)
    const theirs = await acting.askFor(subjectsOf(other).recordId)
    await acting.act({ act: 'erase', subjects: [acting.pseudonym(subjectsOf(one).recordId)] })
    expect(await acting.readable([first, both, mine, theirs])).toEqual([theirs])
  })

  // Kills: an identifier of two records that leads from one to the other.
  test('keeps their own entries, even where no search ever met both', async () => {
    const { one, other } = await twins()
    const mine = await acting.askFor(subjectsOf(one).document)
    const theirs = await acting.askFor(subjectsOf(other).document)
    await acting.act({ act: 'erase', subjects: [acting.pseudonym(subjectsOf(one).recordId)] })
    expect(await acting.readable([mine, theirs])).toEqual([theirs])
  })

  // Kills: taking a shared name for one person when it is what was given.
  test('and when the name itself is given, only what was asked by it goes, and that is said', async () => {
    const { one, other, name, first } = await twins()
    const both = await acting.askFor(name)
    const mine = await acting.askFor(subjectsOf(one).recordId)
    const theirs = await acting.askFor(subjectsOf(other).recordId)
    const { says } = await acting.act({ act: 'erase', subjects: [acting.pseudonym(name)] })
    expect(await acting.readable([first, both, mine, theirs])).toEqual([mine, theirs])
    expect(says.join(' ')).toContain('Of the identifiers given, 1 fit several records')
  })

  // Kills: a name that fits several, as a search has shown, which still leads to one of them.
  test('keeps their own entries where only a search has shown that the name is shared', async () => {
    const { one, name } = await twins(false)
    const both = await acting.askFor(name)
    const mine = await acting.askFor(subjectsOf(one).recordId)
    await acting.act({ act: 'erase', subjects: [acting.pseudonym(name)] })
    expect(await acting.readable([both, mine])).toEqual([mine])
  })

  // Kills: an act by a record that tells whoever asked by the name that the record was found; what was found that stays;
  // forgetting what stands under the same key.
  test('keeps what was asked by the shared name and told nothing, without what was found', async () => {
    const { one, other, name } = await twins(false)
    const both = await acting.askFor(name)
    for (const id of [one, other])
      await acting.call('DE-POL', { method: 'DELETE', path: `/v1/records/${id}` })
    const later = await acting.askFor(name)
    await acting.seal()
    await acting.keepPerson(other, name.name.family)
    const rows = await acting.rowsOfPeople([both, later])
    const ofFound = ({ key }: (typeof rows)[number]) =>
      key.value === acting.pseudonym(subjectsOf(one).recordId)
    expect(rows.filter(ofFound)).toHaveLength(1)
    const theirs = await acting.askFor(subjectsOf(other).recordId)
    const { entries } = await acting.act({
      act: 'erase',
      subjects: [acting.pseudonym(subjectsOf(one).recordId)],
    })
    expect(entries).toBe(0)
    expect(await acting.readable([both, later, theirs])).toEqual([both, later, theirs])
    const { subject } = (await acting.entry(both)).opened
    expect(subject).toMatchObject({ match: 'none', found: [] })
    const stand = await acting.standing(rows)
    expect(stand.filter(ofFound)).toEqual([])
    // Of a hit on two people, neither is named any more.
    expect(stand.map(({ key }) => key.value)).not.toContain(
      acting.pseudonym(subjectsOf(other).recordId),
    )
    const own = await acting.rowsOfPeople([both, later])
    expect(await acting.standing(own)).toEqual(own)
  })

  // Kills: one key for what left of the one and what was denied of both.
  test('keeps what left of them alone by the shared name, and what was denied of both', async () => {
    const { one, name } = await twins(false)
    const both = await acting.askFor(name)
    await acting.call('DE-POL', { method: 'DELETE', path: `/v1/records/${one}` })
    const later = await acting.askFor(name)
    await acting.act({ act: 'erase', subjects: [acting.pseudonym(subjectsOf(one).recordId)] })
    expect(await acting.readable([both, later])).toEqual([both, later])
    expect((await acting.entry(both)).opened.subject.found).toEqual([])
    expect((await acting.entry(later)).opened.subject.match).toBe('one')
  })

  // Kills: rows left under the name of entries that went since they share a key with another's.
  test('leaves no row of an entry that nobody can read any more', async () => {
    const { one, name, first } = await twins()
    const both = await acting.askFor(name)
    await acting.fileLog()
    const rows = await acting.rowsOfPeople([first, both])
    await acting.act({ act: 'erase', subjects: [acting.pseudonym(subjectsOf(one).recordId)] })
    expect(await acting.standing(rows)).toEqual([])
  })
})

describe('An erasure that is sent again', () => {
  test('is the same one, with the same certificate', async () => {
    const { subjects } = await asked(['recordId', 'name'])
    const { send } = await acting.prepare({
      act: 'erase',
      subjects: [acting.pseudonym(subjects.recordId)],
    })
    const first = await send()
    expect(first.status).toBe(201)
    const next = await acting.askFor(subjects.recordId)
    const again = await send()
    expect(again.status).toBe(200)
    const [{ receipt: _a, ...one }, { receipt: _b, ...two }] = [
      await certificateOf(first),
      await certificateOf(again),
    ]
    expect(two).toEqual(one)
    // What was asked since is not part of it.
    expect(await acting.readable([next])).toEqual([next])
  })

  test('is one, when it is sent five times at once', async () => {
    const { eids, subjects } = await asked(['recordId'])
    const { send } = await acting.prepare({
      act: 'erase',
      subjects: [acting.pseudonym(subjects.recordId)],
    })
    const responses = await Promise.all(Array.from({ length: 5 }, send))
    expect(responses.filter(({ status }) => status === 201)).toHaveLength(1)
    const ids = await Promise.all(responses.map(async (each) => (await certificateOf(each)).id))
    expect(new Set(ids).size).toBe(1)
    expect(await acting.readable(eids)).toEqual([])
  })
})

describe('Of many people', () => {
  const ways = fc.constantFrom('recordId', 'document', 'name')
  const who = fc.integer({ min: 0, max: 2 })

  // Kills: an erasure that misses one identifier, or takes a further person's.
  test('one is erased wholly, and the others not at all', async () => {
    const property = fc.asyncProperty(
      fc.array(fc.tuple(who, ways), { minLength: 1, maxLength: 6 }),
      who,
      fc.array(ways, { minLength: 1, maxLength: 2 }),
      async (requests, erased, given) => {
        const ids = [1, 2, 3].map(() => `M-${++people}`)
        await Promise.all(ids.map((id) => acting.keepPerson(id)))
        const all = await Promise.all(
          requests.map(async ([at, way]) => ({
            at,
            way,
            eid: await acting.askFor(subjectsOf(ids[at] ?? '')[way]),
          })),
        )
        const subjects = given.map((way) => acting.pseudonym(subjectsOf(ids[erased] ?? '')[way]))
        await acting.act({ act: 'erase', subjects: [...new Set(subjects)] })
        const others = all.filter(({ at }) => at !== erased).map(({ eid }) => eid)
        expect(await acting.readable(all.map(({ eid }) => eid))).toEqual(others)
      },
    )
    await fc.assert(property, { numRuns: 8 })
  })
})

/** What dies of the process, after how many writes to the store from now on. */
let writesLeft = Number.POSITIVE_INFINITY

/** What happens elsewhere, just before a key is destroyed unless another command is meant. */
let before = 'UpdateItemCommand'
let meanwhile: () => Promise<unknown> = async () => {}

/** A world whose process can die: from one write on, it reaches nothing any more. */
function mortal(world: AuditWorld): AuditWorld {
  const send = async (command: object) => {
    if (/^(Put|Update|Delete|BatchWrite)/.test(command.constructor.name)) writesLeft -= 1
    if (writesLeft < 0) throw new Error('the process died')
    if (command.constructor.name === before) await meanwhile()
    const { client } = acting.store
    return Reflect.apply(client.send, client, [command])
  }
  const dying: DynamoDBClient = Object.create(DynamoDBClient.prototype, { send: { value: send } })
  const names = localTableNames()
  // A cast: the gateway's own secrets are what opens them.
  const { wrapKey } = world.secrets as OpenSecrets
  return {
    ...world,
    ledger: dynamodbLedger(dying, names.decisions),
    subjectKeys: dynamodbSubjectKeys(dying, names.keys, wrapKey),
    lookups: dynamodbLookups(dying, names.lookups),
  }
}

describe('An erasure while the sealer is at the same entries', () => {
  // Kills: rows removed before the key is destroyed, and not again after.
  test('leaves none of the rows that the sealer writes at the last moment', async () => {
    const { eids, subjects } = await asked(['name'])
    await acting.seal()
    const rows = await acting.rowsOfPeople(eids)
    meanwhile = async () => {
      meanwhile = async () => {}
      await acting.fileAll(eids)
    }
    await acting.act({ act: 'erase', subjects: [acting.pseudonym(subjects.name)] })
    expect(await acting.standing(rows)).toEqual([])
  })

  test('leaves none, however the two interleave', async () => {
    const { eids, subjects } = await asked(['name', 'recordId'])
    await acting.seal()
    const rows = await acting.rowsOfPeople(eids)
    const erasing = acting.act({ act: 'erase', subjects: [acting.pseudonym(subjects.name)] })
    await Promise.all([erasing, ...Array.from({ length: 5 }, () => acting.fileAll(eids))])
    expect(await acting.readable(eids)).toEqual([])
    expect(await acting.standing(rows)).toEqual([])
  })
})

describe('A sealer that crashes before it looks whether the key is still there', () => {
  /** Files entries whose key goes when their rows are written, and dies there. */
  const fileAndDie = async (
    eids: readonly string[],
    subject: Parameters<typeof acting.pseudonym>[0],
  ) => {
    const { auditWorld } = acting
    const entries = [...(await auditWorld.ledger.readAll(eids)).values()]
    const { lookups, subjectKeys } = auditWorld
    let asked = 0
    const dying = {
      ...auditWorld,
      lookups: {
        ...lookups,
        async file(rows: Parameters<typeof lookups.file>[0]) {
          await acting.act({ act: 'erase', subjects: [acting.pseudonym(subject)] })
          await lookups.file(rows)
        },
      },
      subjectKeys: {
        ...subjectKeys,
        openEach: (kids: readonly string[]) =>
          ++asked > 1 ? Promise.reject(new Error('the process died')) : subjectKeys.openEach(kids),
      },
    }
    await expect(fileRows(entries, dying, { ...dying, places: new Map() })).rejects.toThrow(
      'the process died',
    )
  }

  // Kills: rows that only whoever has the key can name.
  test.each(['the next filing', 'the erasure, sent again'] as const)(
    'leaves rows that %s removes, and that no auditor is shown',
    async (mender) => {
      const { eids, subjects } = await asked(['recordId'])
      const rows = await acting.rowsOfPeople(eids)
      await fileAndDie(eids, subjects.recordId)
      expect(await acting.readable(eids)).toEqual([])
      expect((await acting.standing(rows)).length).toBeGreaterThan(0)
      const query = `purpose=lawfulness&subject=${acting.pseudonym(subjects.recordId)}`
      const shown = await acting.callAudit('DE-DPA', { path: `/v1/decisions?${query}` })
      expect(await shown.json()).toMatchObject({ entries: [] })
      if (mender === 'the next filing') await acting.fileAll(eids)
      else await acting.act({ act: 'erase', subjects: [acting.pseudonym(subjects.recordId)] })
      expect(await acting.standing(rows)).toEqual([])
    },
  )
})

describe('A sealer that an erasure overtakes between its note and its rows, and that dies then', () => {
  // Kills: a note that goes with the rows it tells of, so that rows that come later are found by nothing.
  test('leaves rows that the clock clears, an hour later and with no key', async () => {
    const { eids, subjects } = await asked(['recordId'])
    const rows = await acting.rowsOfPeople(eids)
    const { auditWorld, store } = acting
    const { lookups } = auditWorld
    await lookups.file(await acting.rowsOf(eids))
    const places = rows.map(({ key, line }) => `${key.by}#${key.value}#${line.ts}#${line.id}`)
    const late = (await copyOf(store, store.tables.lookups)).filter(({ pk, sk }) => {
      const [, by, value] = (pk?.S ?? '').split('#')
      return places.includes(`${by}#${value}#${sk?.S}`)
    })
    await acting.act({ act: 'erase', subjects: [acting.pseudonym(subjects.recordId)] })
    expect(await acting.standing(rows)).toEqual([])
    await putAll(store.client, store.tables.lookups, late)
    expect(await acting.standing(rows)).toEqual(rows)
    await lookups.clear('2026-11-25T09:00:00.000Z')
    expect(await acting.standing(rows)).toEqual(rows)
    await lookups.clear('2026-11-25T09:00:00.001Z')
    expect(await acting.standing(rows)).toEqual([])
  })
})

describe('A request that comes in the middle of an erasure', () => {
  const subjectRows = async (eid: string, subject: string) => {
    const key = { jurisdiction: 'DE', by: 'subject', value: subject } as const
    return (await acting.auditWorld.lookups.list(key, {}, 1000)).filter(({ id }) => id === eid)
  }

  // Kills: rows of what was asked since, which stay behind when their key goes.
  const lateAsk = async (command: string) => {
    const { subjects } = await asked(['recordId'])
    let late = ''
    before = command
    meanwhile = async () => {
      meanwhile = async () => {}
      late = await acting.askFor(subjects.recordId)
      await acting.seal()
    }
    const subject = acting.pseudonym(subjects.recordId)
    await acting.act({ act: 'erase', subjects: [subject] })
    before = 'UpdateItemCommand'
    return { late, rows: await subjectRows(late, subject) }
  }

  test('under the same key goes with it, and is not found under the person', async () => {
    const { late, rows } = await lateAsk('UpdateItemCommand')
    expect(await acting.readable([late])).toEqual([])
    expect(rows).toEqual([])
  })

  // Kills: removing the rows of whatever is filed under the person, readable or not.
  test('after the key is gone has a key of its own, and is found', async () => {
    const { late, rows } = await lateAsk('DeleteItemCommand')
    expect(await acting.readable([late])).toEqual([late])
    expect(rows).toHaveLength(1)
  })
})

describe('A request that comes while an erasure becomes an entry', () => {
  // Kills: removing the rows of the entries of the plan alone, so that the case still shows another.
  test('under the same key leaves no row of the person or the case, on either side', async () => {
    const { subjects } = await asked(['recordId'])
    let rows: Awaited<ReturnType<typeof acting.rowsOfPeople>> = []
    before = 'PutItemCommand'
    meanwhile = async () => {
      meanwhile = async () => {}
      const late = await acting.askFor(subjects.recordId)
      await acting.seal()
      rows = await acting.rowsOfPeople([late])
    }
    await acting.act({ act: 'erase', subjects: [acting.pseudonym(subjects.recordId)] })
    before = 'UpdateItemCommand'
    expect(rows.length).toBeGreaterThan(3)
    expect(await acting.standing(rows)).toEqual([])
  })
})

describe('An erasure during which the process dies', () => {
  // Kills: keys that go before the rows that only they can name; an act that is not an entry first; a
  // retry that looks for what is left instead of what its entry says.
  test('is completed by the same call, wherever it died', async () => {
    let certified: object | undefined
    for (let writes = 0; ; writes++) {
      const { eids, subjects } = await asked(['name'])
      await acting.seal()
      const rows = await acting.rowsOfPeople(eids)
      const given = [acting.pseudonym(subjects.name)]
      const { send } = await acting.prepare({ act: 'erase', subjects: given })
      writesLeft = writes
      const first = await send()
      writesLeft = Number.POSITIVE_INFINITY
      if (first.ok) {
        expect(writes).toBeGreaterThan(10)
        return
      }
      const { id: _, receipt: __, ...certificate } = await certificateOf(await send())
      expect(certificate, `after ${writes} writes`).toEqual(certified ?? certificate)
      certified = certificate
      expect(await acting.readable(eids), `after ${writes} writes`).toEqual([])
      expect(await acting.standing(rows), `after ${writes} writes`).toEqual([])
      expect(await acting.world.subjectKeys.generations('DE', given[0] ?? '')).toEqual([])
    }
  })
})
