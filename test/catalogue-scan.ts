/** Finds sentences that stand in code: what a page would say in English to whoever reads another language. */

/** A text in a file that a reader would see, and its line. */
export type InCode = { readonly line: number; readonly text: string }

/** The texts of a file of pages that are not in the catalogue. */
export function textsIn(source: string): readonly InCode[] {
  const found: InCode[] = []
  let at = 0
  const lineAt = (place: number) => source.slice(0, place).split('\n').length
  const add = (place: number, text: string) =>
    found.push({ line: lineAt(place), text: text.trim() })

  /** Reads code until `end`, which closes it. */
  function code(end: string): void {
    let before = ''
    while (at < source.length) {
      const here = source[at] ?? ''
      if (source.startsWith('//', at)) at = source.indexOf('\n', at)
      else if (source.startsWith('/*', at)) at = source.indexOf('*/', at) + 2
      else if (here === "'" || here === '"') string(here, before)
      else if (here === '`') template(before)
      else if (here === '/' && /[(,=:[!&|?{};]\s*$|^\s*$/.test(before)) regex()
      else if (here === '{') {
        at += 1
        code('}')
      } else if (here === end) {
        at += 1
        return
      } else at += 1
      before = source.slice(Math.max(0, at - 60), at)
    }
  }

  function regex(): void {
    let isClass = false
    for (at += 1; at < source.length; at += 1) {
      const here = source[at]
      if (here === '\\') at += 1
      else if (here === '[') isClass = true
      else if (here === ']') isClass = false
      else if (here === '/' && !isClass) break
    }
    at += 1
  }

  function string(quote: string, before: string): void {
    const begun = at
    for (at += 1; source[at] !== quote; at += 1) if (source[at] === '\\') at += 1
    at += 1
    const text = source.slice(begun + 1, at - 1)
    const isName = /(import|from|throw .*|case|say\()\s*$/.test(before)
    if (!isName && isSentence(text)) add(begun, text)
  }

  function template(before: string): void {
    const isHtml = /html$/.test(before)
    const begun = at
    let [text, isTag, tag] = ['', false, '']
    const said: string[] = []
    for (at += 1; source[at] !== '`'; ) {
      if (source.startsWith('${', at)) {
        at += 2
        code('}')
        if (isTag) tag += '\uE000'
        else text += '\uE000'
        continue
      }
      const here = source[at] ?? ''
      if (isHtml && here === '<') [isTag, tag] = [true, '']
      else if (isHtml && here === '>' && isTag) {
        isTag = false
        // What is typed for a machine is no words for people.
        if (/^(code|pre)\b/.test(tag)) text += '\uE002'
        if (/^\/(code|pre)\b/.test(tag)) text = text.replace(/\uE002[^\uE002]*$/, '')
        for (const [, value = ''] of tag.matchAll(
          /(?:aria-label|alt|title|placeholder)="([^"]*)"/g,
        ))
          if (/\p{L}{2}/u.test(value)) said.push(value)
        text += '\uE001'
      } else if (isTag) tag += here
      else text += here
      at += 1
    }
    at += 1
    // A script has its sentences in strings; a stylesheet has none.
    if (/[sS]cript = $/.test(before)) said.push(...textsIn(text).map((each) => each.text))
    if (/[sS](cript|tyle) = $/.test(before)) text = ''
    if (isHtml && isAttributes(text)) return
    for (const each of isHtml ? text.split('\uE001') : [text])
      if (isHtml ? /\p{L}{2}/u.test(each.replaceAll(/&\w+;/g, '')) : isSentence(each))
        said.push(each)
    for (const each of said) add(begun, each.replaceAll('\uE000', '{…}'))
  }

  code('')
  return found
}

/** Whether a string is words for people: several, or one that begins as a sentence does. */
const isSentence = (text: string): boolean =>
  (/[\p{L}’,.:;)\uE000] \p{L}{2}|\p{L}{2,}[’,.:;]? [\p{L}\uE000(]/u.test(text) &&
    !/^[\w.-]+\/[\w.+-]+;/.test(text)) ||
  /^\p{Lu}\p{Ll}+$/u.test(text)

/** Whether a template is of attributes alone, which another puts into a tag. */
const isAttributes = (text: string): boolean =>
  /^ |="/.test(text) && /^ ?[\w-]+(="[^"]*")?( [\w-]+(="[^"]*")?|\uE000)*$/.test(text)
