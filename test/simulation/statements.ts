/**
 * What must hold of the stores after every step, whatever happened, and at the end. Written from the
 * statements about the log and from RFC 6962, with none of the gateway's code for trees, tiles, notes and
 * sealing; what changed since the last step is looked at, and no more.
 *
 * S1 no entry, no release · S2 write once · S3 one decision per request · S4 contiguity · S5 at most once
 * S6 fidelity · S7 marked before more · S8 availability order · S9 append-only · S10 marks tell the truth
 * S11 receipts tell the truth · S12 erasure · S13 hold · S14 isolation · L1 all sealed · L2 all published
 * (L3, that every call leaves less, is asked at the end of a run: `run.ts`)
 */

import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'
import { openEntry } from '../../functions/ledger/entry.ts'
import type { Placed } from '../../functions/log-ports.ts'
import type { Stored } from '../../functions/ports.ts'
import { acts, clients, records, witnesses } from './cast.ts'
import type { KeyRow, Said, Stores, TableName } from './stores.ts'

/** What is known of a log: its leaves in order, and how far everything went. */
type Log = {
  readonly leaves: Placed[]
  /** The largest size that its head ever had, and that was published. */
  sized: number
  published: number
  readonly roots: Map<string, Buffer>
}

export type Statements = ReturnType<typeof statementsOf>

/** The statements about some stores; the first that does not hold is given, with the reason. */
export function statementsOf(stores: Stores, quorum: number) {
  const logs = new Map<string, Log>()
  const logOf = (name: string): Log => {
    const known = logs.get(name) ?? { leaves: [], sized: 0, published: 0, roots: new Map() }
    logs.set(name, known)
    return known
  }
  /** Rows as they were when they were last looked at. */
  const before = {
    entries: new Map<string, Stored>(),
    manifests: new Map<string, readonly Placed[]>(),
    files: new Map<string, Uint8Array>(),
    keys: new Map<string, KeyRow>(),
    memories: new Map<string, number>(),
  }
  /** Keys that some row ever had, by id; they are gone from the store once they were erased. */
  const keks = new Map<string, Uint8Array>()
  const salts = new Map<string, string>()
  const signatures = new Set<string>()
  const told = new Map<number, { readonly outcome: string; readonly lh: string; data?: string }>()
  let heard = 0

  const checks: Readonly<Record<TableName, (key: string) => string | undefined>> = {
    entries(eid) {
      const [was, entry] = [before.entries.get(eid), stores.entries.get(eid)]
      if (entry === undefined) return `S2: entry ${eid} is gone`
      before.entries.set(eid, entry)
      if (was === undefined)
        return isSame(leafHashOf(entry), entry.leafHash) ? undefined : `S6: ${eid} has another hash`
      return isSame(was.leafBytes, entry.leafBytes) &&
        isSame(was.ciphertext, entry.ciphertext) &&
        was.attempt === entry.attempt &&
        was.kid === entry.kid
        ? undefined
        : `S2: entry ${eid} was written over`
    },

    manifests(key) {
      const placed = stores.manifests.get(key) ?? []
      const [name = '', start] = key.split(' ')
      const was = before.manifests.get(key)
      if (was !== undefined) return isSamePlaced(was, placed) ? undefined : `S4: ${key} was changed`
      before.manifests.set(key, placed)
      const log = logOf(name)
      if (Number(start) !== log.leaves.length || placed.length === 0 || placed.length > 4096)
        return `S4: ${key} does not follow ${log.leaves.length} leaves`
      const unmarked = log.leaves.find(({ eid }, i) => stores.places.get(eid)?.index !== i)
      if (unmarked !== undefined) return `S7: ${key} was put while ${unmarked.eid} was not marked`
      for (const each of placed) {
        const wrong = wrongLeaf(each, name)
        if (wrong !== undefined) return wrong
        for (const { leaves } of logs.values())
          if (leaves.some(({ eid }) => eid === each.eid)) return `S5: ${each.eid} is placed twice`
        log.leaves.push(each)
      }
      return undefined
    },

    heads(name) {
      const [log, head] = [logOf(name), stores.heads.get(name)]
      if (head === undefined) return `S8: the head of ${name} is gone`
      if (head.size > log.leaves.length) return `S8: ${name} has a head of more than its manifests`
      if (hex(head.root) !== hex(rootOf(log, head.size))) return `S8: ${name} has another root`
      log.sized = Math.max(log.sized, head.size)
      for (const [i, { eid }] of log.leaves.slice(0, head.marked + head.filed).entries())
        if (stores.places.get(eid)?.index !== i) return `S7: ${name} counts ${eid} as marked`
      return missingFile(name, log, head.size)
    },

    places(eid) {
      const place = stores.places.get(eid)
      if (place === undefined) return `S10: the mark of ${eid} is gone`
      const log = logOf(place.log)
      if (log.leaves[place.index]?.eid !== eid) return `S10: ${eid} is not at ${place.index}`
      if (place.index >= log.sized) return `S8: ${eid} was marked before it was in the tree`
      return missingRow(eid)
    },

    files(path) {
      const [was, bytes] = [before.files.get(path), stores.files.get(path)]
      if (bytes === undefined) return `S8: ${path} is gone`
      before.files.set(path, bytes)
      if (path.endsWith('/checkpoint'))
        return wrongCheckpoint(path.slice(0, -'/checkpoint'.length), bytes)
      return was === undefined || isSame(was, bytes) ? undefined : `S8: ${path} was written over`
    },

    keys(place) {
      const [was, row] = [before.keys.get(place), stores.keys.get(place)]
      if (row === undefined) return `S12: the row of a key is gone`
      before.keys.set(place, row)
      if (row.kek !== undefined) keks.set(row.kid, row.kek)
      if (was === undefined) return undefined
      if (was.kid !== row.kid) return `S12: a key was written over`
      if (was.kek === undefined && row.kek !== undefined) return `S12: an erased key came back`
      if (row.kek !== undefined && row.isForgotten) return `S12: a key that opens was forgotten`
      if (was.kek !== undefined && row.kek === undefined && was.heldBy.size > 0)
        return `S13: a held key was erased`
      for (const act of row.heldBy)
        if (row.kek === undefined) return `S13: an erased key is held`
        else if (row.lifted.has(act)) return `S13: a lifted act holds again`
      for (const act of was.lifted)
        if (!row.lifted.has(act)) return `S13: that an act was lifted is forgotten`
      return undefined
    },

    // That one marks and another does not, or what was looked at, is never rested on.
    taken: () => undefined,
    looks: () => undefined,
    ways: () => undefined,
    notes: () => undefined,
    unfiled: () => undefined,

    tags(eid) {
      const isNoted = stores.notes.get(eid) !== undefined
      return isNoted || (stores.tags.get(eid)?.tags ?? []).length === 0
        ? undefined
        : `S12: ${eid} has tags of its person, which no note tells of`
    },

    rows(key) {
      const row = stores.rows.get(key)
      if (row === undefined) return undefined
      const { line } = row
      const entry = before.entries.get(line.id)
      if (entry === undefined) return `S14: a row is of no entry`
      const { t, hj, aj, out } = entry.leaf
      // An erasure tells auditors of those who asked how many entries went, and nothing else.
      if (t === 'erasure' && line.erasedEntries !== undefined)
        return line.agency === undefined && row.key.by === 'all' && row.key.jurisdiction !== hj
          ? undefined
          : `S14: an erasure tells more than how many entries went`
      if (row.key.jurisdiction !== (line.side === 'holder' ? hj : aj))
        return `S14: a row of ${line.id} is filed for another jurisdiction`
      if (line.side === 'requester' && (hj === aj || line.decided !== undefined))
        return `S14: the requester’s side sees more than it was told of ${line.id}`
      if (line.hj !== hj || line.aj !== aj || line.outcome !== out || line.ts !== entry.leaf.ts)
        return `S14: a row of ${line.id} says something else than its leaf`
      if (row.key.by !== 'subject' && row.key.by !== 'case') return undefined
      if (stores.notes.get(line.id)?.places.includes(key) !== true)
        return `S12: ${line.id} is filed under a ${row.key.by}, which no note tells of`
      const known = clients.find(({ eid }) => eid === line.id)?.known[line.side]
      return known === undefined || known.includes(row.key.value)
        ? undefined
        : `S14: ${line.id} is filed under somebody whom that side does not know`
    },

    memories(key) {
      const memory = stores.memories.get(key)
      const [who = '', name = ''] = key.split(' ')
      if (memory === undefined) return `S9: ${who} forgot ${name}`
      const was = before.memories.get(key) ?? 0
      before.memories.set(key, memory.size)
      if (memory.size < was) return `S9: ${who} remembers ${memory.size} of ${name} after ${was}`
      return wrongHead(who, name, memory.size, Buffer.from(memory.root).toString('base64'))
    },
  }

  /** A tree head that is not of these leaves, or of tiles that are not there, or before its head. */
  function wrongHead(who: string, name: string, size: number, root: string): string | undefined {
    const log = logOf(name)
    if (size > log.sized) return `S8: ${who} took ${size} of ${name} before its head had them`
    if (rootOf(log, size).toString('base64') !== root)
      return `S9: ${who} took a root beside ${name}`
    return missingFile(name, log, size)
  }

  function wrongLeaf({ eid, leafHash }: Placed, name: string): string | undefined {
    const entry = before.entries.get(eid)
    if (entry === undefined) return `S6: ${eid} has a place and no entry`
    if (!isSame(leafHash, leafHashOf(entry))) return `S6: the hash of ${eid} is another’s`
    // A cast: the leaf as it was hashed.
    const leaf = JSON.parse(Buffer.from(entry.leafBytes).toString()) as Stored['leaf']
    return leaf.log === name && leaf.eid === eid ? undefined : `S6: ${eid} is not of ${name}`
  }

  /** Each file of a tree of this size (c2sp.org/tlog-tiles), below 65,536 leaves. */
  function missingFile(name: string, log: Log, size: number): string | undefined {
    const hashes = log.leaves.slice(0, size).map(({ leafHash }) => leafHash)
    const fulls: Uint8Array[] = []
    for (let i = 0; (i + 1) * 256 <= size; i++) fulls.push(rootOf(log, (i + 1) * 256, i * 256))
    for (const [level, all] of [hashes, fulls].entries())
      for (let i = 0; i * 256 < all.length; i++) {
        const tile = all.slice(i * 256, (i + 1) * 256)
        // A full tile was looked at when it was the last one.
        if (tile.length === 256 && (i + 1) * 256 < all.length) continue
        const at = `${String(i).padStart(3, '0')}${tile.length < 256 ? `.p/${tile.length}` : ''}`
        if (!isSame(stores.files.get(`${name}/tile/${level}/${at}`), Buffer.concat(tile)))
          return `S8: ${name} has no tile ${level}/${at} for ${size} leaves`
        if (level > 0) continue
        const bundle = log.leaves.slice(i * 256, i * 256 + tile.length).flatMap(({ eid }) => {
          const leaf = before.entries.get(eid)?.leafBytes ?? new Uint8Array()
          return [Buffer.of(leaf.length >> 8, leaf.length & 255), leaf]
        })
        if (!isSame(bundleAt(`${name}/tile/entries/${at}`), Buffer.concat(bundle)))
          return `S8: ${name} has no entries ${at} for ${size} leaves`
      }
    return undefined
  }

  /** A full bundle; or what a partial one gained, from the first leaf up to its width. */
  function bundleAt(path: string): Uint8Array | undefined {
    const [full = '', width] = path.split('.p/')
    if (width === undefined) return stores.files.get(path)
    const parts: Uint8Array[] = []
    for (let to = Number(width); to > 0; ) {
      const gained = (each: string) => each.startsWith(`${full}.d/`) && each.endsWith(`-${to}`)
      const last = [...stores.files.rows].find(([each]) => gained(each))
      if (last === undefined) return undefined
      parts.unshift(last[1])
      to = Number(last[0].slice(`${full}.d/`.length).split('-')[0])
    }
    return Buffer.concat(parts)
  }

  /** An entry that counts as sealed is found by auditors of both sides. */
  function missingRow(eid: string): string | undefined {
    const { leaf } = before.entries.get(eid) ?? {}
    if (leaf === undefined) return `S6: ${eid} is marked and no entry`
    const missing = [leaf.hj, leaf.aj].find(
      (jurisdiction) => stores.rows.get(`${jurisdiction}#all# ${leaf.ts}#${eid}`) === undefined,
    )
    return missing === undefined ? undefined : `S10: ${eid} is sealed and not filed for ${missing}`
  }

  function wrongCheckpoint(name: string, bytes: Uint8Array): string | undefined {
    const note = Buffer.from(bytes).toString()
    const text = note.slice(0, note.indexOf('\n\n') + 1)
    const [origin, size = '', root = ''] = text.split('\n')
    const log = logOf(name)
    if (origin !== name || Number(size) < log.published)
      return `S9: ${name} was published backwards`
    log.published = Number(size)
    if (!signatures.has(`signer ${text}`)) return `S8: ${name} was published unsigned`
    const names = new Set(note.split('\n').map((line) => line.split(' ')[1] ?? ''))
    const cosigned = witnesses.filter(
      (each) => names.has(each.name) && signatures.has(`${each.name} ${text}`),
    )
    if (cosigned.length < quorum) return `S8: ${name} was published without its quorum`
    return wrongHead('whoever published', name, Number(size), root)
  }

  function wrongSignature(by: string, message: string): string | undefined {
    // What a witness signs has two lines of its own before (c2sp.org/tlog-cosignature).
    const text = by === 'signer' ? message : message.split('\n').slice(2).join('\n')
    const [name = '', size = '', root = ''] = text.split('\n')
    if (by !== 'signer' && !signatures.has(`signer ${text}`))
      return `S8: ${by} signed before the log`
    if ((stores.memories.get(`${by} ${name}`)?.size ?? 0) < Number(size))
      return `S9: ${by} signed ${size} of ${name} before it remembered`
    signatures.add(`${by} ${text}`)
    return wrongHead(by, name, Number(size), root)
  }

  function wrongReceipt(receipt: string, eid: string): string | undefined {
    const { log, lh, eid: of, out } = JSON.parse(receipt) as Readonly<Record<string, string>>
    const entry = stores.entries.get(eid)
    if (entry === undefined) return `S1: ${eid} was answered and is no entry`
    return of === eid &&
      lh === Buffer.from(leafHashOf(entry)).toString('base64url') &&
      log === entry.leaf.log &&
      out === entry.leaf.out
      ? undefined
      : `S11: the receipt of ${eid} is of another entry`
  }

  /** Whoever asks for one request gets one decision; and the same data, if any. */
  function wrongAnswer(client: number, outcome: string, receipt: string, data?: string) {
    const { eid } = clients[client] ?? { eid: '' }
    const entry = stores.entries.get(eid)
    if (entry === undefined) return `S1: ${eid} was answered and is no entry`
    if (entry.leaf.out !== outcome) return `S1: ${eid} was answered otherwise than its entry says`
    const lh = hex(leafHashOf(entry))
    const first = told.get(client) ?? { outcome, lh }
    if (first.outcome !== outcome || first.lh !== lh) return `S3: ${eid} was answered in two ways`
    if (data !== undefined && first.data !== undefined && data !== first.data)
      return `S3: ${eid} was answered with other data`
    told.set(client, { ...first, ...(data === undefined ? {} : { data }) })
    return wrongReceipt(receipt, eid)
  }

  /** What left is what the entry commits to: the salted hash of a version of the record. */
  function wrongData(client: number, items: readonly { readonly value: unknown }[]) {
    const { eid, record } = clients[client] ?? { eid: '', record: 0 }
    const entry = stores.entries.get(eid)
    const kek = entry && keks.get(entry.kid)
    if (entry === undefined || kek === undefined) return `S1: ${eid} was answered without its key`
    const held = (records[record]?.versions ?? [])
      .flatMap((each) => each.items)
      .filter(({ value }) => items.some((item) => item.value === value))
    if (held.length !== items.length) return `S1: what left of ${eid} is in no record`
    const paySalt = salts.get(eid) ?? saltOf(entry, kek)
    salts.set(eid, paySalt)
    const [until] = held.map(({ retentionUntil }) => retentionUntil)
    const payload = {
      items,
      handling: [],
      held,
      ...(until === undefined ? {} : { deleteBy: until }),
    }
    const salted = Buffer.concat([Buffer.of(2), Buffer.from(paySalt, 'base64url')])
    const digest = createHash('sha256')
      .update(salted)
      .update(canonicalize(payload) ?? '')
    return digest.digest('base64url') === entry.leaf.pay
      ? undefined
      : `S1: what left of ${eid} is not what its entry commits to`
  }

  function wrongWord(said: Said): string | undefined {
    switch (said.kind) {
      case 'signed':
        return wrongSignature(said.by, said.message)
      case 'answered': {
        const { outcome, receipt, records: given } = said.body
        const items = given.flatMap((each) => each.items)
        return (
          wrongAnswer(said.client, outcome, receipt, JSON.stringify(items)) ??
          wrongData(said.client, items)
        )
      }
      case 'told':
        return wrongAnswer(said.client, said.outcome, said.receipt)
      case 'certified':
        return wrongReceipt(said.receipt, said.act)
    }
  }

  /** Looks at what changed since the last look. */
  function check(): string | undefined {
    const { changes, said } = stores
    let wrong: string | undefined
    for (let at = 0; wrong === undefined && at < changes.length; at++) {
      const change = changes[at]
      if (change !== undefined) wrong = checks[change.table](change.key)
    }
    changes.length = 0
    while (wrong === undefined && heard < said.length) {
      const word = said[heard]
      heard += 1
      if (word !== undefined) wrong = wrongWord(word)
    }
    return wrong
  }

  /** Looks at everything once all is quiet and every act that began is done. */
  function checkEnd(): string | undefined {
    for (const [eid, { leaf, kid }] of stores.entries.rows) {
      const log = logOf(leaf.log)
      const place = stores.places.get(eid)
      if (place === undefined) return `L1: ${eid} was never sealed`
      if (log.leaves[place.index]?.eid !== eid) return `S10: ${eid} is not where its mark says`
      const at = stores.ways.get(kid)
      const isOpen = at !== undefined && stores.keys.get(at)?.kek !== undefined
      const wrong = isOpen ? undefined : wrongErasure(eid, kid)
      if (wrong !== undefined) return wrong
      const missing = isOpen ? missingPersonRow(eid) : rowLeft(eid)
      if (missing !== undefined) return missing
      if (stores.tags.get(eid)?.index !== place.index) return `S10: ${eid} has no tags of its place`
    }
    const [due] = stores.unfiled.rows.keys()
    if (due !== undefined) return `L1: ${due} was never cleared`
    for (const [name, { leaves, published }] of logs) {
      const head = stores.heads.get(name)
      if (head?.size !== leaves.length || head.marked !== leaves.length)
        return `L1: ${name} has ${leaves.length} leaves, ${head?.size} in tiles, ${head?.marked} marked`
      if (published !== leaves.length)
        return `L2: ${name} has ${leaves.length} leaves, of which ${published} are published`
    }
    return undefined
  }

  /** A key that does not open any more was erased on purpose, by an act that is an entry. */
  function wrongErasure(eid: string, kid: string): string | undefined {
    const place = [...before.keys].find(([, row]) => row.kid === kid)
    if (place === undefined) return `S12: ${eid} was kept under a key that never was`
    if (place[1].kek !== undefined) return `S12: nothing leads to the key of ${eid}`
    if (stores.ways.get(kid) !== undefined || !place[1].isForgotten)
      return `S12: ${eid} was erased and its key still leads to its person`
    const erasures = [acts.erase, acts.eraseOther, acts.expire, acts.expireNext]
    return erasures.some(({ id }) => stores.entries.get(id) !== undefined)
      ? undefined
      : `S12: the key of ${eid} was erased by no act`
  }

  function rowLeft(eid: string): string | undefined {
    if (stores.notes.get(eid) !== undefined)
      return `S12: ${eid} was erased and a note of its person is left`
    for (const { key, line } of stores.rows.rows.values())
      if (line.id === eid && (key.by === 'subject' || key.by === 'case'))
        return `S12: ${eid} was erased and is still found under a ${key.by}`
    if ((stores.tags.get(eid)?.tags ?? []).length > 0)
      return `S12: ${eid} was erased and has tags of its person`
    return undefined
  }

  function missingPersonRow(eid: string): string | undefined {
    const client = clients.find((each) => each.eid === eid)
    const { leaf } = stores.entries.get(eid) ?? {}
    if (client === undefined || leaf === undefined) return undefined
    const under = (jurisdiction: string, by: string, value = '') =>
      stores.rows.get(`${jurisdiction}#${by}#${value} ${leaf.ts}#${eid}`) !== undefined
    // The last one is the case; of the others, who was asked for is on both sides.
    const [own, theirs] = [client.known.holder.at(-1), client.known.requester.at(-1)]
    const isFound =
      under(leaf.hj, 'case', own) &&
      client.known.holder.some((each) => under(leaf.hj, 'subject', each)) &&
      (leaf.hj === leaf.aj ||
        (under(leaf.aj, 'case', theirs) &&
          client.known.requester.some((each) => under(leaf.aj, 'subject', each))))
    return isFound ? undefined : `S12: ${eid} was not erased and is not found under its person`
  }

  return { check, checkEnd }
}

const sha256 = (...parts: readonly Uint8Array[]): Buffer => {
  const digest = createHash('sha256')
  for (const part of parts) digest.update(part)
  return digest.digest()
}

const leafHashOf = ({ leafBytes }: Stored): Buffer => sha256(Buffer.of(0), leafBytes)

/** The salt of what left. */
function saltOf({ leaf, ciphertext }: Stored, kek: Uint8Array): string {
  const { openings } = openEntry(leaf, ciphertext, kek)
  // A cast: a decision's entry has this.
  return ((openings.told?.value ?? {}) as { readonly paySalt: string }).paySalt
}

/** MTH of RFC 6962 §2.1 over the leaves from `start` to `end`, as it is written there. */
function rootOf({ leaves, roots }: Log, end: number, start = 0): Buffer {
  const n = end - start
  if (n === 0) return sha256()
  if (n === 1) return Buffer.from(leaves[start]?.leafHash ?? [])
  const known = roots.get(`${start} ${end}`)
  if (known !== undefined) return known
  let k = 1
  while (k * 2 < n) k *= 2
  const root = sha256(
    Buffer.of(1),
    rootOf({ leaves, roots } as Log, start + k, start),
    rootOf({ leaves, roots } as Log, end, start + k),
  )
  roots.set(`${start} ${end}`, root)
  return root
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const isSame = (a: Uint8Array | undefined, b: Uint8Array): boolean =>
  a !== undefined && Buffer.compare(a, b) === 0
const isSamePlaced = (a: readonly Placed[], b: readonly Placed[]): boolean =>
  a.length === b.length &&
  a.every((each, i) => each.eid === b[i]?.eid && isSame(each.leafHash, b[i].leafHash))
