/**
 * What the script does on pages of the console: it fetches evidence, checkpoint and tiles from the console's own address
 * and checks them, by keys that the reader brings and what this browser saw before.
 */

import { type NamedTerm, namedTerms, type PartialValues } from '../../audit/entry-terms.ts'
import { decidesAgain } from '../../audit/replay.ts'
import type { Checkpoint, Cosigner } from '../../ledger/checkpoint.ts'
import { leafHash } from '../../ledger/entry.ts'
import { canonicalBytes } from '../../ledger/evidence.ts'
import { isLooksLog } from '../../ledger/looks-log.ts'
import type { GetFile } from '../../ledger/tiles.ts'
import { bundleBytesMax, type CheckedBundle, checkBundle } from '../evidence-check.ts'
import { bundleLines, keyWords, verdictLines } from '../verdict.ts'
import { checkPublished, type PublishedLog } from '../verify-published.ts'
import { isFromOutside, type TrustFile, trustFile, type UsedKey, weakest } from '../verify-trust.ts'
import {
  forgetTree,
  forgetTrust,
  keepTree,
  keepTrust,
  keptLogs,
  keptTree,
  keptTrust,
} from './kept.ts'
import {
  bad,
  type CheckVerdict,
  elementOf,
  elementsOf,
  elementWith,
  jsonIn,
  type PageElement,
  showIn,
} from './shown.ts'

const { location } = globalThis as unknown as { readonly location: { readonly pathname: string } }

/** Longest that an answer may take, ms. */
const fetchMs = 20_000
/** Largest file of a log that is read, bytes: a checkpoint with all its cosignatures. */
const fileBytesMax = 131_072

/** Sets the page up: what a script alone can do is shown, and what needs no choice is checked at once. */
export function checkOnSite(): void {
  for (const each of elementsOf('[data-script]')) each.hidden = false
  showTrust()
  elementWith('forget-trust')?.addEventListener('click', () => {
    forgetTrust()
    showTrust()
  })
  const form = elementWith('verify-entry')
  const result = elementWith('result')
  if (form !== undefined && result !== undefined)
    form.addEventListener('submit', async (event) => {
      event.preventDefault()
      await showing(result, () => checkEntryOf(form))
      result.focus()
    })
  elementWith('verify-logs')?.addEventListener('submit', (event) => {
    event.preventDefault()
    checkLogs()
  })
  elementWith('forget-trees')?.addEventListener('click', () => {
    for (const { dataset } of elementsOf('[data-log]')) forgetTree(dataset.log ?? '')
    checkLogs()
  })
  if (elementWith('verify-logs') !== undefined) checkLogs()
}

const checkLogs = (): void => {
  showOthers()
  for (const each of elementsOf('[data-log]'))
    void showing(each, () => checkLog(each.dataset.log ?? ''))
}

/**
 * Shows a place for each log that this browser saw and that the page leaves out: a log that was emptied, or that
 * whoever serves the page does not name, is not caught otherwise.
 */
function showOthers(): void {
  const others = elementWith('other-logs')
  others?.replaceChildren()
  const named = new Set(elementsOf('[data-log]').map(({ dataset }) => dataset.log))
  for (const log of keptLogs())
    if (!named.has(log))
      others?.append(
        elementOf('h3', { textContent: log }),
        elementOf('div', { className: 'verified' }, { log }),
      )
}

/** Shows that something is checked, then what came of it. What could not be checked is never shown as whole. */
async function showing(result: PageElement, check: () => Promise<CheckVerdict>): Promise<void> {
  showIn(result, { mark: 'part', lines: ['Checking …'] })
  const failed = (error: unknown) =>
    bad('It could not be checked, so nothing is shown.', String(error))
  showIn(result, await check().catch(failed))
}

/** Says which keys this browser keeps. */
function showTrust(): void {
  const says = elementWith('kept-trust')
  const trust = keptTrust()
  if (says === undefined) return
  says.textContent =
    trust === undefined
      ? 'This browser keeps no keys of yours yet.'
      : `This browser keeps your keys of ${counted(trust.logs.length, 'log')} and ${counted(trust.witnesses.length, 'witness', 'witnesses')}.`
  for (const each of elementsOf('#forget-trust')) each.hidden = trust === undefined
}

/** The keys that the reader chose, which are kept; or those that were kept. */
async function trusted(): Promise<{ readonly trust?: TrustFile } | { readonly wrong: string }> {
  const chosen = await jsonIn('trust', trustFile)
  if (chosen === undefined) {
    const trust = keptTrust()
    return trust === undefined ? {} : { trust }
  }
  if ('wrong' in chosen) return chosen
  keepTrust(chosen.text)
  showTrust()
  return { trust: chosen.data }
}

/** The published files of a log. */
const filesOf =
  (log: string): GetFile =>
  async (path) => {
    const answer = await fetched(`/log/${log}/${path}`)
    if (answer.status === 404) return undefined
    if (!answer.ok) throw new Error(`${path} of ${log} was answered with ${answer.status}`)
    return bytesOf(answer, fileBytesMax)
  }

const fetched = (address: string, init: RequestInit = {}): Promise<Response> =>
  fetch(address, { cache: 'no-store', signal: AbortSignal.timeout(fetchMs), ...init })

async function bytesOf(answer: Response, most: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(await answer.arrayBuffer())
  if (bytes.length > most) throw new Error(`an answer has more than ${most} bytes`)
  return bytes
}

/** Checks the growth of a log; a tree that holds is kept. */
async function checkLog(log: string): Promise<CheckVerdict> {
  const by = await trusted()
  if ('wrong' in by) return bad(by.wrong)
  const seen = keptTree(log)
  const published = await checkPublished(log, filesOf(log), { ...by, seen })
  const { faults, head, keys, cosigners } = published
  if (faults.some(({ code }) => code === 'no-checkpoint') && seen === undefined)
    return { mark: 'part', lines: ['It publishes no checkpoint yet.'] }
  if (faults.length > 0 || head === undefined) return bad(...faultLines(published, seen))
  const grown = grownWords(head, seen)
  const isWhole = seen !== undefined && isFromOutside(weakest(keys))
  return {
    mark: isWhole ? 'good' : 'part',
    lines: [grown, ...signedLines(by.trust, keys, cosigners)],
  }
}

const faultLines = (
  { faults }: PublishedLog,
  seen: ReturnType<typeof keptTree>,
): readonly string[] => [
  'DOES NOT HOLD',
  ...faults.map(({ says }) => `- ${says}`),
  ...(seen === undefined ? [] : [`This browser saw ${countOf(seen.size)} on ${moment(seen.at)}.`]),
]

/** What the tree is beside what this browser saw. It is kept from then on. */
function grownWords(head: Checkpoint, seen: ReturnType<typeof keptTree>): string {
  const isKept = keepTree(head, new Date().toISOString())
  if (!isKept)
    return 'This browser keeps nothing, so that it cannot say whether the log grew: keep the address below, or use comity log verify --since.'
  if (seen === undefined)
    return `Seen for the first time: from now on this browser keeps that it has ${countOf(head.size)}.`
  const before = `this browser saw on ${moment(seen.at)}`
  return seen.size === head.size
    ? `It is what ${before}, with ${countOf(head.size)}.`
    : `It grew from the ${countOf(seen.size)} that ${before}, to ${head.size}.`
}

function signedLines(
  trust: TrustFile | undefined,
  keys: readonly UsedKey[],
  cosigners: readonly Cosigner[],
): readonly string[] {
  if (trust === undefined)
    return ['By nobody’s word: without a trust file, nothing shows that the log signed this.']
  const saw = cosigners.map(
    ({ name, seconds }) => `- ${name} saw it at ${moment(new Date(seconds * 1000).toISOString())}`,
  )
  return ['Whose word it rests on:', ...keys.map((each) => `- ${keyWords(each)}`), ...saw]
}

/** Checks the entry of a page: its evidence, its place in the newest tree, and that the tree grew. */
async function checkEntryOf({ dataset, elements = {} }: PageElement): Promise<CheckVerdict> {
  const { entry = '', log = '', evidence = '' } = dataset
  const by = await trusted()
  if ('wrong' in by) return bad(by.wrong)
  const asked = new URLSearchParams(
    Object.fromEntries(['token', 'purpose'].map((name) => [name, elements[name]?.value ?? ''])),
  )
  const answer = await fetched(evidence, { method: 'POST', body: asked })
  if (answer.headers.get('Content-Type') !== 'application/zip')
    return bad(
      `The gateway gives no evidence of this entry: it answered with ${answer.status}.`,
      // So is whoever has no session any more.
      answer.ok || answer.status === 403
        ? 'Log in again, then try once more. If it stays so, ask its operator.'
        : answer.status === 429
          ? 'It was asked too often: wait a minute, then try once more.'
          : 'That is not to happen: ask its operator.',
    )
  const checked = await checkBundle(
    await bytesOf(answer, bundleBytesMax),
    { trust: by.trust },
    decidesAgain,
  )
  const { findings, manifest, entries } = checked
  if (findings.length > 0)
    return bad(
      'This entry does NOT hold:',
      ...findings.map(({ file, says }) => `- ${file ?? 'the evidence'}: ${says}`),
    )
  const found = entries.find((each) => each.leaf.eid === entry)
  const index = manifest?.entries.find((each) => each.eid === entry)?.index
  if (found === undefined || index === undefined || found.leaf.log !== log)
    return bad('What the gateway gave is evidence of another entry.')
  const { leaf, law, values } = found
  // A cast: what its commitments protect is what was entered; what is not there is not said.
  const said = namedTerms({ leaf, index, law, values: values as PartialValues })
  if (isLooksLog(log)) return besidePage(said, entry, entryVerdict(checked, unserved, by.trust))
  const seen = keptTree(log)
  const held = { ...by, seen, leaf: { hash: leafHash(canonicalBytes(leaf)), index } }
  const published = await checkPublished(log, filesOf(log), held)
  const { faults, head } = published
  if (faults.length > 0 || head === undefined) return bad(...faultLines(published, seen))
  const place = `- in the newest tree of ${head.origin}, ${countOf(head.size)}, by its tiles`
  const newest = [place, `- ${grownWords(head, seen)}`]
  const verdict = entryVerdict(checked, newest, by.trust, published)
  return besidePage(said, entry, verdict)
}

/**
 * The verdict with what the entry itself says, and where the page around it says something else: whoever serves the page
 * can show a true entry's check beside words of his own. What the page leaves out or hides is not compared.
 */
function besidePage(
  said: readonly NamedTerm[],
  entry: string,
  { mark, lines: [first = '', ...rest] }: CheckVerdict,
): CheckVerdict {
  const itself = [
    'What this entry itself says, from what was checked:',
    ...said.map(({ term, says }) => `- ${term}: ${says}`),
  ]
  const differs = elementsOf('[data-said]').flatMap(({ dataset, textContent }) => {
    const of = said.find(({ name }) => name === dataset.said)
    const page = spaced(textContent)
    return of === undefined || page === spaced(of.says)
      ? []
      : [`- ${of.term}: the page says “${page}”`]
  })
  const isOther = !location.pathname.split('/').includes(entry)
  if (differs.length === 0 && !isOther) return { mark, lines: [first, ...itself, ...rest] }
  const other = isOther ? ['- it is not the entry of this page’s address'] : []
  const lines = [...other, ...differs, ...itself, 'Of that entry:', `- ${first}`, ...rest]
  return bad('THIS PAGE SAYS SOMETHING ELSE than the entry that was checked:', ...lines)
}

/** Text as it is read: a page may break its lines elsewhere, and each run of spaces is one to the eye. */
const spaced = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()

function entryVerdict(
  checked: CheckedBundle,
  newest: readonly string[],
  trust: TrustFile | undefined,
  { keys, cosigners }: Pick<PublishedLog, 'keys' | 'cosigners'> = { keys: [], cosigners: [] },
): CheckVerdict {
  const what = ['What was checked:', ...bundleLines(checked), ...newest]
  if (trust === undefined)
    return {
      mark: 'part',
      lines: [
        'It agrees with itself and with its log, which whoever runs the gateway could make: you brought no keys.',
        ...what,
        `The evidence is signed with the key ${checked.fingerprint ?? ''}.`,
      ],
    }
  const all = [...new Map([...checked.keys, ...keys].map((each) => [each.key, each])).values()]
  const word = weakest(all)
  const [first = ''] = verdictLines('This entry', { ...checked, word, keys: all })
  const [, ...signed] = signedLines(trust, all, cosigners)
  return {
    mark: isFromOutside(word) ? 'good' : 'part',
    lines: [first, ...what, 'Whose word it rests on:', ...signed],
  }
}

/** Of a look there is no tree to ask for, so that nobody sees that somebody looked. */
const unserved = [
  '- not whether its log grew, which is served to nobody: comity log verify --since says that of an export',
]

const countOf = (size: number): string => counted(size, 'entry', 'entries')
const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`
const moment = (ts: string): string => `${ts.slice(0, 10)} ${ts.slice(11, 19)} UTC`
