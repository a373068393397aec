/** Pages of HTML that are printed or kept: without a script, and with nothing from elsewhere. */

import { visible } from '../../decision/free-text.ts'

/**
 * HTML, to be written in a reader's language. The `html` template escapes every part that is not HTML itself. It is no
 * text: put into a string, it throws.
 */
export type Html = { readonly write: (language: string) => string; readonly toString: () => never }

/** HTML by what writes it. */
export const htmlBy = (write: Html['write']): Html => ({
  write,
  toString: () => {
    throw new TypeError('HTML stands where a text is wanted: use the html template there')
  },
})

/** What may stand in HTML. */
export type HtmlPart = string | number | undefined | Html | readonly (string | Html)[]

/** Makes HTML from a template. */
export const html = (texts: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html =>
  htmlBy((language) => texts.map((text, i) => text + written(parts[i], language)).join(''))

/** Whether nothing is in it. */
export const isEmpty = ({ write }: Html): boolean => write('en') === ''

function written(part: HtmlPart, language: string): string {
  if (part === undefined) return ''
  if (typeof part !== 'object') return escaped(String(part))
  return 'write' in part
    ? part.write(language)
    : part.map((each) => written(each, language)).join('')
}

const escaped = (text: string): string =>
  visible(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

/** The style of a page, for a screen, a phone and paper. */
const pageStyle = htmlBy(
  () => `
body{max-width:46rem;margin:2rem auto;padding:0 1rem;font:1rem/1.5 Georgia,serif;color:#111;background:#fff}
h1,h2,h3{line-height:1.2;font-family:system-ui,sans-serif}h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2.5rem}h3{font-size:1rem}
dl{display:grid;grid-template-columns:minmax(8rem,auto) 1fr;gap:.25rem 1rem}dt{color:#444}dd{margin:0}
dd,dt,code,li,p{overflow-wrap:anywhere}code{font-size:.85em}li{margin-bottom:.25rem}
.key{font-size:1.1rem;border:1px solid #111;padding:.3rem .5rem;display:inline-block}
.note{border:2px solid #111;padding:.5rem .75rem}.known{font-size:.9rem;columns:2 18rem;column-gap:2rem}
section{border-top:1px solid #999}a{color:inherit}
@media (max-width:30rem){body{margin:1rem auto}dl{grid-template-columns:1fr;gap:0}dt{margin-top:.5rem}ul,ol{padding-left:1.2rem}}
@media print{@page{margin:18mm}body{margin:0;padding:0;max-width:none;font-size:10.5pt}h2,h3{break-after:avoid}li,dd,dt,.note{break-inside:avoid}p{orphans:3;widows:3}}
`,
)

/** What a page begins with, before its body. */
export const headHtml = (title: Html): Html =>
  html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${pageStyle}</style>
</head>`
