/**
 * The script with which a browser checks: in `verify.html` a file of evidence, without a network; on pages of the
 * console one entry and the growth of a log, from the console's own address. It says whose word each part rests on.
 */

import './no-code-of-text.ts'

import { termLines } from '../../audit/entry-terms.ts'
import { decidesAgain } from '../../audit/replay.ts'
import { bundleBytesMax, type CheckedBundle, checkBundle } from '../evidence-check.ts'
import { againstSeen } from '../evidence-seen.ts'
import { bundleLines, findingLines, keyWords, verdictLines } from '../verdict.ts'
import { seenFile } from '../verify-memory.ts'
import { isFromOutside, trustFile } from '../verify-trust.ts'
import {
  bad,
  type CheckVerdict,
  elementWith,
  fileIn,
  jsonIn,
  type PageElement,
  showIn,
} from './shown.ts'
import { checkOnSite } from './site.ts'

const form = elementWith('form')
const result = elementWith('result')
if (elementWith('evidence') === undefined) checkOnSite()
else if (form !== undefined && result !== undefined) checkFiles(form, result)

/** Checks the file that a reader chooses. */
function checkFiles(form: PageElement, result: PageElement): void {
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    showIn(result, { mark: 'part', lines: ['Checking …'] })
    void check()
      .catch((error: unknown) =>
        bad('It could not be checked, so nothing is shown.', String(error)),
      )
      .then((verdict) => {
        showIn(result, verdict)
        result.focus()
      })
  })
}

async function check(): Promise<CheckVerdict> {
  const file = fileIn('evidence')
  if (file === undefined) return bad('Choose a file of evidence first.')
  if (file.size > bundleBytesMax) return bad(`${file.name} is larger than evidence can be.`)
  const trust = await jsonIn('trust', trustFile)
  const seen = await jsonIn('seen', seenFile)
  for (const each of [trust, seen])
    if (each !== undefined && 'wrong' in each) return bad(each.wrong)
  const fingerprint = elementWith('fingerprint')?.value.trim() || undefined
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

function verdictOf(name: string, checked: CheckedBundle, isNobodys: boolean): CheckVerdict {
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
      ...termLines(checked),
      'Whose word it rests on:',
      ...keys.map((each) => `- ${keyWords(each)}`),
    ],
  }
}
