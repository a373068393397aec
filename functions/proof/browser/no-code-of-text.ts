/**
 * Has zod check without making code of text, which the pages allow no script. It must be told before the first schema is
 * made, so this is imported first.
 */

import * as z from 'zod'

z.config({ jitless: true })
