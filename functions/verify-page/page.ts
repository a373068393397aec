/** The script of `verify.html`: checks a bundle of evidence in the browser, and says whose word each part rests on. */

import * as z from 'zod'
import { decidesAgain } from '../audit/replay.ts'
import { bundleBytesMax, type CheckedBundle, checkBundle } from '../proof/evidence-check.ts'
import { againstSeen } from '../proof/evidence-seen.ts'
import { bundleLines, findingLines, keyWords, verdictLines } from '../proof/verdict.ts'
import { seenFile } from '../proof/verify-memory.ts'
import { isFromOutside, trustFile } from '../proof/verify-trust.ts'

// The page allows no code that is made of text, which zod would try.
z.config({ jitless: true })

/** As much of a page as the script uses. */
type PageElement = {
  readonly files?: ArrayLike<File>
  readonly value: string
  textContent: string
  className: string
  append(...all: readonly (PageElement | string)[]): void
  replaceChildren(...all: readonly PageElement[]): void
  addEventListener(event: 'submit', on: (event: { preventDefault(): void }) => void): void
  focus(): void
}
const { document } = globalThis as unknown as {
  readonly document: {
    getElementById(id: string): PageElement
    createElement(name: string): PageElement
  }
}

/** What is said of a bundle. Only `good` means that somebody other than the gateway vouches for all of it. */
type Verdict = { readonly mark: 'good' | 'part' | 'bad'; readonly lines: readonly string[] }

const bad = (...lines: readonly string[]): Verdict => ({ mark: 'bad', lines })

document.getElementById('form').addEventListener('submit', (event) => {
  event.preventDefault()
  show({ mark: 'part', lines: ['Checking …'] })
  check().then(show, (error: unknown) =>
    show(bad('It could not be checked, so nothing is shown.', String(error))),
  )
})

async function check(): Promise<Verdict> {
  const file = fileIn('evidence')
  if (file === undefined) return bad('Choose a file of evidence first.')
  if (file.size > bundleBytesMax) return bad(`${file.name} is larger than evidence can be.`)
  const trust = await jsonIn('trust', trustFile)
  const seen = await jsonIn('seen', seenFile)
  for (const each of [trust, seen])
    if (each !== undefined && 'wrong' in each) return bad(each.wrong)
  const fingerprint = document.getElementById('fingerprint').value.trim() || undefined
  if (fingerprint !== undefined && !/^[A-Za-z0-9_-]{43}$/.test(fingerprint))
    return bad('A fingerprint has 43 letters, digits, hyphens and underscores.')
  const trusted = trust !== undefined && 'data' in trust ? trust.data : undefined
  const bytes = new Uint8Array(await file.arrayBuffer())
  const checked = await checkBundle(bytes, { fingerprint, trust: trusted }, decidesAgain)
  const grown =
    seen !== undefined && 'data' in seen && checked.manifest !== undefined
      ? againstSeen(checked.manifest, seen.data)
      : []
  const all = { ...checked, findings: [...checked.findings, ...grown] }
  const verdict = verdictOf(file.name, all, fingerprint === undefined && trusted === undefined)
  const { logs = [] } = (seen !== undefined && 'data' in seen && seen.data) || {}
  const unseen = Object.keys(checked.manifest?.checkpoints ?? {}).filter(
    (log) => !logs.some((each) => each.log === log),
  )
  if (seen === undefined || unseen.length === 0 || verdict.mark === 'bad') return verdict
  const says = `Not seen before, so that nothing shows whether it was rolled back: ${unseen.join(', ')}`
  return { mark: 'part', lines: [...verdict.lines, says] }
}

function verdictOf(name: string, checked: CheckedBundle, isNobodys: boolean): Verdict {
  const { findings, fingerprint = '', keys, word } = checked
  if (findings.length > 0) return bad(...findingLines(name, findings))
  if (isNobodys)
    return {
      mark: 'part',
      lines: [
        `${name} agrees with itself, which anyone can make a file do: nothing shows from whom it is.`,
        'Ask the gateway, or an authority you trust, for the fingerprint of its key.',
        `This file is signed with the key ${fingerprint}.`,
      ],
    }
  const [first = '', ...weak] = verdictLines(name, checked, 'choose it above')
  return {
    mark: isFromOutside(word) ? 'good' : 'part',
    lines: [
      first,
      ...weak.slice(-1).filter((line) => line.startsWith('  To know')),
      'What is in it:',
      ...bundleLines(checked),
      'Whose word it rests on:',
      ...keys.map((each) => `- ${keyWords(each)}`),
    ],
  }
}

const fileIn = (id: string): File | undefined => document.getElementById(id).files?.[0]

/** Most bytes of a trust file, or of what was seen before. */
const jsonBytesMax = 1_048_576

async function jsonIn<T>(
  id: string,
  schema: z.ZodType<T>,
): Promise<{ readonly data: T } | { readonly wrong: string } | undefined> {
  const file = fileIn(id)
  if (file === undefined) return undefined
  const wrong = (says: string) => ({ wrong: `${file.name} cannot be used: ${says}` })
  if (file.size > jsonBytesMax) return wrong('it is too large')
  let value: unknown
  try {
    value = JSON.parse(await file.text())
  } catch {
    return wrong('it is no JSON')
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return { data: parsed.data }
  const [issue] = parsed.error.issues
  return wrong(`/${issue?.path.map(String).join('/') ?? ''}: ${issue?.message}`)
}

const signs = { good: '✓', part: '◐', bad: '✕' } as const

function show({ mark, lines }: Verdict): void {
  const [first = '', ...rest] = lines
  const result = document.getElementById('result')
  const head = document.createElement('p')
  head.className = `verdict ${mark}`
  head.append(`${signs[mark]} ${first}`)
  const all = rest.map((line) => {
    const each = document.createElement('p')
    each.className = line.startsWith('-') || line.startsWith('  ') ? 'line' : 'head'
    each.textContent = line
    return each
  })
  result.replaceChildren(head, ...all)
  result.focus()
}
