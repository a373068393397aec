/** A browser, which shares no code with us, sees the same pixels before and after. */

import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stripped } from '../../functions/picture/picture.ts'
import { launch } from '../browser/chromium.ts'
import { chunk, picture, telling, withSegments } from './pictures.ts'

let browser: Browser | undefined
beforeAll(async () => {
  browser = await launch()
}, 60_000)
afterAll(() => browser?.close())

const photograph = (turned: number) => withSegments(picture('baseline'), ...telling(turned))
const palette = picture('palette')
const withTexts = Buffer.concat([
  palette.subarray(0, 33),
  chunk('tEXt', 'Author\0officer 7'),
  palette.subarray(33),
])

type Pixels = { readonly width: number; readonly height: number; readonly all: readonly number[] }

test.each([
  ['a photograph with all that a camera says', 'image/jpeg', () => photograph(1)],
  ['one that is to be turned', 'image/jpeg', () => photograph(6)],
  ['a progressive one', 'image/jpeg', () => withSegments(picture('progressive'), ...telling())],
  ['a grey one', 'image/jpeg', () => withSegments(picture('grey'), ...telling())],
  ['a picture with a palette and texts', 'image/png', () => withTexts],
] as const)('The pixels of %s are what they were', async (_, type, make) => {
  if (browser === undefined) return
  const before = make()
  const after = await stripped(before, type)
  if ('wrong' in after) throw new Error(after.wrong)
  expect(after.bytes.length).toBeLessThan(before.length)
  const page = await browser.newPage()
  // As text, since the types of a browser are not ours.
  const pixelsOf = (bytes: Uint8Array): Promise<Pixels> =>
    page.evaluate(`(async () => {
      const image = new Image()
      image.src = 'data:${type};base64,${Buffer.from(bytes).toString('base64')}'
      await image.decode()
      const { naturalWidth: width, naturalHeight: height } = image
      const context = new OffscreenCanvas(width, height).getContext('2d')
      context.drawImage(image, 0, 0)
      return { width, height, all: [...context.getImageData(0, 0, width, height).data] }
    })()`)
  const [first, second] = [await pixelsOf(before), await pixelsOf(after.bytes)]
  await page.close()
  expect(second).toEqual(first)
  expect(first.width * first.height).toBe(48 * 32)
  expect(first.all).toHaveLength(4 * 48 * 32)
})
