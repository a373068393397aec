/** How names stand in the machine-readable zone of a passport or visa. */

/**
 * The letters that ICAO Doc 9303-3, section 6.A, transliterates otherwise than by leaving out their
 * marks. Where it gives a choice, this is the first: of the others, `A`, `O`, `U` and `N` are what
 * leaving out marks gives, and `NXX` and `UXX` are looked for by nobody.
 */
const transliterations: Readonly<Record<string, string>> = {
  Ä: 'AE',
  Å: 'AA',
  Æ: 'AE',
  Ð: 'D',
  Đ: 'D',
  Ħ: 'H',
  Ł: 'L',
  Ŋ: 'N',
  Ö: 'OE',
  Ø: 'OE',
  Œ: 'OE',
  Þ: 'TH',
  Ŧ: 'T',
  Ü: 'UE',
}

/** A word with these letters transliterated, in upper case; all others as they are. */
export const transliterate = (word: string): string =>
  word
    .normalize('NFKC')
    .toUpperCase()
    .replace(/\P{ASCII}/gu, (letter) => transliterations[letter] ?? letter)
