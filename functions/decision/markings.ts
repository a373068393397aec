/** The markings that an item carries, and the duties that travel with them. */

import type { PolicyObligation } from '../policy/policy.ts'
import type { Owed } from './blocker.ts'
import type { Item } from './facts.ts'

type Meaning = { readonly duties: readonly PolicyObligation[]; readonly cites: readonly string[] }

const meaning = (cites: readonly string[], ...codes: readonly string[]): Meaning => ({
  cites,
  duties: codes.map((code) => ({ code })),
})
const tlp = (...codes: readonly string[]) => meaning(['TLP 2.0 (FIRST, 2022)'], ...codes)
const europol = (...codes: readonly string[]) =>
  meaning(['Europol handling codes', 'Regulation (EU) 2016/794 art. 19(2)'], ...codes)
const interpol = meaning(['RPD arts 112-114'])
const british = meaning(['Government Security Classifications Policy (2024)'])

/**
 * The duties that each marking imposes, besides applying it again. They come from the record, so no policy
 * can forget them. Europol's H3 stands for conditions in words, which the holder adds.
 */
export const markings: Readonly<Record<string, Meaning>> = {
  'TLP:CLEAR': tlp(),
  'TLP:GREEN': tlp('O-CONF'),
  'TLP:AMBER': tlp('O-CONF', 'O-ONWARD'),
  'TLP:AMBER+STRICT': tlp('O-CONF', 'O-ONWARD'),
  'TLP:RED': tlp('O-CONF', 'O-ONWARD'),
  H0: europol('O-USE'),
  H1: europol('O-NOEVID'),
  H2: europol('O-ONWARD'),
  H3: europol('O-CONF'),
  'INTERPOL FOR OFFICIAL USE ONLY': interpol,
  'INTERPOL RESTRICTED': interpol,
  'INTERPOL CONFIDENTIAL': interpol,
  OFFICIAL: british,
  'OFFICIAL-SENSITIVE': british,
  SECRET: british,
  'TOP SECRET': british,
}

/** The markings whose meaning is known among handling codes: spaces, signs and small letters change no meaning. */
export const markingsIn = (handling: readonly string[]): readonly string[] => [
  ...new Set(handling.flatMap((code) => byLetters.get(lettersOf(code)) ?? [])),
]

const lettersOf = (code: string): string => code.toUpperCase().replace(/[^A-Z0-9]/g, '')
const byLetters = new Map(Object.keys(markings).map((code) => [lettersOf(code), code]))

/**
 * The duties that an item's own markings impose on its recipient: to apply each again, and what it entails.
 */
export const marked = ({ markings: own = [] }: Item): readonly Owed[] =>
  own.flatMap((value) => {
    const { duties, cites } = markings[value] ?? meaning([])
    return [{ code: 'O-MARK', value }, ...duties].map((duty) => ({
      duty,
      by: 'comity/marking',
      cites,
    }))
  })
