/** What a text says in words. */

/**
 * A text without its ids, digests and signatures. They are random: some hundred letters of them have any three letters
 * in them once in a thousand runs, in which a test that looks for a short word would fail.
 */
export const withoutIds = (text: string): string =>
  text.replaceAll(/(?<![\w-])[\w-]{22,}(?![\w-])/g, '')
