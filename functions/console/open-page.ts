/** Pages for whoever is not logged in. */

import type { Html } from '../answer/reply/html.ts'
import { pageText, type Words } from './page.ts'

/** What the pages of one gateway's console share. */
export const siteOf = (gateway: string) => ({
  ...{ site: gateway, home: '/console', assets: '/console' },
})

/** A page that nobody need log in for. It says nothing of the log or of a person. */
export const openPage = (gateway: string, title: Words, main: Html): string =>
  pageText({ title, main, ...siteOf(gateway) })
