/** What a receipt says, of an entry that never was. */

import type { ReceiptPayload } from '../../functions/ledger/receipt.ts'

export const payload: ReceiptPayload = {
  v: 1,
  log: 'comity.test/de/2026',
  eid: 'Ieerr3cg6lQgr-wYT_mx1F0xj3znO4dT0MXbcQ0J3Ys',
  lh: 'f78_45a-mzrxykt8VDc2qdUZ_aKtT8YTOBVCHLeLGA',
  out: 'deny',
  ts: '2026-11-24T22:25:46.123Z',
  sealBy: '2026-11-24T22:26:46.123Z',
  req: 'r',
}
